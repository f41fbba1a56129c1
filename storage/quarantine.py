"""Facts that cannot be valued: who found them, since when, and how many there are.

Two find them. A source cannot read an object: `told` by it, until the object is read. The ledger cannot value what
was stored: `replace`d with the movements of its account.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from storage.faults import Held, HeldCount
from storage.states import Fault
from storage.tables import QuarantineRow, SubscriptionRow
from storage.upsert import batches, insert_all, table_of

LEDGER = "ledger"
EXAMPLES = 3

_held, _subscription = table_of(QuarantineRow), table_of(SubscriptionRow)


def replace(session: Session, account_ids: Sequence[str], found: Iterable[Held], now: datetime) -> None:
    """Hold exactly these of the accounts' facts; what was held before is so since then."""
    by_account: defaultdict[str | None, list[Held]] = defaultdict(list)
    for one in found:
        by_account[one.account_id].append(one)
    for part in batches(account_ids):
        own = [one for account_id in part for one in by_account.get(account_id, ())]
        _replace(session, LEDGER, _held.c.account_id.in_(part), own, now)


def told(session: Session, source: str, found: Iterable[Held], now: datetime) -> None:
    """Hold what a source could not read, beside what it could not read before."""
    new = {one.id: one for one in found}
    for part in batches(list(new)):
        _replace(session, source, _held.c.id.in_(part), [new[id_] for id_ in part], now)


def told_all(session: Session, source: str, found: Iterable[Held], now: datetime) -> None:
    """Hold exactly what a source could not read when it was read whole."""
    _replace(session, source, _held.c.origin == source, list(found), now)


def mended(session: Session, source: str, ids: Collection[str]) -> None:
    """Hold these no longer: the source could read them."""
    held = set(session.connection().execute(select(_held.c.id).where(_held.c.origin == source)).scalars())
    for part in batches(sorted(held.intersection(ids))):
        session.connection().execute(_held.delete().where(_held.c.origin == source, _held.c.id.in_(part)))


def unread(session: Session) -> frozenset[str]:
    """The ids of what no source could read at the last time: what is stored of them is out of date."""
    return frozenset(session.connection().execute(select(_held.c.id).where(_held.c.origin != LEDGER)).scalars())


def accounts_of(session: Session, subscription_ids: Iterable[str]) -> set[str]:
    """The accounts of those subscriptions that are stored."""
    found: set[str] = set()
    for part in batches(list(subscription_ids)):
        query = select(_subscription.c.account_id).where(_subscription.c.id.in_(part))
        found.update(session.connection().execute(query).scalars())
    return found


def accounts_with(session: Session, fault: Fault) -> set[str]:
    """The accounts that have facts with a fault."""
    query = select(_held.c.account_id).where(_held.c.fault == fault, _held.c.account_id.is_not(None)).distinct()
    return {str(account_id) for account_id in session.connection().execute(query).scalars()}


def accounts_without_rate(session: Session, currencies: Iterable[str]) -> set[str]:
    """The accounts that wait for a rate of one of these currencies."""
    query = (
        select(_held.c.account_id)
        .join(_subscription, _subscription.c.id == _held.c.id)
        .where(_held.c.fault == Fault.NO_RATE, _subscription.c.currency.in_(sorted(currencies)))
        .distinct()
    )
    return {str(account_id) for account_id in session.connection().execute(query).scalars()}


def totals(session: Session) -> dict[Fault, int]:
    """How many facts have each fault."""
    rows = session.connection().execute(select(_held.c.fault, func.count()).group_by(_held.c.fault))
    return {fault: int(count) for fault, count in rows}


def counts(session: Session) -> list[HeldCount]:
    """What is held, by fault and kind, the most first."""
    rows = session.connection().execute(
        select(_held.c.fault, _held.c.kind, func.count(), func.min(_held.c.since)).group_by(_held.c.fault, _held.c.kind)
    )
    found = [
        HeldCount(fault, kind, count, _examples(session, fault, kind), since) for fault, kind, count, since in rows
    ]
    return sorted(found, key=lambda one: (-one.count, one.fault, one.kind))


def _examples(session: Session, fault: Fault, kind: str) -> tuple[Held, ...]:
    rows = session.connection().execute(
        select(_held.c.kind, _held.c.id, _held.c.fault, _held.c.detail, _held.c.account_id)
        .where(_held.c.fault == fault, _held.c.kind == kind)
        .order_by(_held.c.id)
        .limit(EXAMPLES)
    )
    return tuple(Held(*row) for row in rows)


def _replace(session: Session, origin: str, which: ColumnElement[bool], found: Sequence[Held], now: datetime) -> None:
    among = (_held.c.origin == origin, which)
    rows = session.connection().execute(select(_held.c.kind, _held.c.id, _held.c.fault, _held.c.since).where(*among))
    since: Mapping[tuple[str, str, Fault], datetime] = {(kind, id_, fault): at for kind, id_, fault, at in rows}
    if since:
        session.connection().execute(_held.delete().where(*among))
    unique = {(one.kind, one.id, one.fault): one for one in found}
    insert_all(
        session,
        QuarantineRow,
        [{**asdict(one), "origin": origin, "since": since.get(key, now)} for key, one in unique.items()],
    )
