"""What came from outside, by its sender's own ids: each is handled once, however often it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session

from storage.tables import InboxRow
from storage.upsert import batches, insert_new, table_of

inbox = table_of(InboxRow)

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=7)  # nobody delivers again after more than three
MOST = 500  # rows forgotten at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery; `subject` is what it is about, `payload` all of it while there is work to do for it."""

    source: str
    id: str
    kind: str
    subject: str | None = None
    payload: dict[str, Any] | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A delivery that came before: whether its work is done, and what was answered then."""

    handled: bool
    answer: dict[str, Any] | None


NAMES = tuple(field.name for field in fields(Entry))


def note(session: Session, entry: Entry, now: datetime) -> bool:
    """Note what has come; False when it was noted before."""
    values = {name: getattr(entry, name) for name in NAMES}
    return insert_new(session, InboxRow, values | {"received_at": now})


def take(session: Session, entry: Entry, now: datetime) -> Known | None:
    """Note a delivery and be the one to handle it: None. What is known of it when it came before.

    One that was taken and not promised, and whose lease is over, was broken off: it is handled by who asks now.
    """
    leased = {"attempts": 1, "leased_until": now + LEASE}
    values = {name: getattr(entry, name) for name in NAMES} | {"received_at": now} | leased
    if insert_new(session, InboxRow, values):
        return None
    broken_off = and_(_is(entry), inbox.c.handled_at.is_(None), inbox.c.payload.is_(None), _is_free(now))
    again = inbox.update().where(broken_off).values(payload=entry.payload, leased_until=now + LEASE)
    if session.connection().execute(again.returning(inbox.c.id)).first() is not None:
        return None
    return known(session, entry)


def known(session: Session, entry: Entry) -> Known:
    """What became of a delivery that was noted."""
    row = session.connection().execute(select(inbox.c.handled_at, inbox.c.answer).where(_is(entry))).one()
    return Known(handled=row.handled_at is not None, answer=row.answer)


def promise(session: Session, entry: Entry, payload: dict[str, Any]) -> None:
    """Keep all of a delivery until its work is done, since its sender will be told that it came."""
    unfinished = inbox.update().where(_is(entry), inbox.c.handled_at.is_(None))
    session.connection().execute(unfinished.values(payload=payload))


def renew(session: Session, source: str, ids: Sequence[str], now: datetime) -> None:
    """Who took these on is still at work on them."""
    for part in batches(ids):
        theirs = and_(inbox.c.source == source, inbox.c.id.in_(part), inbox.c.handled_at.is_(None))
        session.connection().execute(inbox.update().where(theirs).values(leased_until=now + LEASE))


def finish(session: Session, entry: Entry, now: datetime, answer: dict[str, Any] | None = None) -> None:
    """Its work is done: what it said is no longer kept, but for the answer."""
    done = {"handled_at": now, "payload": None, "leased_until": None, "answer": answer}
    session.connection().execute(inbox.update().where(_is(entry)).values(done))


def finish_all(session: Session, source: str, ids: Sequence[str], now: datetime) -> None:
    for part in batches(ids):
        theirs = and_(inbox.c.source == source, inbox.c.id.in_(part))
        session.connection().execute(inbox.update().where(theirs).values(handled_at=now, payload=None))


def waiting(session: Session, source: str, most: int = MOST) -> list[Entry]:
    """What was noted and not handled, oldest first."""
    rows = session.connection().execute(
        select(*(inbox.c[name] for name in NAMES))
        .where(inbox.c.source == source, inbox.c.handled_at.is_(None))
        .order_by(inbox.c.received_at, inbox.c.id)
        .limit(most)
    )
    return [Entry(**row) for row in rows.mappings()]


def has_left(session: Session, source: str, now: datetime, *, alone: bool = False) -> bool:
    """Whether there is promised work that nobody does (see `take_left`)."""
    return (
        session.connection().execute(select(inbox.c.id).where(_is_left(source, now, alone)).limit(1)).first()
        is not None
    )


def take_left(session: Session, source: str, now: datetime, *, alone: bool = False, most: int = 20) -> list[Entry]:
    """Take on promised work whose lease is over; `alone`: no other process lives, so all leases are over."""
    rows = session.connection().execute(
        select(*(inbox.c[name] for name in NAMES))
        .where(_is_left(source, now, alone))
        .order_by(inbox.c.received_at, inbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = [Entry(**row) for row in rows.mappings()]
    for part in batches([entry.id for entry in taken]):
        theirs = and_(inbox.c.source == source, inbox.c.id.in_(part))
        again = {"leased_until": now + LEASE, "attempts": inbox.c.attempts + 1}
        session.connection().execute(inbox.update().where(theirs).values(again))
    return taken


def answers(session: Session, source: str) -> list[dict[str, Any]]:
    """What was answered to the deliveries that are still known, oldest first."""
    theirs = select(inbox.c.answer).where(inbox.c.source == source, inbox.c.answer.is_not(None))
    return [answer for answer in session.connection().execute(theirs.order_by(inbox.c.received_at)).scalars() if answer]


def forget(session: Session, now: datetime) -> int:
    """Delete what came long ago, some at a time; the number of rows deleted."""
    old = select(inbox.c.source, inbox.c.id).where(inbox.c.received_at < now - KEPT).limit(MOST)
    found = session.connection().execute(old).all()
    for source in {row.source for row in found}:
        for part in batches([row.id for row in found if row.source == source]):
            session.connection().execute(inbox.delete().where(inbox.c.source == source, inbox.c.id.in_(part)))
    return len(found)


def _is(entry: Entry) -> Any:
    return and_(inbox.c.source == entry.source, inbox.c.id == entry.id)


def _is_free(now: datetime) -> Any:
    """Whether nobody is at work; a lease longer than one can be was made by a clock since set back."""
    until = inbox.c.leased_until
    return or_(until.is_(None), until <= now, until > now + LEASE)


def _is_left(source: str, now: datetime, alone: bool) -> Any:  # noqa: FBT001 - passed on by its callers
    promised = and_(inbox.c.source == source, inbox.c.handled_at.is_(None), inbox.c.payload.is_not(None))
    return promised if alone else and_(promised, _is_free(now))
