"""How those who first paid in the same month went on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

from bot.metrics.rates import Rates
from bot.metrics.windows import Window, months
from storage.movements import CohortSum

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The accounts that first paid in the month of `start`: how many they were and what they paid on their first days.

    `customers` and `mrr` are how many of them pay, and how much, at the end of each month since, the window's end
    instead of that of its last one. Every movement counts by the rate of its day, so exchange rates move nothing.
    """

    start: date
    members: int
    first: Decimal
    customers: tuple[int, ...]
    mrr: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The cohorts that began in a window, oldest first."""

    each: tuple[Cohort, ...] = ()


class Logos(Cohorts):
    """The same, of customers alone: what they pay is not looked up."""


def cohorts(sums: Iterable[CohortSum], window: Window, rates: Rates) -> dict[str, Cohorts]:
    """The cohorts of a window by label."""
    found: defaultdict[str, defaultdict[date, list[CohortSum]]] = defaultdict(lambda: defaultdict(list))
    for one in sums:
        found[one.label][one.cohort].append(one)
    return {
        label: Cohorts(tuple(_cohort(start, by_start[start], window, rates) for start in sorted(by_start)))
        for label, by_start in found.items()
    }


def _cohort(start: date, sums: Iterable[CohortSum], window: Window, rates: Rates) -> Cohort:
    customers: defaultdict[date, int] = defaultdict(int)
    mrr: defaultdict[date, Decimal] = defaultdict(Decimal)
    members, first = 0, ZERO
    for one in sums:
        if one.amount:  # most sums are of one kind alone
            mrr[one.month] += rates.convert(one.amount, one.currency, one.day or one.month) or ZERO
        members += one.members
        if one.first:
            first += rates.convert(one.first, one.currency, one.day or one.month) or ZERO
        if one.customers:
            customers[one.month] += one.customers
    since = [month.start for month in months(start, window.end)]
    return Cohort(
        start,
        members,
        first,
        tuple(accumulate(customers[month] for month in since)),
        tuple(accumulate(mrr[month] for month in since)),
    )
