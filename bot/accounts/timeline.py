"""What happened to an account, of every kind in one row: the newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.accounts.standing import Change, changes
from bot.inputs.names import COUNT, KNOWN, SHARE
from storage import alerts, exit_interviews, journal, ledger
from storage.accounts import called, events
from storage.alerts import Alert
from storage.exit_interviews import Entry as ExitEntry
from storage.facts import Payment
from storage.inputs import Signal
from storage.journal import Entry

PAGE = 20
DEEPEST = 1_000  # events; what lies further back is in the exports
# Told once when it happens; counts of use come daily, and would drown all else.
TOLD = tuple(name for name, known in KNOWN.items() if known.kind not in (COUNT, SHARE))


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of an alert."""

    alert: Alert


What = Change | Payment | Alert | Closed | Entry | ExitEntry | Signal


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; a change of MRR happens at the end of its day."""

    at: datetime
    what: What


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of an account's events from the `start`-th on; `corrected` are the ids of notes that were put right."""

    account_id: str
    name: str
    start: int
    events: Sequence[Event]
    has_more: bool
    corrected: frozenset[str]


def timeline(
    session: Session, account_id: str, zone: ZoneInfo, *, start: int = 0, count: int = PAGE, words: bool = True
) -> Timeline | None:
    """A page of what happened, without what people wrote unless `words`; None for an account that is not stored."""
    named = called.names(session, [account_id]).get(account_id)
    if named is None:
        return None
    start = min(start, DEEPEST)
    most = start + count + 1
    found = sorted(_events(session, account_id, zone, most, words=words), key=lambda one: one.at, reverse=True)
    page = found[start : start + count]
    notes = [one.what for one in page if isinstance(one.what, Entry)]
    corrected = frozenset(journal.corrected(session, notes))
    return Timeline(account_id, named.name, start, page, len(found) > start + count, corrected)


def _events(session: Session, account_id: str, zone: ZoneInfo, most: int, *, words: bool) -> Iterator[Event]:
    for change in changes(ledger.story(session, account_id), most):
        yield Event(datetime.combine(change.day, time.max, zone), change)
    for payment in events.payments(session, account_id, most):
        yield Event(payment.at, payment)
    for alert in alerts.of_account(session, account_id):
        yield Event(alert.opened_at, alert)
        if alert.closed_at:
            told = alert.outcome if words or not alert.outcome else {**alert.outcome, "note": ""}
            yield Event(alert.closed_at, Closed(replace(alert, outcome=told)))
    for signal in events.observations(session, account_id, TOLD, most):
        yield Event(signal.at, signal)
    if words:
        for note in journal.of_account(session, account_id, most=most):
            yield Event(note.written_at, note)
        for interview in exit_interviews.of_account(session, account_id):
            for entry in interview.entries:
                yield Event(entry.written_at, entry)
