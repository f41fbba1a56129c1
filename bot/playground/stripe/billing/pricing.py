"""What a price charges for a quantity, exactly; rounding is left to whoever writes an invoice or a level."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bot.playground.stripe.store import Object

_MONTHS = {"month": Fraction(1), "year": Fraction(12), "week": Fraction(12, 52), "day": Fraction(12, 365)}


@dataclass(frozen=True)
class Part:
    """One line's worth of a price: units at a unit amount, or a tier's flat amount (quantity 0)."""

    quantity: int
    unit_amount: Decimal
    amount: Decimal
    tier: int | None = None


def months(price: Object) -> Fraction:
    """Length of the price's billing period in months; a week is 12/52, a day 12/365."""
    recurring = price["recurring"]
    return _MONTHS[recurring["interval"]] * int(recurring["interval_count"])


def parts(price: Object, extras: Object, quantity: int, currency: str) -> list[Part]:
    """`extras` holds the price's tiers and currency options; amounts are minor units of `currency`."""
    if price["tiers_mode"] == "graduated":
        return list(_graduated(extras["tiers"], quantity))
    if price["tiers_mode"] == "volume":
        return list(_volume(extras["tiers"], quantity))
    unit = unit_amount(price, extras, currency)
    return [Part(quantity, unit, unit * packages(price, quantity))]


def period_amount(price: Object, extras: Object, quantity: int, currency: str) -> Decimal:
    return sum((part.amount for part in parts(price, extras, quantity, currency)), Decimal(0))


def unit_amount(price: Object, extras: Object, currency: str) -> Decimal:
    stated = price if price["currency"] == currency else extras["currency_options"][currency]
    return Decimal(stated["unit_amount_decimal"])


def packages(price: Object, quantity: int) -> int:
    transform = price["transform_quantity"]
    if not transform:
        return quantity
    size: int = transform["divide_by"]
    return -(-quantity // size) if transform["round"] == "up" else quantity // size


def _graduated(tiers: list[Object], quantity: int) -> Iterator[Part]:
    reached = 0
    for place, tier in enumerate(tiers, 1):
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if top <= reached:
            return
        yield from _tier(tier, top - reached, place)
        reached = top


def _volume(tiers: list[Object], quantity: int) -> Iterator[Part]:
    for place, tier in enumerate(tiers, 1):
        if tier["up_to"] is None or quantity <= tier["up_to"]:
            yield from _tier(tier, quantity, place)
            return


def _tier(tier: Object, units: int, place: int) -> Iterator[Part]:
    unit = Decimal(tier["unit_amount_decimal"] or 0)
    yield Part(units, unit, unit * units, place)
    if tier["flat_amount_decimal"]:
        flat = Decimal(tier["flat_amount_decimal"])
        yield Part(0, flat, flat, place)
