"""How people set the reasons for leaving, over those of `bot.exits.reasons`: earlier settings are kept."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session

from storage.tables import ExitReasonRow
from storage.upsert import table_of

table = table_of(ExitReasonRow)


@dataclass(frozen=True, slots=True)
class Set:
    """A reason as people set it; `retired` ones are told of where they were chosen, and chosen no more."""

    id: str
    label: str
    avoidable: str
    retired: bool
    nature: str | None = None


def in_force(session: Session) -> dict[str, Set]:
    """The latest setting of each reason that people have set, in the order in which they first did."""
    found = latest().subquery()
    rows = session.connection().execute(select(found).order_by(found.c.first))
    return {row[0]: Set(*row[:-1]) for row in rows}


def latest() -> Select[Any]:
    """The same as a query: the columns of a Set, and `first`, by which they are put in order."""
    c = table.c
    newest = select(func.max(c.no)).group_by(c.id)
    first = select(c.id, func.min(c.no).label("first")).group_by(c.id).subquery()
    columns = (c.id, c.label, c.avoidable, c.retired, c.nature, first.c.first)
    return select(*columns).join(first, first.c.id == c.id).where(c.no.in_(newest))


def choose(session: Session, reason: Set, by: str, at: datetime) -> None:
    session.connection().execute(table.insert().values(**asdict(reason), chosen_by=by, chosen_at=at))
