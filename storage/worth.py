"""What each account is worth at a moment, and since when it is a customer: what size and tenure go by.

Amounts are compared in the base currency inside the database. Rates count there to twelve places, so an account in
another currency that lies exactly on an edge may fall on either side of it; no figure is made of these sums.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)

from storage.slices import Chosen, movements
from storage.states import MovementKind
from storage.tables import AccountRow
from storage.upsert import table_of

PLACES = 12
LARGEST = 2**63 - 1
OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq}
accounts = table_of(AccountRow)
m = movements.c


@dataclass(frozen=True, slots=True)
class Moment:
    """The start of the day `until`, the first that no longer counts.

    `factors` are minor units of the base for one minor unit of each currency, the base among them; `unit` the minor
    units of one whole unit of the base.
    """

    until: date
    factors: Mapping[str, Decimal]
    unit: int = 100


def worth(moment: Moment) -> Subquery:
    """Each account that has paid in a currency with a rate, with its MRR at the moment, or what it last had.

    Columns key and amount; amounts compare with those of `scaled`.
    """
    last = (
        select(m.account_id, func.max(m.day).label("day"))
        .where(m.day < moment.until, m.kind == MovementKind.CHURN)
        .group_by(m.account_id)
        .subquery()
    )
    leaving = and_(m.kind == MovementKind.CHURN, m.day == last.c.day)
    sums = (
        select(
            m.account_id,
            m.currency,
            func.sum(m.amount).label("level"),
            func.sum(case((leaving, -m.amount), else_=0)).label("last"),
        )
        .select_from(movements.outerjoin(last, last.c.account_id == m.account_id))
        .where(m.day < moment.until, m.currency.in_(list(moment.factors)))
        .group_by(m.account_id, m.currency)
        .subquery()
    )
    factors = [(sums.c.currency == currency, _factor(rate)) for currency, rate in moment.factors.items()]
    level, had = (func.sum(amount * case(*factors, else_=0)) for amount in (sums.c.level, sums.c.last))
    amount: ColumnElement[int] = case((level > 0, level), else_=had)
    return select(sums.c.account_id.label("key"), amount.label("amount")).group_by(sums.c.account_id).subquery()


def scaled(minor: int) -> ColumnElement[Decimal]:
    """An amount in minor units of the base as those of `worth` are kept."""
    bounded = max(-LARGEST, min(LARGEST, minor))
    return cast(literal(bounded, BigInteger), Numeric) * literal(10**PLACES, BigInteger)


def first_days() -> Subquery:
    """Each account that ever paid, with the day of its first MRR: columns key and day."""
    return (
        select(m.account_id.label("key"), func.min(m.day).label("day"))
        .where(m.kind == MovementKind.NEW)
        .group_by(m.account_id)
        .subquery()
    )


def with_worth(moment: Moment, compares: str, minor: int) -> Chosen:
    """Accounts whose MRR, or last one, compares so with an amount of the base; whoever never paid has none."""
    had = worth(moment)
    holds = OPERATORS[compares](had.c.amount, scaled(minor))
    if OPERATORS[compares](0, minor):
        return Chosen(select(had.c.key).where(not_(holds)), but=True, summed=True)
    return Chosen(select(had.c.key).where(holds), summed=True)


def since(start: date | None, end: date | None) -> Chosen:
    """Accounts with their first MRR on the days [start, end); None for no bound."""
    first = first_days()
    bounds = [*([first.c.day >= start] if start else []), *([first.c.day < end] if end else [])]
    return Chosen(select(first.c.key).where(*bounds), summed=True)


def named(texts: Sequence[str]) -> Chosen:
    """Accounts with one of these folded texts in name, e-mail or id."""
    return Chosen(
        select(accounts.c.id).where(or_(*(accounts.c.search.contains(one, autoescape=True) for one in texts)))
    )


def _factor(rate: Decimal) -> ColumnElement[int]:
    return literal(int(rate.scaleb(PLACES).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)), BigInteger)
