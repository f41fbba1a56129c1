"""What leaving customers said, as people logged it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.slices import one_of
from storage.tables import ExitNoteRow
from storage.upsert import table_of, upsert

notes = table_of(ExitNoteRow)


@dataclass(frozen=True, slots=True)
class ExitNote:
    """One note; `id` is that of the form it was typed into."""

    id: str
    account_id: str
    reason: str
    bring_back: str
    note: str
    author: str
    written_at: datetime


NAMES = [field.name for field in fields(ExitNote)]


def save(session: Session, note: ExitNote) -> None:
    """Keep a note; the same form sent again replaces its own note, so a retry loses no later edit."""
    upsert(session, ExitNoteRow, [asdict(note)])


def newest(session: Session, account_ids: Collection[str]) -> list[ExitNote]:
    """The newest note of each of these accounts."""
    rows = session.connection().execute(
        select(*(notes.c[name] for name in NAMES))
        .where(one_of(session, notes.c.account_id, account_ids))
        .order_by(notes.c.account_id, notes.c.written_at, notes.c.id)
    )
    return list({note.account_id: note for note in (ExitNote(*row) for row in rows)}.values())


def of_account(session: Session, account_id: str, limit: int = 3) -> Sequence[ExitNote]:
    """The newest notes first."""
    rows = session.connection().execute(
        select(*(notes.c[name] for name in NAMES))
        .where(notes.c.account_id == account_id)
        .order_by(notes.c.written_at.desc(), notes.c.id)
        .limit(limit)
    )
    return [ExitNote(*row) for row in rows]
