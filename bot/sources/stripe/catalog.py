"""Products and prices, and the plans that prices used to be."""

from decimal import Decimal

from bot.sources.stripe.fields import (
    LONGEST_RHYTHM,
    MOST,
    SOURCE,
    Raw,
    Unreadable,
    currency,
    flag,
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
from storage.facts import Interval, Price, Product, Rate, Scheme, Tier, Usage
from storage.states import Fault

INTERVALS = {member.value: member for member in Interval}


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
    size = whole(pack, "divide_by", MOST) or 1
    return Price(
        id=required_id(raw),
        source=SOURCE,
        product_id=reference(raw, "product"),
        nickname=text(raw, "nickname"),
        interval=_interval(terms),
        interval_count=_interval_count(terms),
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
        raise Unreadable(f"recurs by the unknown interval {name}", Fault.UNKNOWN_INTERVAL)
    return INTERVALS[name]


def _interval_count(terms: Raw) -> int:
    count = whole(terms, "interval_count", LONGEST_RHYTHM)
    if count is not None and count < 1:
        raise Unreadable(f"recurs every {count} {word(terms, 'interval')}s", Fault.UNKNOWN_INTERVAL)
    return count or 1


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
    return Rate(unit_amount=exact_amount(raw, "unit_amount", "amount"), tiers=_tiers(raw))


def exact_amount(raw: Raw, *keys: str) -> Decimal | None:
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
            unit_amount=exact_amount(tier, "unit_amount", "amount") or nothing,
            flat_amount=exact_amount(tier, "flat_amount") or nothing,
        )
        for tier in rows(raw, "tiers")
    )
