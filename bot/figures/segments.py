"""Segments and filters of a question: what a dimension divides, at the end of what was asked."""

from datetime import date, timedelta

from sqlmodel import Session

from bot.metrics.rates import Rates
from bot.money import exponent
from storage import ledger
from storage.worth import Moment


def moment(session: Session, rates: Rates, until: date) -> Moment:
    """The start of a day, by the rates of the day before: what sizes and tenures are told at."""
    yesterday = until - timedelta(days=1)
    factors = {one: rates.factor(one, yesterday) for one in sorted({rates.base, *ledger.currencies(session)})}
    known = {currency: factor for currency, factor in factors.items() if factor is not None}
    return Moment(until, known, 10 ** exponent(rates.base))
