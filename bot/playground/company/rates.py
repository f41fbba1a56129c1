"""Plausible exchange rates to the dollar: the same for everyone who asks for the same day, moving slowly."""

from decimal import Decimal
from math import exp, sin

from bot.playground.stripe.billing.dates import DAY

# Dollars for one major unit around which the rate moves, and how far it may stray.
_AROUND = {"eur": (1.09, 0.03), "gbp": (1.27, 0.025), "jpy": (0.0066, 0.05), "kwd": (3.25, 0.004)}


def to_dollars(currency: str, second: int) -> Decimal:
    """Dollars for one major unit of `currency` on the UTC day of `second`, six places; KeyError if never traded."""
    around, reach = _AROUND[currency]
    day, phase = second // DAY, sum(map(ord, currency))
    drift = 0.6 * sin(day / 97 + phase) + 0.3 * sin(day / 23 + 2 * phase) + 0.1 * sin(day * 1.7 + 3 * phase)
    return Decimal(around * exp(reach * drift)).quantize(Decimal("0.000001"))
