"""`kahvi export` and `kahvi erase`: what is stored about an account or a person, and taking it out."""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from getpass import getuser

from pydantic_core import to_jsonable_python
from sqlmodel import Session

from bot import erasing, parts
from bot.accounts.export import as_json
from bot.accounts.search import Match, look_up
from bot.clock import utc_now
from bot.erasing import LONGEST
from bot.errors import KahviError
from bot.messages.blocks import plain
from bot.settings import Settings
from storage import erasure
from storage.engine import Database
from storage.fact_store import folded
from storage.held import naming
from storage.pseudonyms import kept_as

NEAR = 3
ONCE_MORE = "Was an erasure interrupted? kahvi erase --files finishes it."
HELD_UP = (
    "The files still hold old pages, since others used the database just now or the disk is full: "
    "run kahvi erase --files once more."
)
Confirm = Callable[[str], bool]


def export(settings: Settings, account: str) -> str:
    """The account that has just this id, name or address, as JSON; KahviError where none or several have."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            return as_json(session, _meant(session, account).id)
    finally:
        database.close()


def export_person(settings: Settings, token: str) -> str:
    """All rows that name a person, by table, as JSON; KahviError for what names nobody."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            found = naming(session, erasing.tokens_of(session, token))
    finally:
        database.close()
    return json.dumps(to_jsonable_python(found), indent=1, ensure_ascii=False)


def erase(settings: Settings, account: str, confirm: Confirm) -> str:
    """Erase the account that is named, once its name is confirmed; what was done in sentences.

    By its id one that was erased is erased once more: an interruption may have left something.
    """

    def work(session: Session, now: datetime) -> int:
        return erasing.erase_account(session, settings.source, id_, getuser(), now)

    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            meant = None if kept_as(session, account) != account else _meant(session, account)
            id_ = meant.id if meant else account
            whom = f"{plain(meant.name, LONGEST)} ({id_})" if meant else id_
            erasing.demand_ended(session, id_)
        return _erased(database, whom, [id_], work, confirm)
    finally:
        database.close()


def erase_person(settings: Settings, token: str, confirm: Confirm) -> str:
    """Erase a person by an address or the id that Slack gave them, once that is confirmed."""

    def work(session: Session, now: datetime) -> int:
        return erasing.erase_person(session, token, getuser(), now)

    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            tokens = erasing.tokens_of(session, token)
            if not naming(session, tokens):
                raise KahviError(f"Nothing that is stored names {plain(token, LONGEST)}. {ONCE_MORE}")
        return _erased(database, token, tokens, work, confirm)
    finally:
        database.close()


def scrub(settings: Settings) -> str:
    """Write the database's files anew, so that no byte of what was erased before is left in them."""
    database = parts.open_database(settings)
    try:
        return "The files are written anew." if database.scrub() else HELD_UP
    finally:
        database.close()


def _erased(
    database: Database,
    whom: str,
    traces: Collection[str],
    work: Callable[[Session, datetime], int],
    confirm: Confirm,
) -> str:
    if not confirm(f"Erase {whom}? It cannot be undone."):
        raise KahviError("Nothing was erased.")
    with database.writing() as session:
        messages = work(session, utc_now())
    lines = [f"{whom} is erased; sums stay what they were."]
    if messages:
        lines.append(f"{messages:,} messages in Slack are changed as soon as kahvi run is at work.")
    with database.reading() as session:
        left = erasure.left(session, traces)
    if left:
        lines.append(f"What others are told by still names it, and is theirs to change: {', '.join(left)}.")
    if not database.scrub():
        lines.append(HELD_UP)
    return "\n".join(lines)


def _meant(session: Session, account: str) -> Match:
    """The account that has just this id, name or address: what is only alike is another customer."""
    if kept_as(session, account) != account:
        raise KahviError(f"{plain(account, LONGEST)} is erased.")
    found = look_up(session, account)
    one, typed = found.one, folded(account)
    if one and typed in (folded(one.id), folded(one.name), folded(one.email or "")):
        return one
    near = ", ".join(f"{one.id} ({plain(one.name, LONGEST)})" for one in ([one] if one else found.matches[:NEAR]))
    hint = f"did you mean {near}?" if near else "write its id."
    raise KahviError(f'"{plain(account, LONGEST)}" is not clearly one account; {hint}')
