"""The record of who asked for what; it is only ever added to."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.pseudonyms import kept_as
from storage.tables import AuditRow
from storage.upsert import insert_all, table_of

audit = table_of(AuditRow)


@dataclass(frozen=True, slots=True)
class Entry:
    """One look or change; `subject` is the id of what it was about, empty when it was about everything."""

    at: datetime
    user: str
    action: str
    subject: str
    granted: bool


def record(session: Session, entry: Entry) -> None:
    row = asdict(entry)
    row["subject"] = kept_as(session, entry.subject)  # old buttons may still name who was erased
    insert_all(session, AuditRow, [row])


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are wanted: those that fit all that is given. `since` counts in, `until` does not."""

    user: str = ""
    subject: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    refused: bool = False
    most: int = 100


EVERYTHING = Asked()


def found(session: Session, asked: Asked = EVERYTHING) -> list[Entry]:
    """The newest of the wanted entries first."""
    named = ("user", "subject", "action")
    wanted = [audit.c[name] == value for name in named if (value := getattr(asked, name))]
    wanted += [audit.c.at >= asked.since] if asked.since else []
    wanted += [audit.c.at < asked.until] if asked.until else []
    wanted += [audit.c.granted.is_(False)] if asked.refused else []
    columns = (audit.c[field.name] for field in fields(Entry))
    query = select(*columns).where(*wanted).order_by(audit.c.id.desc()).limit(asked.most)
    return [Entry(*row) for row in session.connection().execute(query)]
