"""Where the reading of each billing source stands."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from storage.tables import SyncRow
from storage.upsert import upsert


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
        return self.failed_at is not None and (self.succeeded_at is None or self.failed_at > self.succeeded_at)


def state(session: Session, source: str) -> SyncState:
    """The state of a source; that of one never read when nothing is stored."""
    row = session.get(SyncRow, source)
    return SyncState(**row.model_dump()) if row else SyncState(source)


def note(session: Session, source: str, /, **changed: Any) -> SyncState:
    """Set fields of a source's state; the new state."""
    new = replace(state(session, source), **changed)
    upsert(session, SyncRow, [asdict(new)])
    return new
