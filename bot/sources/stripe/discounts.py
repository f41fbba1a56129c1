"""Coupons, and the discounts that put them to work on a customer, a subscription or an item."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from bot.sources.stripe.fields import (
    Raw,
    Unreadable,
    currency,
    distinct,
    instant,
    mapping,
    number,
    reference,
    rows,
    whole,
    word,
)
from storage.facts import Discount, Duration, Usage

DURATIONS = {member.value: member for member in Duration}


@dataclass(frozen=True, slots=True)
class Coupon:
    """What a discount takes off; `amounts` by currency, in minor units."""

    duration: Duration
    percent_off: Decimal | None
    amounts: dict[str, int]
    products: tuple[str, ...]


@dataclass(slots=True)
class Known:
    """What other objects only name: coupons, and whether a price is metered. None stands for "gone at the source"."""

    coupons: dict[str, Coupon | None] = field(default_factory=dict)
    usages: dict[str, Usage | None] = field(default_factory=dict)


UNTOLD = Coupon(Duration.UNKNOWN, None, {}, ())


def coupon_of(raw: Raw) -> Coupon:
    amounts = {}
    for code, option in mapping(raw, "currency_options").items():
        amount = _amount(option) if option.__class__ is dict else None
        if amount is not None:
            amounts[code] = amount
    own, amount = currency(raw), _amount(raw)
    if own is not None and amount is not None:
        amounts[own] = amount
    return Coupon(
        duration=DURATIONS.get(word(raw, "duration") or "", Duration.UNKNOWN),
        percent_off=_percent(raw),
        amounts=amounts,
        products=_product_ids(mapping(raw, "applies_to")),
    )


def _percent(raw: Raw) -> Decimal | None:
    percent = number(raw, "percent_off")
    if percent is not None and not 0 <= percent <= 100:
        raise Unreadable("has a percent_off that is no percentage")
    return percent


def _amount(raw: Raw) -> int | None:
    amount = whole(raw, "amount_off")
    if amount is not None and amount < 0:
        raise Unreadable("takes less than nothing off")
    return amount


def _product_ids(raw: Raw) -> tuple[str, ...]:
    named = raw.get("products")
    return tuple(one for one in named if one.__class__ is str) if named.__class__ is list else ()


def discounts_of(raw: Raw) -> Iterator[Raw]:
    """The expanded discounts of an object, in the plural of today or the singular of old."""
    if "discounts" in raw:
        yield from rows(raw, "discounts")
    elif raw.get("discount").__class__ is dict:
        yield raw["discount"]


def coupon_ref(raw: Raw) -> tuple[str | None, Raw | None]:
    """The coupon of a discount: its id, and itself where it is expanded and tells its duration."""
    source = mapping(raw, "source")
    holder = source if "coupon" in source else raw
    inside = holder.get("coupon")
    told = inside if inside.__class__ is dict and "duration" in inside else None
    return reference(holder, "coupon"), told


def coupon_ids(raw: Raw) -> Iterator[str]:
    """Coupons that an object's own discounts name."""
    for discount in discounts_of(raw):
        name = coupon_ref(discount)[0]
        if name is not None:
            yield name


def coupon_for(raw: Raw, known: Known) -> Coupon:
    """The coupon of a discount; the list of coupons tells more (products) than the expanded one."""
    name, told = coupon_ref(raw)
    listed = known.coupons.get(name) if name is not None else None
    if listed is not None:
        return listed
    return coupon_of(told) if told is not None else UNTOLD


def parse_discounts(raw: Raw, known: Known, code: str | None) -> tuple[Discount, ...]:
    """An object's discounts in Stripe's order, each once; `code` is the currency that amounts off are wanted in."""
    if not (raw.get("discounts") or raw.get("discount")):
        return ()
    return distinct(_discount(one, known, code) for one in discounts_of(raw))


def _discount(raw: Raw, known: Known, code: str | None) -> Discount:
    coupon = coupon_for(raw, known)
    unit = code if code in coupon.amounts else next(reversed(coupon.amounts), None)
    return Discount(
        id=reference(raw, "id") or coupon_ref(raw)[0] or "discount",
        duration=coupon.duration,
        percent_off=coupon.percent_off,
        amount_off=None if unit is None else coupon.amounts[unit],
        currency=unit,
        starts_at=instant(raw, "start"),
        ends_at=instant(raw, "end"),
        products=coupon.products,
    )
