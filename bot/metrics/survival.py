"""How long customers stay, by a curve fitted to all stays there ever were, those that still run included.

The curve is the shifted beta-geometric distribution of Fader and Hardie ("How to project customer retention", 2007):
each customer leaves with a chance of its own every month, and those chances are beta distributed. So the loyal are
left over in time and fewer leave, as is seen in most companies, where one churn rate for all lets too many leave.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import exp, lgamma

WIDEST = 9.0  # the logarithm of a parameter: beyond it the curve is that of one churn rate for all
FINEST = 1e-5
Counts = tuple[tuple[int, int], ...]  # of stays, by months


@dataclass(frozen=True, slots=True)
class Tenures:
    """How many stays ended, and how many run, by their whole months."""

    ended: Mapping[int, int] = field(default_factory=dict)
    running: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curve:
    """The parameters of the beta distribution of monthly chances to leave."""

    alpha: float
    beta: float

    def survival(self, months: int) -> float:
        """The share of those who came that is still there after so many months."""
        return exp(_beta(self.alpha, self.beta + months) - _beta(self.alpha, self.beta))

    def paid_months(self, horizon: int) -> Decimal:
        """How many months of its first `horizon` ones a customer pays for on average, to a ten-thousandth."""
        return Decimal(f"{sum(self.survival(month) for month in range(horizon)):.4f}")


def fit(tenures: Tenures) -> Curve:
    """The curve that makes these tenures likeliest; at least one stay must have ended.

    The same tenures give the same curve. Curves are remembered: one figure is asked for many times when it is told.
    """
    return _fitted(*(tuple(sorted(side.items())) for side in (tenures.ended, tenures.running)))


@lru_cache(maxsize=256)
def _fitted(ended: Counts, running: Counts) -> Curve:
    """The likelihood of two parameters has one hill: steps up it are taken while there are any, then shorter ones."""
    tenures = Tenures(dict(ended), dict(running))
    at, step = (0.0, 1.0), 1.0
    best = _likelihood(tenures, *at)
    while step > FINEST:
        around = [(at[0] + x * step, at[1] + y * step) for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1))]
        inside = [one for one in around if max(map(abs, one)) <= WIDEST]
        likelihood, place = max((_likelihood(tenures, *one), one) for one in inside)
        if likelihood > best:
            best, at = likelihood, place
        else:
            step /= 2
    return Curve(exp(at[0]), exp(at[1]))


def whole_months(start: date, end: date) -> int:
    """How many months are over from one day to another: to 28 February is no whole month from 31 January."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _likelihood(tenures: Tenures, alpha: float, beta: float) -> float:
    """The logarithm of the likelihood, of parameters by their logarithms."""
    a, b = exp(alpha), exp(beta)
    ended = sum(count * _beta(a + 1, b + months) for months, count in tenures.ended.items())
    running = sum(count * _beta(a, b + months) for months, count in tenures.running.items())
    every = sum(tenures.ended.values()) + sum(tenures.running.values())
    return ended + running - every * _beta(a, b)


def _beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)
