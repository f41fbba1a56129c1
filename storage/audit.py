"""The record of who asked for what; it is only ever added to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.tables import AuditRow
from storage.upsert import insert_all, table_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One look or change; `subject` is the id of what it was about, empty when it was about everything."""

    at: datetime
    user: str
    action: str
    subject: str
    granted: bool


def record(session: Session, entry: Entry) -> None:
    row = {
        "at": entry.at,
        "user": entry.user,
        "action": entry.action,
        "subject": entry.subject,
        "granted": entry.granted,
    }
    insert_all(session, AuditRow, [row])


def latest(session: Session, limit: int = 100) -> list[Entry]:
    """The newest entries first."""
    audit = table_of(AuditRow)
    rows = session.connection().execute(
        select(audit.c.at, audit.c.user, audit.c.action, audit.c.subject, audit.c.granted)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [Entry(*row) for row in rows]
