"""Erasing an account or a person: when it may be done, and what stands in Slack afterwards."""

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session

from bot import roles
from bot.errors import CannotErase, SourceBusy
from bot.exits import saving
from bot.messages.blocks import Message, escape, plain, section
from bot.risk.triggers import Ending, ended
from storage import alerts, contacts, erasure, locks, people, syncs
from storage.erasure import Notice

PERSON = re.compile(r"[UW][A-Z0-9]{5,}|[^@\s]+@[^@\s]+")
LONGEST, SHORTEST_CUT = 80, 8  # letters of a name in a message, and of the shortest one by which it is still known
TOLD = "This message was about an account that has been erased."


def erase_account(session: Session, source: str, account_id: str, by: str, now: datetime) -> int:
    """Take an account out of everything; how many messages the bot will change in Slack as soon as it runs.

    Raises CannotErase while the account has a subscription, SourceBusy during a read.

    Whoever reads the billing source might otherwise store again what was erased meanwhile, and so might people who
    save what they typed: they find no account once it is their turn.
    """
    for work in (alerts.LOCK, saving.LOCK, contacts.lock(account_id)):
        locks.alone(session, work)
    demand_ended(session, account_id)
    holder = uuid4().hex
    if not syncs.take_lease(session, source, holder, now):
        raise SourceBusy(f"Another process is reading {source} now; wait until it is done.")
    for alert in alerts.live_of_account(session, account_id):
        alerts.close(session, alert.id, ended(Ending.OBJECT_GONE), now)
    message = Message(TOLD, [section(TOLD)])
    messages = erasure.erase_account(session, account_id, Notice(message.text, message.blocks, spelt), by, now)
    syncs.end_lease(session, source, holder)
    return messages


def demand_ended(session: Session, account_id: str) -> None:
    """Raise CannotErase while an account has a subscription."""
    if running := erasure.running(session, account_id):
        raise CannotErase(
            f"It still has the subscription {running}: end it in the billing source, run kahvi sync, and erase then."
        )


def erase_person(session: Session, token: str, by: str, now: datetime) -> int:
    """Take a colleague or a customer's contact out of everything; how many messages the bot will change in Slack.

    The person is known by an address or the id that Slack gave them.
    Raises CannotErase for what is neither, and while the person has a role.
    """
    tokens = tokens_of(session, token)
    if given := next((grant for grant in roles.in_force(session) if grant.to in tokens), None):
        raise CannotErase(f"{given.to} still has a role: run kahvi access take {given.to}, and erase then.")
    return erasure.erase_person(session, tokens, by, now)


def tokens_of(session: Session, token: str) -> frozenset[str]:
    """All by which a person is known to Kahvi: ids in Slack, and addresses; CannotErase for another kind of word."""
    if not PERSON.fullmatch(token):
        raise CannotErase(f'"{plain(token, LONGEST)}" is neither an address nor the id that Slack gave somebody.')
    return people.known_as(session, token.lower() if "@" in token else token)


def spelt(said: str) -> Iterator[str]:
    """How a name or an address stands in messages: whole, made inert, and cut off; links are whole."""
    yield said
    if not said.startswith(("http://", "https://")):
        for limit in range(SHORTEST_CUT, LONGEST + 1):
            yield plain(said, limit)
            yield escape(said, limit)
