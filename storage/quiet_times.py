"""When channels and people are left alone by alerts, of those that chose other hours or days than the workspace's."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.slices import one_of
from storage.tables import QuietTimeRow
from storage.upsert import insert_for, table_of

times = table_of(QuietTimeRow)


@dataclass(frozen=True, slots=True)
class QuietTime:
    """`hours` and `free_days` as in the settings; None for those of the workspace."""

    hours: str | None = None
    free_days: str | None = None


def chosen(session: Session, whose: Collection[str]) -> dict[str, QuietTime]:
    """By the id of a channel or a person, what was chosen there; those that chose nothing are left out."""
    query = select(times.c.whose, times.c.hours, times.c.free_days).where(one_of(session, times.c.whose, whose))
    return {row.whose: QuietTime(row.hours, row.free_days) for row in session.connection().execute(query)}


def choose(session: Session, whose: str, wish: QuietTime, by: str, at: datetime) -> None:
    values = {**asdict(wish), "chosen_by": by, "chosen_at": at}
    insert = insert_for(session, times).values(whose=whose, **values)
    session.connection().execute(insert.on_conflict_do_update(index_elements=["whose"], set_=values))
