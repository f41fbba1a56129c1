"""How the accounts that first paid in the same month went on, from the ledger, by label of a slice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, String, case, cast, func, literal_column, select
from sqlmodel import Session

from storage.ledger import currencies
from storage.movements import CohortSum
from storage.plain import plain_rows, whole_sum
from storage.slices import Slice, movements
from storage.windows import COMING, LEAVING, TURN, first_and_last

m = movements.c
STAYING = case((COMING, m.accounts), (LEAVING, -m.accounts), else_=0)


def cohort_sums(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """The sums before `end` of the accounts that first paid in [start, end)."""
    first, later = _first_days(session, start, end, part), _later_turns(session, start, end, base, part)
    return [*_amounts(session, start, end, base, part), *first, *later]


def logo_sums(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """The same of accounts alone, by the few rows on which they come and leave; their amounts are all 0."""
    first = (one._replace(first=0) for one in _first_days(session, start, end, part))
    return [*first, *_later_turns(session, start, end, base, part)]


def _first_days(session: Session, start: date, end: date, part: Slice) -> list[CohortSum]:
    """Who came on the day on which their account began, what they paid then, and who left on that very day."""
    source, label = part.beside(movements, m.account_id)
    rows = session.connection().execute(
        select(label.label("placed"), m.day, m.currency, func.sum(m.amount), func.sum(m.accounts), func.sum(STAYING))
        .select_from(source)
        .where(TURN, m.day == m.began, *_meant(session, start, end, part))
        .group_by(m.day, m.currency, *_by_label(part))
    )
    return [
        CohortSum(seen, month, month, currency, day, 0, int(amount), int(members), int(customers))
        for name, day, currency, amount, members, customers in rows
        if (seen := part.seen(name)) is not None
        for month in (day.replace(day=1),)
    ]


def _later_turns(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """Who came back or left on later days, by month."""
    source, label = part.beside(movements, m.account_id)
    began, month = _month(session, m.began), _month(session, m.day)
    rows = session.connection().execute(
        select(label.label("placed"), cast(began, String), cast(month, String), func.sum(STAYING))
        .select_from(source)
        .where(TURN, m.day != m.began, *_meant(session, start, end, part))
        .group_by(began, month, *_by_label(part))
    )
    return [
        CohortSum(seen, _first(cohort[:7]), _first(month[:7]), base, None, 0, 0, 0, int(customers))
        for name, cohort, month, customers in rows
        if (seen := part.seen(name)) is not None
    ]


def _amounts(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """What they moved: in the base by month, in other currencies by day."""
    meant = _meant(session, start, end, part)
    found: list[CohortSum] = []
    in_base: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    label_of = cache(part.seen)
    for by, *where in _by_time(session, base):
        source, label = part.beside(movements, m.account_id)
        query: Select[Any] = (
            select(label.label("placed"), m.cohort, cast(by, String), m.currency, whole_sum(m.amount))
            .select_from(source)
            .where(*meant, *where)
            .group_by(by, m.currency, m.cohort, *_by_label(part))
        )
        for name, cohort, day, currency, amount in plain_rows(session, query):
            if (seen := label_of(name)) is None:
                continue
            month = day[:7]
            if currency == base:
                in_base[seen, cohort, month] += amount
            else:
                found.append(CohortSum(seen, _first(cohort), _first(month), currency, _day(day), amount, 0, 0, 0))
    for (seen, cohort, month), amount in in_base.items():
        found.append(CohortSum(seen, _first(cohort), _first(month), base, None, amount, 0, 0, 0))
    return found


def _by_time(session: Session, base: str) -> list[tuple[ColumnElement[Any], ...]]:
    """By what to group, and of which rows: SQLite reads an index that lies by day, PostgreSQL sorts rows into a few
    months quicker than into many days.
    """
    if _is_sqlite(session):
        return [(m.day,)]
    others = sorted(currencies(session) - {base})
    return [(_month(session, m.day), m.currency == base), (m.day, m.currency.in_(others))]


def _meant(session: Session, start: date, end: date, part: Slice) -> Sequence[ColumnElement[bool]]:
    """Whose rows, and which: those before `end` of the accounts that began in the window.

    What holds of all rows is left out: it would be asked of each.
    """
    first, last = first_and_last(session)
    began = m.began >= start if first and first < start else m.began.is_not(None)  # replicas of before leave it empty
    return (
        *([m.day < end] if last and last >= end else []),
        began,
        *part.among(m.account_id),
        *part.counted(m.account_id),
    )


def _by_label(part: Slice) -> list[str]:
    return ["placed"] if part.divides else []


@lru_cache(4096)
def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


@lru_cache(4096)
def _day(day: str) -> date:
    return date.fromisoformat(day)


def _month(session: Session, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """What begins with the month of a day as text. On PostgreSQL a day itself would heed the time zone, slowly."""
    if _is_sqlite(session):
        return func.substr(day, literal_column("1"), literal_column("7"))
    return func.date_trunc(literal_column("'month'"), cast(day, DateTime))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
