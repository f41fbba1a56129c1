"""What an account of very many is billed: when it begins, whenever what it pays for changes, and for the present.

Renewals at which nothing changed are left out, so that a million accounts have some millions of bills, not sixty.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bot.playground.company.lives import Life, Step, period
from bot.playground.stripe.billing.dates import add_months, moment
from bot.playground.stripe.billing.lines import whole


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of a bill: what a step costs from `start` to `end`, in whole cents; negative for a credit.

    `credits` is the month of the bill that charged for what is given back. A line of part of a period is a proration.
    """

    step: Step
    start: int
    end: int
    amount: int
    credits: int | None = None
    prorated: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of `month` after the account began: 0 for the first. `before` and `after` are what it has in credit."""

    month: int
    at: int
    charges: Sequence[Charge]
    before: int
    after: int

    @property
    def total(self) -> int:
        return sum(one.amount for one in self.charges)

    @property
    def due(self) -> int:
        return max(0, self.total - self.before)


def bills(life: Life, today: int) -> Iterator[Bill]:
    """All of an account's, the oldest first."""
    credit = 0
    before = None
    for month in months(life, today):
        at = add_months(life.began, month)
        charges = tuple(_charges(life, month, at, before))
        left = max(0, credit - sum(one.amount for one in charges))
        yield Bill(month, at, charges, credit, left)
        credit, before = left, month


def months(life: Life, today: int) -> list[int]:
    """The months after its beginning in which an account is billed."""
    changed = {_since(life.began, step.at) for step in life.steps}
    begun = period(life.began, life.left.at - 1 if life.left else today, yearly=life.yearly)[0]
    every = 12 if life.yearly else 1
    whole_periods = {month // every * every for month in changed}  # what a change within a period gives back
    return sorted({*changed, *whole_periods, _since(life.began, begun)})


def _charges(life: Life, month: int, at: int, before: int | None) -> Iterator[Charge]:
    every = 12 if life.yearly else 1
    step = [one for one in life.steps if one.at <= at][-1]
    start, end = (add_months(life.began, month // every * every + more) for more in (0, every))
    if at == start:
        yield Charge(step, at, end, step.price * step.seats)
        return
    left = Fraction(end - at, end - start)
    old = [one for one in life.steps if one.at < at][-1]
    yield Charge(old, at, end, -whole(old.price * old.seats * left), credits=before, prorated=True)
    yield Charge(step, at, end, whole(step.price * step.seats * left), prorated=True)


def _since(began: int, at: int) -> int:
    first, then = moment(began), moment(at)
    return (then.year - first.year) * 12 + then.month - first.month
