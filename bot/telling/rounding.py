"""Amounts of one sum as they are shown: rounded so that they add up in front of the reader."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from bot.money import exponent, to_major
from bot.telling.told import WHOLE_FROM, exact

CENT = Decimal(1)


def step(total: Decimal, base: str) -> Decimal:
    """The least difference that a sum shows, in minor units: a whole unit from a hundred units on, else a cent."""
    return Decimal(1).scaleb(exponent(base)) if abs(to_major(total, base)) >= WHOLE_FROM else CENT


def nearest(amount: Decimal, least: Decimal) -> int:
    """An amount in minor units, rounded to multiples of `least`."""
    return int((amount / least).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * least)


def adding_up(parts: Sequence[Decimal], total: Decimal, base: str) -> list[int]:
    """The parts in whole minor units as a sum shows them: together they are the rounded total.

    What rounding leaves goes to the first parts that were rounded the other way, so none is off by a whole step and
    an exact one stays as it is.
    """
    return adding_up_by(parts, total, step(total, base))


def adding_up_by(parts: Sequence[Decimal], total: Decimal, least: Decimal) -> list[int]:
    """The parts as multiples of `least` that together are the rounded total."""
    shown = [nearest(part, least) for part in parts]
    left = nearest(total, least) - sum(shown)
    way = int(least) if left > 0 else -int(least)
    for place, part in enumerate(parts):
        if left and (part - shown[place]) * way > 0:
            shown[place] += way
            left -= way
    return shown


def at_most(shown: int, total: Decimal, base: str) -> str:
    """A shown amount without its sign; one that is too small for its sum as "under $1"."""
    return exact(abs(shown), base) if shown else f"under {exact(int(step(total, base)), base)}"
