"""Invoice items: changes of a subscription that wait for its next invoice.

On a yearly plan they may wait for months, and until then nothing else says when seats or plans changed. Each one is
told as an invoice of its own that is still to come, with one line. Once an invoice holds it, it is told as void:
by the item and by that invoice alike, since Stripe need not send an event about the item when it is billed.
"""

from collections.abc import Iterator
from datetime import datetime

from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import (
    SOURCE,
    Raw,
    Unreadable,
    instant,
    mapping,
    reference,
    required_amount,
    required_currency,
    required_id,
    required_reference,
    rows,
)
from bot.sources.stripe.lines import details_of, parse_line, subscription_of
from storage.facts import Invoice, InvoiceStatus


def parse_pending(raw: Raw, known: Known) -> Iterator[Invoice]:
    """The change, while no invoice holds it; nothing for what was added by hand to no subscription."""
    owner = mapping(mapping(raw, "parent"), "subscription_details")
    subscription = reference(owner, "subscription") or reference(raw, "subscription")
    added = instant(raw, "date") or instant(raw, "created")
    if subscription is None:
        return
    if added is None:
        raise Unreadable("does not say when it was added")
    details = {
        "subscription": subscription,
        "subscription_item": reference(owner, "subscription_item") or reference(raw, "subscription_item"),
        "proration": raw.get("proration"),
    }
    line = parse_line({**raw, "parent": {"subscription_item_details": details}}, {}, known, added)
    own, account_id, code = required_id(raw), required_reference(raw, "customer"), required_currency(raw)
    if reference(raw, "invoice") is not None:
        yield _void(own, account_id, code, line.period_start, subscription)
        return
    amount = required_amount(raw, "amount")
    yield Invoice(
        id=own,
        account_id=account_id,
        source=SOURCE,
        status=InvoiceStatus.UPCOMING,
        status_word="pending",
        currency=code,
        total=amount,
        tax=0,
        amount_due=amount,
        amount_paid=0,
        issued_at=added,
        subscription_id=subscription,
        lines=(line,),
    )


def _void(own: str, account_id: str, code: str, at: datetime, subscription: str) -> Invoice:
    """What is left of an item that waits no more, the same whether the item or its invoice told of it."""
    return Invoice(
        id=own,
        account_id=account_id,
        source=SOURCE,
        status=InvoiceStatus.VOID,
        status_word="invoiced",
        currency=code,
        total=0,
        tax=0,
        amount_due=0,
        amount_paid=0,
        issued_at=at,
        subscription_id=subscription,
    )


def billed_items(raw: Raw, invoice: Invoice) -> Iterator[Invoice]:
    """The items that waited and are lines of this invoice now."""
    for line in rows(raw, "lines"):
        own, subscription = reference(details_of(line), "invoice_item"), subscription_of(line)
        if own is not None and subscription is not None:
            at = instant(mapping(line, "period"), "start") or invoice.issued_at
            yield _void(own, invoice.account_id, invoice.currency, at, subscription)


def deleted_pending(last_seen: Raw) -> Iterator[Invoice]:
    """The tombstone of a change that was taken back before it was billed."""
    yield from parse_pending({**last_seen, "invoice": "deleted"}, Known())
