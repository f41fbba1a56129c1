"""Which of the features that customers missed are there by now."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.tables import FixRow
from storage.upsert import insert_new, table_of

fixes = table_of(FixRow)


def mark(session: Session, tag: str, by: str, at: datetime) -> bool:
    """Note that a feature is fixed; False when it was noted before."""
    return insert_new(session, FixRow, {"tag": tag, "fixed_by": by, "fixed_at": at})


def every(session: Session) -> dict[str, datetime]:
    """When each feature was fixed, by its id."""
    rows = session.connection().execute(select(fixes.c.tag, fixes.c.fixed_at))
    return {row.tag: row.fixed_at for row in rows}
