"""Invoice items: changes of a subscription that wait for its next invoice.

On a yearly plan they may wait for months, and until then nothing else says when seats or plans changed. Each one is
told as an invoice of its own that is still to come, with one line; the real invoice outweighs it later.
"""

from collections.abc import Iterator

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
)
from bot.sources.stripe.lines import parse_line
from storage.facts import Invoice, InvoiceStatus


def parse_pending(raw: Raw, known: Known) -> Iterator[Invoice]:
    """The change, while no invoice holds it; nothing for what was added by hand to no subscription."""
    owner = mapping(mapping(raw, "parent"), "subscription_details")
    subscription = reference(owner, "subscription") or reference(raw, "subscription")
    added = instant(raw, "date") or instant(raw, "created")
    if subscription is None:
        return
    if added is None:
        raise Unreadable("it does not say when it was added")
    details = {
        "subscription": subscription,
        "subscription_item": reference(owner, "subscription_item") or reference(raw, "subscription_item"),
        "proration": raw.get("proration"),
    }
    line = parse_line({**raw, "parent": {"subscription_item_details": details}}, {}, known, added)
    waits = reference(raw, "invoice") is None
    amount = required_amount(raw, "amount") if waits else 0
    yield Invoice(
        id=required_id(raw),
        account_id=required_reference(raw, "customer"),
        source=SOURCE,
        status=InvoiceStatus.UPCOMING if waits else InvoiceStatus.VOID,
        status_word="pending" if waits else "invoiced",
        currency=required_currency(raw),
        total=amount,
        tax=0,
        amount_due=amount,
        amount_paid=0,
        issued_at=added,
        subscription_id=subscription,
        lines=(line,) if waits else (),
    )


def deleted_pending(last_seen: Raw) -> Iterator[Invoice]:
    """The tombstone of a change that was taken back before it was billed."""
    yield from parse_pending({**last_seen, "invoice": "deleted"}, Known())
