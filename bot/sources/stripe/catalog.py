"""Coupons, discounts, products and prices (and the plans they used to be) as facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeVar

from bot.sources.stripe.fields import (
    Raw,
    Unreadable,
    currency,
    flag,
    instant,
    mapping,
    number,
    reference,
    required_currency,
    required_id,
    rows,
    text,
    whole,
    word,
)
from storage.facts import Discount, Duration, Interval, Price, Product, Rate, Scheme, Tier, Usage

SOURCE = "stripe"
DURATIONS = {member.value: member for member in Duration}
INTERVALS = {member.value: member for member in Interval}


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


class HasId(Protocol):
    """A fact that is stored under its id."""

    @property
    def id(self) -> str: ...


One = TypeVar("One", bound=HasId)


def distinct(found: Iterable[One]) -> tuple[One, ...]:
    """In order, the first of each id: two of them could not be stored."""
    first: dict[str, One] = {}
    for one in found:
        first.setdefault(one.id, one)
    return tuple(first.values())


def coupon_of(raw: Raw) -> Coupon:
    amounts = {}
    for code, option in mapping(raw, "currency_options").items():
        amount = whole(option, "amount_off") if option.__class__ is dict else None
        if amount is not None:
            amounts[code] = amount
    own, amount = currency(raw), whole(raw, "amount_off")
    if own is not None and amount is not None:
        amounts[own] = amount
    return Coupon(
        duration=DURATIONS.get(word(raw, "duration") or "", Duration.UNKNOWN),
        percent_off=number(raw, "percent_off"),
        amounts=amounts,
        products=_product_ids(mapping(raw, "applies_to")),
    )


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


def parse_product(raw: Raw) -> Product:
    own = required_id(raw)
    return Product(id=own, source=SOURCE, name=text(raw, "name") or own)


def usage_of(raw: Raw) -> Usage:
    """Of a price or a plan."""
    terms = mapping(raw, "recurring") or raw
    return Usage.METERED if terms.get("usage_type") == "metered" else Usage.LICENSED


def parse_price(raw: Raw) -> Price:
    """A price, or a plan, which has its recurring terms at the top."""
    terms = raw if raw.get("object") == "plan" else mapping(raw, "recurring")
    pack = mapping(raw, "transform_quantity") or mapping(raw, "transform_usage")
    count = whole(terms, "interval_count") or 1
    size = whole(pack, "divide_by") or 1
    return Price(
        id=required_id(raw),
        source=SOURCE,
        product_id=reference(raw, "product"),
        nickname=text(raw, "nickname"),
        interval=_interval(terms),
        interval_count=max(count, 1),
        usage=usage_of(raw),
        scheme=_scheme(raw),
        rates=_rates(raw),
        pack_size=max(size, 1),
        pack_round_up=pack.get("round") != "down",
        tax_inclusive=raw.get("tax_behavior") == "inclusive",
        active=flag(raw, "active"),
    )


def _interval(terms: Raw) -> Interval | None:
    name = word(terms, "interval")
    if name is None:
        return None
    if name not in INTERVALS:
        raise Unreadable(f"it recurs by an unknown interval, {name}")
    return INTERVALS[name]


def _scheme(raw: Raw) -> Scheme:
    if raw.get("billing_scheme") != "tiered":
        return Scheme.PER_UNIT
    return Scheme.VOLUME if raw.get("tiers_mode") == "volume" else Scheme.GRADUATED


def _rates(raw: Raw) -> dict[str, Rate]:
    """By currency; a tiered rate without its tiers is left out, since it would look like one that costs nothing."""
    own = required_currency(raw)
    rates = {own: _rate(raw)}
    for code, option in mapping(raw, "currency_options").items():
        if option.__class__ is dict and currency({"currency": code}) == code:
            rates.setdefault(code, _rate(option))
    tiered = raw.get("billing_scheme") == "tiered"
    return {code: rate for code, rate in rates.items() if rate.tiers or not tiered}


def _rate(raw: Raw) -> Rate:
    return Rate(unit_amount=_amount(raw, "unit_amount", "amount"), tiers=_tiers(raw))


def _amount(raw: Raw, *keys: str) -> Decimal | None:
    """The first of these amounts that is given, its exact form before the whole one."""
    for key in keys:
        for name in (f"{key}_decimal", key):
            value = number(raw, name)
            if value is not None:
                return value
    return None


def _tiers(raw: Raw) -> tuple[Tier, ...]:
    nothing = Decimal(0)
    return tuple(
        Tier(
            up_to=whole(tier, "up_to"),
            unit_amount=_amount(tier, "unit_amount", "amount") or nothing,
            flat_amount=_amount(tier, "flat_amount") or nothing,
        )
        for tier in rows(raw, "tiers")
    )
