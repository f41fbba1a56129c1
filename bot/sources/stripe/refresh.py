"""Reads again the objects that events named; what is gone leaves a tombstone made of the event."""

from collections.abc import Iterator
from typing import Any

from bot.sources.stripe.client import NotFound
from bot.sources.stripe.customers import deleted_customer
from bot.sources.stripe.events import TELL_THE_RATE, Touched
from bot.sources.stripe.fields import Unreadable, instant, mapping, required_reference
from bot.sources.stripe.invoices import deleted_invoice
from bot.sources.stripe.kinds import BY_NAME, CHARGES, CUSTOMERS, INVOICES, ITEMS, PENDING, SUBSCRIPTIONS
from bot.sources.stripe.pending import deleted_pending
from bot.sources.stripe.reader import Read, Reader, together
from storage.facts import Fact

Found = tuple[str, dict[str, Any] | None, dict[str, Any]]


async def read_again(reader: Reader, touched: Touched) -> Read:
    """The facts of everything touched, accounts before what belongs to them, and the latest of a kind first."""
    found = await together([_again(reader, name, own, event) for (name, own), event in touched.items()])
    again = Read([], [])
    for kind in BY_NAME.values():
        mine = [one for one in reversed(found) if one[0] == kind.name]
        read = await reader.facts(kind, [raw for _, raw, _ in mine if raw is not None])
        again.facts.extend(read.facts)
        again.unread.extend(read.unread)
        again.facts.extend(tomb for name, raw, event in mine if raw is None for tomb in _tombstone(name, event))
    return again


async def _again(reader: Reader, name: str, own: str, event: dict[str, Any]) -> Found:
    try:
        raw = await reader.one(BY_NAME[name], own)
        if name == ITEMS.name:  # a discount on an item names nothing else
            name = SUBSCRIPTIONS.name
            raw = await reader.one(SUBSCRIPTIONS, required_reference(raw, "subscription"))
    except (NotFound, Unreadable):
        return name, None, event
    if name == CHARGES.name and event.get("type") not in TELL_THE_RATE:
        raw["balance_transaction"] = None
    return name, None if raw.get("deleted") is True else raw, event


def _tombstone(name: str, event: dict[str, Any]) -> Iterator[Fact]:
    """Of a customer, a draft invoice or a pending item; nothing else that Stripe deletes means anything afterwards."""
    last_seen = mapping(mapping(event, "data"), "object")
    try:
        if name == CUSTOMERS.name and event.get("type") == "customer.deleted":
            yield deleted_customer(last_seen, instant(event, "created"))
        elif name == INVOICES.name and event.get("type") == "invoice.deleted":
            yield deleted_invoice(last_seen)
        if name == PENDING.name and last_seen.get("object") == "invoiceitem":
            yield from deleted_pending(last_seen)
    except Unreadable:
        return
