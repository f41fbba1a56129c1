"""How many people use the product on a day and in a month, on average over a window."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Activity:
    """People active on a day and in a month, of those accounts that both are known of."""

    daily: Decimal = ZERO
    monthly: Decimal = ZERO


def activity(daily: Mapping[str, Decimal], monthly: Mapping[str, Decimal], company: str) -> Activity:
    """From the averages of each account: the sums over the accounts with both, or the company's own where it has both.

    People of two accounts would count twice in a sum, so what is told of the company as a whole goes first.
    """
    both = daily.keys() & monthly.keys()
    if company in both:
        both = {company}
    return Activity(_sum(daily[one] for one in both), _sum(monthly[one] for one in both))


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)
