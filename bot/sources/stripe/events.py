"""Stripe's events as hints: which objects to read again, and how far the list of events was read.

The list is read from an event that is ten minutes old or more, so that events which appear late are met; those met
before are known by fingerprints in the cursor. Types are not asked for: twenty fit in one request and three times
as many matter, so asking for all costs one request when nothing happened, and the kind of object sorts them.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.sources.stripe.client import Vanished
from bot.sources.stripe.cursor import Position, fingerprint
from bot.sources.stripe.fields import instant, mapping, reference, word
from bot.sources.stripe.identity import confirm
from bot.sources.stripe.kinds import (
    CHARGES,
    CUSTOMERS,
    DISPUTES,
    EVENTS,
    INVOICES,
    ITEMS,
    METHODS,
    PENDING,
    PRICES,
    PRODUCTS,
    REFUNDS,
    SCHEDULES,
    SUBSCRIPTIONS,
    Kind,
)
from bot.sources.stripe.reader import Reader

LATE = timedelta(minutes=10)
ENOUGH = 200  # objects of one call
REMEMBERED = 300  # fingerprints of one cursor

THEMSELVES = {
    "customer": CUSTOMERS,
    "subscription": SUBSCRIPTIONS,
    "subscription_schedule": SCHEDULES,
    "invoice": INVOICES,
    "invoiceitem": PENDING,
    "charge": CHARGES,
    "refund": REFUNDS,
    "dispute": DISPUTES,
    "payment_method": METHODS,
    "price": PRICES,
    "plan": PRICES,
    "product": PRODUCTS,
}
CARRIERS = {
    "discount": (("customer", CUSTOMERS), ("subscription", SUBSCRIPTIONS), ("subscription_item", ITEMS)),
    "card": (("customer", CUSTOMERS),),
    "bank_account": (("customer", CUSTOMERS),),
    "source": (("customer", CUSTOMERS),),
    "invoice_payment": (("invoice", INVOICES),),
    "credit_note": (("invoice", INVOICES),),
}

# What makes a charge the newest of its day. Refunds and disputes touch old ones, whose rate is not their day's last.
TELL_THE_RATE = ("charge.succeeded", "charge.captured", "charge.updated")
VALUED = frozenset(("discount", "discounts", "items", "plan", "quantity"))  # what decides a subscription's worth
Touched = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Feed:
    """What to read again, by kind and id with the latest event about it, and the position after that.

    `changed_at` tells by id when the items or discounts of subscriptions last changed.
    """

    touched: Touched
    position: Position
    more: bool
    changed_at: dict[str, datetime]


def touched_by(event: dict[str, Any]) -> Iterator[tuple[Kind, str]]:
    """The objects to read again after an event; an invoice to come can not be read."""
    if event.get("type") == "invoice.upcoming":
        return
    inside = mapping(mapping(event, "data"), "object")
    name = word(inside, "object") or ""
    own = reference(inside, "id")
    if name in THEMSELVES and own is not None:
        yield THEMSELVES[name], own
    for key, kind in CARRIERS.get(name, ()):
        carrier = reference(inside, key)
        if carrier is not None:
            yield kind, carrier


async def newest_event(reader: Reader) -> str | None:
    """The id of the newest event; None in an account where nothing has happened for a month."""
    return (await reader.rows(EVENTS, limit=1)).last


async def read_feed(reader: Reader, position: Position, now: datetime) -> Feed:
    """Events after the position, oldest first, until they name enough objects.

    Raises SourceRefused when they are those of another account: an event that was there is proof that they are not.
    """
    if position.event is not None:
        try:
            return await _feed(_after_event(reader, position.event), position, now)
        except Vanished:  # the account was idle for so long that the event has expired, or it is another account
            await confirm(reader, position.landmarks)
            position = replace(position, event=None)
    feed = await _feed(_since(reader, position.at - LATE), position, now)
    if feed.position.event is not None or feed.position.seen:
        await confirm(reader, position.landmarks)
    return feed


async def _feed(newer: AsyncIterator[dict[str, Any]], position: Position, now: datetime) -> Feed:
    touched: Touched = {}
    met: list[dict[str, Any]] = []
    changed_at: dict[str, datetime] = {}
    more = False
    async for event in newer:
        if len(touched) >= ENOUGH:
            more = True
            break
        met.append(event)
        if fingerprint(event["id"]) not in position.seen:
            _note(touched, event)
            changed_at |= _changed(event)
    return Feed(touched, _after(position, met, now, more=more), more, changed_at)


def _changed(event: dict[str, Any]) -> dict[str, datetime]:
    """When a subscription's items or discounts changed, where the event is about that."""
    data = mapping(event, "data")
    inside, at = mapping(data, "object"), instant(event, "created")
    told = word(inside, "object")
    if told == "subscription" and VALUED & mapping(data, "previous_attributes").keys():
        own = reference(inside, "id")
    else:
        own = reference(inside, "subscription") if told == "discount" else None
    return {own: at} if own and at else {}


def _note(touched: Touched, event: dict[str, Any]) -> None:
    """Notes what an event touched; one that shows the object itself tells more than one that only names it.

    That a charge was made says more than what became of it since.
    """
    shown = reference(mapping(mapping(event, "data"), "object"), "id")
    for kind, own in touched_by(event):
        noted = touched.get((kind.name, own))
        if noted is None or (own == shown and noted.get("type") not in TELL_THE_RATE):
            touched[kind.name, own] = event


async def _after_event(reader: Reader, anchor: str) -> AsyncIterator[dict[str, Any]]:
    while True:
        rows = await reader.rows(EVENTS, [("ending_before", anchor)])
        before = anchor
        for event in _chronological(rows.data):
            yield event
            anchor = event["id"]
        if not rows.more or anchor == before:
            return


async def _since(reader: Reader, when: datetime) -> AsyncIterator[dict[str, Any]]:
    """Without an event to go on from: everything since an instant; the list must be read to its end first."""
    query = [("created[gte]", str(int(when.timestamp())))]
    rows, last = await reader.rows(EVENTS, query), None
    newest_first = rows.data
    while rows.more and rows.last != last:
        last = rows.last
        rows = await reader.rows(EVENTS, [*query, ("starting_after", str(last))])
        newest_first += rows.data
    for event in _chronological(newest_first):
        yield event


def _chronological(newest_first: list[Any]) -> Iterator[dict[str, Any]]:
    for event in reversed(newest_first):
        if isinstance(event, dict) and reference(event, "id") is not None:
            yield event


def _after(position: Position, met: list[dict[str, Any]], now: datetime, *, more: bool) -> Position:
    """The position behind these events: on from the newest that is too old to be overtaken by a late one."""
    settled = 0
    for count, event in enumerate(met, start=1):
        if (instant(event, "created") or now) <= now - LATE:
            settled = count
    settled = max(settled, len(met) - REMEMBERED)
    until = instant(met[-1], "created") if more else now
    return replace(
        position,
        event=met[settled - 1]["id"] if settled else position.event,
        at=until or position.at,
        seen=frozenset(fingerprint(event["id"]) for event in met[settled:]),
    )
