"""What was spent in a window, of periods that may lie across its edges."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.metrics.rates import Rates
from bot.metrics.windows import Window
from storage.inputs import Spend

ZERO = Decimal(0)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outlay:
    """An amount in minor units of the base, unrounded; `untold` is the first day that nothing is told of.

    `unrated` is a currency without a rate that the amount lacks.
    """

    amount: Decimal = ZERO
    untold: date | None = None
    unrated: str | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """What keeping and winning customers cost; None for a part of the company, as spend is told for all of it."""

    retention: Outlay | None = None
    acquisition: Outlay | None = None


def outlay(window: Window, spent: Iterable[Spend], rates: Rates) -> Outlay:
    """Each amount spread evenly over the days of its period, and those in the window converted by their day's rate."""
    amount, unrated = ZERO, None
    told: set[date] = set()
    for one in spent:
        days = list(_days(max(one.start, window.start), min(one.end, window.end)))
        factors = [rates.factor(one.currency, day) for day in days]
        told.update(days)
        known = [factor for factor in factors if factor is not None]
        amount += one.amount * sum(known, ZERO) / one.days
        if len(known) < len(factors) and one.amount:
            unrated = unrated or one.currency
    return Outlay(amount, next((day for day in _days(window.start, window.end) if day not in told), None), unrated)


def _days(start: date, end: date) -> Iterable[date]:
    return (start + number * DAY for number in range((end - start).days))
