"""Invoices with their lines, of today's shape and of the one before parents and payments."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.sources.stripe.catalog import (
    SOURCE,
    Known,
    coupon_for,
    coupon_ids,
    coupon_ref,
    discounts_of,
    distinct,
    usage_of,
)
from bot.sources.stripe.customers import parse_customer
from bot.sources.stripe.fields import (
    Raw,
    Unreadable,
    flag,
    instant,
    mapping,
    number,
    reference,
    required_amount,
    required_currency,
    required_id,
    required_reference,
    rows,
    text,
    whole,
    word,
)
from storage.facts import (
    Account,
    Collection,
    Duration,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    PaymentMethod,
    Usage,
)

STATUSES = {
    "draft": InvoiceStatus.DRAFT,
    "open": InvoiceStatus.OPEN,
    "paid": InvoiceStatus.PAID,
    "void": InvoiceStatus.VOID,
    "uncollectible": InvoiceStatus.UNCOLLECTIBLE,
}
Durations = Mapping[str, Duration]


def invoice_coupons(raw: Raw) -> Iterator[str]:
    """Coupons behind all discounts that the invoice and its lines show expanded."""
    for discount in _shown_discounts(raw):
        name = coupon_ref(discount)[0]
        if name is not None:
            yield name
    yield from coupon_ids(mapping(raw, "customer"))


def invoice_prices(raw: Raw) -> Iterator[str]:
    """Prices of subscription lines, of which it must be known whether they are metered."""
    for line in rows(raw, "lines"):
        if not _shows_price(line) and (name := _price_id(line)) is not None and _of_subscription(line):
            yield name


def _shown_discounts(raw: Raw) -> Iterator[Raw]:
    yield from discounts_of(raw)
    for total in rows(raw, "total_discount_amounts"):
        if total.get("discount").__class__ is dict:
            yield total["discount"]
    for line in rows(raw, "lines"):
        yield from discounts_of(line)


def _durations(raw: Raw, known: Known) -> dict[str, Duration]:
    """How long each discount repeats, by its id."""
    durations: dict[str, Duration] = {}
    for discount in _shown_discounts(raw):
        own = reference(discount, "id")
        duration = coupon_for(discount, known).duration
        if own is not None and duration is not Duration.UNKNOWN:
            durations[own] = duration
        elif own is not None and instant(discount, "end") is not None:
            durations.setdefault(own, Duration.REPEATING)  # only these have an end
    return durations


def parse_invoice(raw: Raw, known: Known) -> Iterator[Invoice | Account | PaymentMethod]:
    """The invoice, and before it its customer where that is expanded."""
    if raw.get("customer").__class__ is dict:
        yield from parse_customer(raw["customer"], known)
    yield _invoice(raw, known)


def deleted_invoice(last_seen: Raw) -> Invoice:
    """The tombstone of a draft that was thrown away: void, with nothing on it."""
    invoice = _invoice({**last_seen, "lines": None}, Known())
    return replace(invoice, status=InvoiceStatus.VOID, status_word="deleted")


def _invoice(raw: Raw, known: Known) -> Invoice:
    status = word(raw, "status") or "unknown"
    moved = mapping(raw, "status_transitions")
    issued = _issued(raw, moved)
    details = mapping(mapping(raw, "parent"), "subscription_details")
    total = required_amount(raw, "total")
    durations = _durations(raw, known)
    return Invoice(
        id=required_id(raw),
        account_id=required_reference(raw, "customer"),
        source=SOURCE,
        status=STATUSES.get(status, InvoiceStatus.UNKNOWN),
        status_word=status,
        currency=required_currency(raw),
        total=total,
        tax=_tax(raw),
        amount_due=_or(whole(raw, "amount_due"), total),
        amount_paid=_or(whole(raw, "amount_paid"), 0),
        issued_at=issued,
        number=text(raw, "number"),
        subscription_id=reference(details, "subscription") or reference(raw, "subscription"),
        due_at=instant(raw, "due_date"),
        paid_at=instant(moved, "paid_at"),
        attempt_count=_or(whole(raw, "attempt_count"), 0),
        next_attempt_at=instant(raw, "next_payment_attempt"),
        collection=Collection.INVOICE if raw.get("collection_method") == "send_invoice" else Collection.CHARGE,
        hosted_url=text(raw, "hosted_invoice_url", 2000),
        payment_refs=_payment_refs(raw),
        lines=distinct(_line(line, durations, known, issued) for line in rows(raw, "lines")),
    )


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _issued(raw: Raw, moved: Raw) -> datetime:
    issued = (
        instant(raw, "effective_at")
        or instant(moved, "finalized_at")
        or instant(raw, "created")
        or instant(raw, "date")
    )
    if issued is None:
        raise Unreadable("it does not say when it was issued")
    return issued


def _tax(raw: Raw) -> int:
    if "total_taxes" in raw:
        return sum(_or(whole(one, "amount"), 0) for one in rows(raw, "total_taxes"))
    tax = whole(raw, "tax")
    if tax is not None:
        return tax
    return sum(_or(whole(one, "amount"), 0) for one in rows(raw, "total_tax_amounts"))


def _payment_refs(raw: Raw) -> tuple[str, ...]:
    """Intents and charges, each once, in Stripe's order."""
    found: dict[str, None] = {}
    for holder in (*(mapping(one, "payment") for one in rows(raw, "payments")), raw):
        for key in ("payment_intent", "charge"):
            name = reference(holder, key)
            if name is not None:
                found[name] = None
    return tuple(found)


def _details(line: Raw) -> Raw:
    """What a line comes from: today's parent, or the line itself as it used to be."""
    parent = mapping(line, "parent")
    return mapping(parent, "subscription_item_details") or mapping(parent, "invoice_item_details") or line


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
    return sum(_or(whole(one, "amount"), 0) for one in (*taxes, *old))


def _discounted(line: Raw, durations: Durations) -> dict[Duration, int]:
    """What each kind of discount takes off; one that no longer tells its kind counts as taken once."""
    sums = {Duration.ONCE: 0, Duration.REPEATING: 0, Duration.FOREVER: 0}
    for one in rows(line, "discount_amounts"):
        duration = durations.get(reference(one, "discount") or "", Duration.ONCE)
        sums[duration] += _or(whole(one, "amount"), 0)
    return sums


def _line(line: Raw, durations: Durations, known: Known, issued: datetime) -> InvoiceLine:
    details, period, price_id = _details(line), mapping(line, "period"), _price_id(line)
    off = _discounted(line, durations)
    start = instant(period, "start") or issued
    exact = number(line, "quantity_decimal")
    return InvoiceLine(
        id=required_id(line),
        kind=_kind(line, details, price_id, known),
        amount=_gross(line),
        quantity=number(line, "quantity") if exact is None else exact,
        period_start=start,
        period_end=max(instant(period, "end") or start, start),
        subscription_id=reference(details, "subscription") or reference(line, "subscription"),
        item_id=reference(details, "subscription_item"),
        price_id=price_id,
        proration=flag(details, "proration"),
        discount_once=off[Duration.ONCE],
        discount_repeating=off[Duration.REPEATING],
        discount_forever=off[Duration.FOREVER],
        tax_inside=_tax_inside(line),
        description=text(line, "description"),
    )
