"""Asks the owner of an account that leaves for the exit interview: when it is known, and once more two days later."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.messages import exits as messages
from bot.risk.readers import readers
from bot.risk.settings import RiskSettings
from storage import channels, departures, outbox, owners, people
from storage.accounts import called
from storage.departures import Departure

LATELY = timedelta(days=14)
AGAIN = timedelta(hours=48)
OF_USE = timedelta(days=3)


def ask(session: Session, settings: RiskSettings, now: datetime) -> None:
    """Write the direct messages that are due; none to who is to be left alone."""
    found = departures.without_interview(session, now - LATELY, now)
    names = called.names(session, [one.account_id for one in found])
    whom = _whom(session, found)
    people_asked = readers(session, sorted(set(whom.values())), settings)
    for one in found:
        user = whom.get(one.account_id)
        if user is None or people_asked[user].is_quiet(now):
            continue
        key = f"exit_prompt:{one.account_id}:{one.came.isoformat()}"
        name = names[one.account_id].name
        said = messages.prompt(one.account_id, name, one.left, one.lost)
        outbox.put(session, key, user, said.text, said.blocks, now=now, expires_at=now + OF_USE)
        written = outbox.written_at(session, key)
        if written and now - written >= AGAIN:
            said = messages.prompt(one.account_id, name, one.left, one.lost, again=True)
            outbox.put(session, f"{key}:again", user, said.text, said.blocks, now=now, expires_at=now + OF_USE)


def waiting_for(session: Session, user: str, now: datetime) -> list[tuple[Departure, str]]:
    """The accounts about which a person is asked, each with its name, the newest first."""
    found = departures.without_interview(session, now - LATELY, now)
    whom = _whom(session, found)
    theirs = [one for one in found if whom.get(one.account_id) == user]
    names = called.names(session, [one.account_id for one in theirs])
    theirs.sort(key=lambda one: (one.left is None, one.left or one.came, one.account_id), reverse=True)
    return [(one, names[one.account_id].name) for one in theirs]


def owners_to_find(session: Session, now: datetime) -> list[str]:
    """The addresses of the owners of accounts that leave."""
    found = departures.without_interview(session, now - LATELY, now)
    return sorted(set(owners.emails(session, [one.account_id for one in found]).values()))


def _whom(session: Session, found: Sequence[Departure]) -> dict[str, str]:
    """By account the person who is asked: its owner, or who set up the first channel for alerts."""
    emails = owners.emails(session, [one.account_id for one in found])
    known, first = people.with_emails(session, emails.values()), channels.everywhere(session)[:1]
    whom = {one.account_id: channel.set_up_by for one in found for channel in first}
    for account_id, email in emails.items():
        person = known.get(email.lower())
        if person and person.user:
            whom[account_id] = person.user
    return whom
