"""Invoices with their lines, of today's shape and of the one before parents and payments."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.sources.stripe.customers import parse_customer
from bot.sources.stripe.discounts import Known, coupon_for, coupon_ids, coupon_ref, discounts_of
from bot.sources.stripe.fields import (
    MOST,
    SOURCE,
    Raw,
    Unreadable,
    distinct,
    instant,
    mapping,
    reference,
    required_amount,
    required_currency,
    required_id,
    required_reference,
    rows,
    summed,
    text,
    web_address,
    whole,
    whole_or,
    word,
)
from bot.sources.stripe.lines import parse_line
from bot.sources.stripe.pending import billed_items
from storage.facts import (
    Account,
    Collection,
    Duration,
    Invoice,
    InvoiceStatus,
    PaymentMethod,
)

STATUSES = {
    "draft": InvoiceStatus.DRAFT,
    "open": InvoiceStatus.OPEN,
    "paid": InvoiceStatus.PAID,
    "void": InvoiceStatus.VOID,
    "uncollectible": InvoiceStatus.UNCOLLECTIBLE,
}


def invoice_coupons(raw: Raw) -> Iterator[str]:
    """Coupons behind all discounts that the invoice and its lines show expanded."""
    for discount in _shown_discounts(raw):
        name = coupon_ref(discount)[0]
        if name is not None:
            yield name
    yield from coupon_ids(mapping(raw, "customer"))


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
    """The invoice, before it its customer where that is expanded, and after it the items that wait no more."""
    if raw.get("customer").__class__ is dict:
        yield from parse_customer(raw["customer"], known)
    invoice = _invoice(raw, known)
    yield invoice
    yield from billed_items(raw, invoice)


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
        amount_due=whole_or(raw, "amount_due", total),
        amount_paid=whole_or(raw, "amount_paid", 0),
        issued_at=issued,
        credited=whole_or(raw, "pre_payment_credit_notes_amount", 0)
        + whole_or(raw, "post_payment_credit_notes_amount", 0),
        number=text(raw, "number"),
        subscription_id=reference(details, "subscription") or reference(raw, "subscription"),
        due_at=instant(raw, "due_date"),
        paid_at=instant(moved, "paid_at"),
        attempt_count=whole(raw, "attempt_count", MOST) or 0,
        next_attempt_at=instant(raw, "next_payment_attempt"),
        collection=Collection.INVOICE if raw.get("collection_method") == "send_invoice" else Collection.CHARGE,
        hosted_url=web_address(raw, "hosted_invoice_url"),
        payment_refs=_payment_refs(raw),
        lines=distinct(parse_line(line, durations, known, issued) for line in rows(raw, "lines")),
    )


def _issued(raw: Raw, moved: Raw) -> datetime:
    issued = (
        instant(raw, "effective_at")
        or instant(moved, "finalized_at")
        or instant(raw, "created")
        or instant(raw, "date")
    )
    if issued is None:
        raise Unreadable("does not say when it was issued")
    return issued


def _tax(raw: Raw) -> int:
    if "total_taxes" in raw:
        return summed(rows(raw, "total_taxes"), "amount")
    tax = whole(raw, "tax")
    if tax is not None:
        return tax
    return summed(rows(raw, "total_tax_amounts"), "amount")


def _payment_refs(raw: Raw) -> tuple[str, ...]:
    """Intents and charges, each once, in Stripe's order."""
    found: dict[str, None] = {}
    for holder in (*(mapping(one, "payment") for one in rows(raw, "payments")), raw):
        for key in ("payment_intent", "charge"):
            name = reference(holder, key)
            if name is not None:
                found[name] = None
    return tuple(found)
