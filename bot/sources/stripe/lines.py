"""The lines of an invoice, of today's shape and of the one before parents and pricing."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.sources.stripe.catalog import usage_of
from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import (
    Raw,
    flag,
    instant,
    mapping,
    number,
    reference,
    required_amount,
    required_id,
    rows,
    summed,
    text,
    whole,
)
from storage.facts import Duration, InvoiceLine, LineKind, Usage

Durations = Mapping[str, Duration]


def line_prices(invoice: Raw) -> Iterator[str]:
    """Prices of subscription lines, of which it must be known whether they are metered."""
    for line in rows(invoice, "lines"):
        if not _shows_price(line) and (name := _price_id(line)) is not None and _of_subscription(line):
            yield name


def details_of(line: Raw) -> Raw:
    """What a line comes from: today's parent, or the line itself as it used to be."""
    parent = mapping(line, "parent")
    return mapping(parent, "subscription_item_details") or mapping(parent, "invoice_item_details") or line


def subscription_of(line: Raw) -> str | None:
    return reference(details_of(line), "subscription") or reference(line, "subscription")


def _of_subscription(line: Raw) -> bool:
    """Whether an item of a subscription is billed, not something added by hand."""
    parent = mapping(line, "parent")
    if parent:
        return "subscription_item_details" in parent and parent["subscription_item_details"] is not None
    return line.get("type") == "subscription"


def _shows_price(line: Raw) -> Raw:
    priced = mapping(mapping(line, "pricing"), "price_details")
    return mapping(priced, "price") or mapping(line, "price") or mapping(line, "plan")


def _price_id(line: Raw) -> str | None:
    priced = mapping(mapping(line, "pricing"), "price_details")
    return reference(priced, "price") or reference(line, "price") or reference(line, "plan")


def _kind(line: Raw, details: Raw, price_id: str | None, known: Known) -> LineKind:
    if not _of_subscription(line):
        corrects = flag(details, "proration") and reference(details, "subscription") is not None
        return LineKind.RECURRING if corrects else LineKind.ONE_OFF
    shown = _shows_price(line)
    usage = usage_of(shown) if shown else known.usages.get(price_id or "")
    return LineKind.USAGE if usage is Usage.METERED else LineKind.RECURRING


def _gross(line: Raw) -> int:
    """Before discounts, with inclusive tax.

    Stripe gives two amounts and does not say of `amount` whether an item's own discounts are off it, nor of
    `subtotal` whether inclusive tax is; each omission only lessens, so the larger is the gross one.
    """
    amount, subtotal = required_amount(line, "amount"), whole(line, "subtotal")
    return subtotal if subtotal is not None and abs(subtotal) > abs(amount) else amount


def _tax_inside(line: Raw) -> int:
    taxes = (one for one in rows(line, "taxes") if one.get("tax_behavior") == "inclusive")
    old = (one for one in rows(line, "tax_amounts") if flag(one, "inclusive"))
    return summed((*taxes, *old), "amount")


def _discounted(line: Raw, durations: Durations) -> dict[Duration, int]:
    """What each kind of discount takes off.

    A discount whose coupon is gone from Stripe no longer tells how long it lasted: it counts as taken once, so that
    the line is worth its full price from the next month on.
    """
    parts: dict[Duration, list[Raw]] = {Duration.ONCE: [], Duration.REPEATING: [], Duration.FOREVER: []}
    for one in rows(line, "discount_amounts"):
        parts[durations.get(reference(one, "discount") or "", Duration.ONCE)].append(one)
    return {duration: summed(those, "amount") for duration, those in parts.items()}


def parse_line(line: Raw, durations: Durations, known: Known, issued: datetime) -> InvoiceLine:
    details, period, price_id = details_of(line), mapping(line, "period"), _price_id(line)
    off = _discounted(line, durations)
    start = instant(period, "start") or issued
    exact = number(line, "quantity_decimal")
    return InvoiceLine(
        id=required_id(line),
        kind=_kind(line, details, price_id, known),
        amount=_gross(line),
        quantity=number(line, "quantity") if exact is None else exact,
        period_start=start,
        period_end=instant(period, "end") or start,
        subscription_id=subscription_of(line),
        item_id=reference(details, "subscription_item"),
        price_id=price_id,
        proration=flag(details, "proration"),
        discount_once=off[Duration.ONCE],
        discount_repeating=off[Duration.REPEATING],
        discount_forever=off[Duration.FOREVER],
        tax_inside=_tax_inside(line),
        description=text(line, "description"),
    )
