"""`kahvi access` and `kahvi audit`: who may see and do what, and who did."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from getpass import getuser

from sqlmodel import Session

from bot import parts, roles
from bot.accounts.search import look_up
from bot.clock import utc_now
from bot.errors import SettingsError
from bot.roles import EVERYONE, Grant, Reach, role_of, wrong_with
from bot.settings import Settings
from storage import audit, locks, tunings
from storage.audit import Asked, Entry
from storage.tunings import ACCESS

NOBODY = "Nobody was given a role: only owners and admins of the Slack workspace may see customer data."
OF = {Reach.ALL: "all accounts", Reach.TEAM: "the accounts of its members", Reach.OWN: "their own accounts"}


def show(settings: Settings) -> str:
    """Who was given which role, one line each."""
    return _changed(settings, None)


def give(settings: Settings, to: str, role: str, reach: str) -> str:
    """Give a role; raises SettingsError where that cannot be."""
    found = role_of(role)
    assert found is not None  # noqa: S101 - the command line knows the roles
    grant = Grant(to if to == EVERYONE else to.upper(), found, Reach(reach))
    if wrong := wrong_with(grant):
        raise SettingsError(wrong)
    return _changed(settings, lambda present: roles.with_grants(present, [grant]))


def take(settings: Settings, to: str) -> str:
    """Take away what was given to one id; raises SettingsError where nothing was."""

    def without(present: Sequence[Grant]) -> Sequence[Grant]:
        left = [one for one in present if one.to.casefold() != to.casefold()]
        if len(left) == len(present):
            raise SettingsError(f'Nothing was given to "{to[:40]}"; `kahvi access` lists who has a role.')
        return left

    return _changed(settings, without)


def entries(settings: Settings, asked: Asked, *, as_json: bool) -> str:
    """What was looked at and changed, the newest first."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            found = audit.found(session, asked) or _by_name(session, asked)
    finally:
        database.close()
    if as_json:
        return json.dumps([_plain(one) for one in found], indent=2)
    if not found:
        return "Nothing was asked for that fits."
    return "\n".join(_line(one, settings) for one in found)


def _by_name(session: Session, asked: Asked) -> Sequence[Entry]:
    """What is found where the account was called by its name instead of its id."""
    account = look_up(session, asked.subject).sure if asked.subject else None
    return audit.found(session, replace(asked, subject=account.id)) if account else ()


def _changed(settings: Settings, change: Callable[[Sequence[Grant]], Sequence[Grant]] | None) -> str:
    """The list of grants, after a change."""
    database = parts.open_database(settings)
    try:
        with database.writing() if change else database.reading() as session:
            present = _change(session, change, utc_now()) if change else roles.in_force(session)
    finally:
        database.close()
    return "\n".join(f"{one.to}: {one.role.word}, {OF[one.reach]}" for one in present) or NOBODY


def _change(session: Session, change: Callable[[Sequence[Grant]], Sequence[Grant]], now: datetime) -> Sequence[Grant]:
    locks.alone(session, ACCESS)
    after = change(roles.in_force(session))
    tunings.choose(session, roles.plain(after), f"{getuser()} at the command line", now, ACCESS)
    return after


def _plain(one: Entry) -> dict[str, object]:
    return {**asdict(one), "at": one.at.isoformat()}


def _line(one: Entry, settings: Settings) -> str:
    at = one.at.astimezone(settings.timezone)
    refused = "" if one.granted else "  refused"
    return f"{at:%Y-%m-%d %H:%M:%S}  {one.user:<12}  {one.action}{f' {one.subject}' if one.subject else ''}{refused}"
