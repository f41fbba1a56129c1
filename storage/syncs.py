"""Where the reading of each billing source stands, and who may read it now."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session

from storage.tables import SyncRow
from storage.upsert import insert_new, table_of

LEASE = timedelta(seconds=90)  # longer than a source is asked again and again for one page
syncs = table_of(SyncRow)


@dataclass(frozen=True, slots=True)
class SyncState:
    """`completed_at` is None until the first full read is whole; see `storage.tables.SyncRow`."""

    source: str
    cursor: str | None = None
    stage: str | None = None
    objects: int = 0
    completed_at: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None
    ledger_rules: str | None = None
    ledger_day: date | None = None

    @property
    def failing(self) -> bool:
        """Whether the latest attempt failed."""
        return self.error is not None


NAMES = tuple(field.name for field in fields(SyncState))


def state(session: Session, source: str) -> SyncState:
    """The state of a source; that of one never read when nothing is stored."""
    found = select(*(syncs.c[name] for name in NAMES)).where(syncs.c.source == source)
    row = session.connection().execute(found).mappings().first()
    return SyncState(**row) if row else SyncState(source)


def last_success(session: Session) -> datetime | None:
    """When any source was last read to its end."""
    return session.connection().execute(select(func.max(syncs.c.succeeded_at))).scalar()


def note(session: Session, source: str, /, **changed: Any) -> SyncState:
    """Set fields of a source's state, and leave the others to whoever sets them meanwhile; the new state."""
    insert_new(session, SyncRow, {"source": source, "objects": 0})
    if changed:
        session.connection().execute(syncs.update().where(syncs.c.source == source).values(**changed))
    return state(session, source)


def take_lease(session: Session, source: str, holder: str, now: datetime) -> bool:
    """Become, or stay, the only one to read a source; False while somebody else is.

    A lease that reaches further than one can was made by a clock that has since been set back: it does not count.
    """
    insert_new(session, SyncRow, {"source": source, "objects": 0})
    free = or_(
        syncs.c.leased_by.is_(None),
        syncs.c.leased_by == holder,
        syncs.c.leased_until <= now,
        syncs.c.leased_until > now + LEASE,
    )
    taken = syncs.update().where(syncs.c.source == source, free).values(leased_by=holder, leased_until=now + LEASE)
    return session.connection().execute(taken.returning(syncs.c.source)).first() is not None


def hold_lease(session: Session, source: str, holder: str, now: datetime) -> bool:
    """Go on holding the lease, in the transaction that writes by it; False when somebody else has taken it."""
    held = syncs.update().where(syncs.c.source == source, syncs.c.leased_by == holder).values(leased_until=now + LEASE)
    return session.connection().execute(held.returning(syncs.c.source)).first() is not None


def end_lease(session: Session, source: str, holder: str) -> None:
    session.connection().execute(
        syncs.update().where(syncs.c.source == source, syncs.c.leased_by == holder).values(leased_by=None)
    )
