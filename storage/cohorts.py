"""How the accounts that first paid in the same month went on, from the ledger, by label of a slice."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, select
from sqlmodel import Session

from storage.movements import CohortSum
from storage.plain import plain_rows
from storage.slices import Slice, movements
from storage.windows import COMING, LEAVING, TURN

m = movements.c


def cohort_sums(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """The sums before `end` of the accounts that first paid in [start, end)."""
    amounts, first = _amounts(session, start, end, base, part), _first_amounts(session, start, end, part)
    return [*amounts, *first, *logo_sums(session, start, end, base, part)]


def logo_sums(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """The same of accounts alone, by the few rows on which they come and leave; their amounts are all 0."""
    source, label = part.beside(movements, m.account_id)
    came = func.sum(case((m.day == m.began, m.accounts), else_=0))
    moved = func.sum(case((COMING, m.accounts), (LEAVING, -m.accounts), else_=0))
    rows = session.connection().execute(
        select(label.label("placed"), _month(m.began).label("first_month"), _month(m.day).label("month"), came, moved)
        .select_from(source)
        .where(TURN, *_meant(start, end, part))
        .group_by("first_month", "month", *_by_label(part))
    )
    return [
        CohortSum(seen, _first(cohort), _first(month), base, None, 0, 0, int(members), int(customers))
        for name, cohort, month, members, customers in rows
        if (seen := part.seen(name)) is not None
    ]


def _first_amounts(session: Session, start: date, end: date, part: Slice) -> list[CohortSum]:
    """What they paid on their first days."""
    source, label = part.beside(movements, m.account_id)
    rows = session.connection().execute(
        select(label.label("placed"), m.day, m.currency, func.sum(m.amount))
        .select_from(source)
        .where(TURN, m.day == m.began, *_meant(start, end, part))
        .group_by(m.day, m.currency, *_by_label(part))
    )
    return [
        CohortSum(seen, day.replace(day=1), day.replace(day=1), currency, day, 0, int(amount), 0, 0)
        for name, day, currency, amount in rows
        if (seen := part.seen(name)) is not None
    ]


def _amounts(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """What they moved; by day, as the index lies, though months would do where no rate is needed."""
    source, label = part.beside(movements, m.account_id)
    query: Select[Any] = (
        select(label.label("placed"), m.cohort, cast(m.day, String), m.currency, func.sum(m.amount))
        .select_from(source)
        .where(*_meant(start, end, part))
        .group_by(m.day, m.currency, m.cohort, *_by_label(part))
    )
    sums: Counter[tuple[str, str, str, str, str]] = Counter()
    for name, cohort, day, currency, amount in plain_rows(session, query):
        if (seen := part.seen(name)) is not None:
            sums[seen, cohort, day[:7], currency, "" if currency == base else day] += int(amount)
    return [
        CohortSum(name, _first(cohort), _first(month), currency, _day(rated_on), amount, 0, 0, 0)
        for (name, cohort, month, currency, rated_on), amount in sums.items()
    ]


def _meant(start: date, end: date, part: Slice) -> Sequence[ColumnElement[bool]]:
    """Whose rows, and which: those before the end of the accounts that began in the window."""
    return (m.day < end, m.began >= start, *part.among(m.account_id), *part.counted(m.account_id))


def _by_label(part: Slice) -> list[str]:
    return ["placed"] if part.divides else []


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _day(rated_on: str) -> date | None:
    return date.fromisoformat(rated_on) if rated_on else None


def _month(day: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(cast(day, String), 1, 7)
