"""Stays: the times for which accounts paid without a break, from the ledger, by label of a slice."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session

from storage.movements import COMES
from storage.slices import Slice, movements
from storage.windows import TURN

m = movements.c


@dataclass(frozen=True, slots=True)
class Stays:
    """How many accounts came on a day, and left on another; `end` is None where they stay."""

    label: str
    start: date
    end: date | None
    count: int


def stays(session: Session, before: date, part: Slice) -> list[Stays]:
    """All stays that began before a day, as they stood at its start; under the label with which an account came."""
    rows = session.connection().execute(
        select(part.label.label("placed"), m.stay_start, m.stay_end, func.sum(m.accounts))
        .select_from(part.source)
        .where(TURN, m.kind.in_(COMES), m.day < before, *part.among(m.account_id), *part.counted(m.account_id))
        .group_by(m.stay_start, m.stay_end, *(["placed"] if part.divides else []))
    )
    return [
        Stays(seen, start, end if end and end < before else None, int(count))
        for label, start, end, count in rows
        if (seen := part.seen(label)) is not None
    ]
