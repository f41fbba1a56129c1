"""How the accounts that first paid in the same month went on, from the ledger, by label of a slice."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, literal, select
from sqlmodel import Session

from storage.movements import COMES, CohortSum
from storage.slices import Slice, movements
from storage.states import MovementKind
from storage.windows import COMING, LEAVING, TURN, accounts

m = movements.c


def cohort_sums(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """The sums before `end` of the accounts that first paid in [start, end); one query."""
    every = movements.alias()
    began = func.min(every.c.day)
    members = (
        select(every.c.account_id, began.label("began"))
        .where(*part.among(every.c.account_id), *part.counted(every.c.account_id))
        .group_by(every.c.account_id)
        .having(began >= start, began < end)
        .subquery()
    )
    joined = movements.join(members, members.c.account_id == m.account_id)
    source, label = part.beside(joined, m.account_id)
    day = case((m.currency == base, literal("")), else_=cast(m.day, String))
    groups: list[Any] = [
        label.label("placed"),
        _month(members.c.began).label("cohort"),
        _month(m.day).label("month"),
        m.currency,
        day.label("rated_on"),
    ]
    on_first_day = m.day == members.c.began
    sums: list[Any] = [
        func.sum(m.amount),
        func.sum(case((on_first_day, m.amount), else_=0)),
        func.sum(case((on_first_day, m.accounts), else_=0)),
        accounts(COMING) - accounts(LEAVING),
    ]
    rows = session.connection().execute(
        select(*groups, *sums)
        .select_from(source)
        .where(m.day < end)
        .group_by("placed", "cohort", "month", m.currency, "rated_on")
    )
    return [
        CohortSum(
            seen,
            _first(cohort),
            _first(month),
            currency,
            date.fromisoformat(rated_on) if rated_on else None,
            int(amount),
            int(first),
            int(came),
            int(customers),
        )
        for name, cohort, month, currency, rated_on, amount, first, came, customers in rows
        if (seen := part.seen(name)) is not None
    ]


def logo_sums(session: Session, start: date, end: date, base: str, part: Slice) -> list[CohortSum]:
    """The same of accounts alone, by the few rows on which they come and leave; their amounts are all 0."""
    own = m.account_id.concat("")  # not the column itself, or SQLite reads all rows in its order
    began = func.min(m.day).over(partition_by=own).label("began")
    of_account = (*part.among(m.account_id), *part.counted(m.account_id))
    turns = (
        select(m.account_id, m.day, m.kind, m.accounts, began).where(TURN, m.day < end, *of_account).subquery("turns")
    )
    t = turns.c
    source, label = part.beside(turns, t.account_id)
    came = func.sum(case((t.day == t.began, t.accounts), else_=0))
    customers = func.sum(case((t.kind.in_(COMES), t.accounts), (t.kind == MovementKind.CHURN, -t.accounts), else_=0))
    rows = session.connection().execute(
        select(label.label("placed"), _month(t.began).label("cohort"), _month(t.day).label("month"), came, customers)
        .select_from(source)
        .where(t.began >= start, t.began < end)
        .group_by("placed", "cohort", "month")
    )
    return [
        CohortSum(seen, _first(cohort), _first(month), base, None, 0, 0, int(came), int(customers))
        for name, cohort, month, came, customers in rows
        if (seen := part.seen(name)) is not None
    ]


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _month(day: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(cast(day, String), 1, 7)
