"""What every billing act shares: the objects, the time, the ids, the agenda, and how each customer pays."""

import heapq
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from bot.playground.stripe.ids import Ids
from bot.playground.stripe.shapes import events
from bot.playground.stripe.shapes.subscriptions import inlined
from bot.playground.stripe.store import Object, Store, dump

Exhausted = Literal["cancel", "unpaid", "past_due"]
NEVER = 1 << 40

# The fields of a subscription whose change Stripe reports under `previous_attributes`.
_WATCHED = (
    "billing_cycle_anchor",
    "cancel_at",
    "cancel_at_period_end",
    "canceled_at",
    "cancellation_details",
    "default_payment_method",
    "discounts",
    "ended_at",
    "items",
    "latest_invoice",
    "pause_collection",
    "schedule",
    "status",
    "trial_end",
)


class Due(NamedTuple):
    """Something the calendar will do, unless the object has moved on by then."""

    at: int
    turn: int
    act: str
    key: str


@dataclass
class Habit:
    """How a customer pays: when the card declines, how late invoices by mail are paid, what follows the last retry."""

    declines: list[tuple[int, int, str]] = field(default_factory=list)
    pays_after: int = 12 * 86_400
    when_exhausted: Exhausted = "cancel"

    def decline(self, at: int) -> str | None:
        return next((code for begin, end, code in self.declines if begin <= at < end), None)


@dataclass(frozen=True)
class Planned:
    """A change of an item that waits for the next renewal."""

    item: str
    price: str
    quantity: int


class Books:
    """The state of one billing account; every act in this package reads and writes through it.

    `now` is the second at which the current act happens: the story of an account is told by moving it forward.
    Events before `events_since` are neither kept nor listed, as Stripe keeps them for 30 days.
    """

    def __init__(self, store: Store, ids: Ids, rate: Callable[[str, int], Decimal], *, events_since: int = 0) -> None:
        self.store = store
        self.ids = ids
        self.rate = rate
        self.events_since = events_since
        self.now = 0
        self.agenda: list[Due] = []
        self.habits: defaultdict[str, Habit] = defaultdict(Habit)
        self.pending: defaultdict[str, list[Object]] = defaultdict(list)
        self.planned: defaultdict[str, list[Planned]] = defaultdict(list)
        self.usage: Callable[[str, int], int] = lambda _item, _start: 0
        self.on_level: Callable[[Object, int], None] = lambda _subscription, _at: None
        self.on_event: Callable[[Object], None] = lambda _event: None
        self._turn = 0

    @property
    def currency(self) -> str:
        currency: str = self.store.account["default_currency"]
        return currency

    def schedule(self, at: int, act: str, key: str) -> None:
        self._turn += 1
        heapq.heappush(self.agenda, Due(at, self._turn, act, key))

    def event(self, kind: str, held: Object, previous: Object | None = None) -> None:
        if self.now < self.events_since:
            return
        told = self.store.put("events", events.event(self.ids("evt"), self.now, kind, held, previous))
        self.on_event(told)

    def extras(self, price: Object) -> Object:
        return self.store["prices"].includable.get(price["id"], {})

    def items(self, subscription: Object) -> list[Object]:
        """All items in the order in which they were added, not only those that come with the subscription."""
        found = self.store["subscription_items"]
        return [found[key] for key in reversed(list(found.walk(narrow=("subscription", subscription["id"]))))]

    def embed_items(self, subscription: Object) -> None:
        """Put the present items into the subscription, as many as come with it."""
        address = f"/v1/subscription_items?subscription={subscription['id']}"
        subscription["items"] = inlined(self.items(subscription), address)

    def before(self, subscription: Object) -> Object:
        """A snapshot to pass to `updated` once the subscription has changed; empty when nobody would see it."""
        if self.now < self.events_since:
            return {}
        snapshot: Object = json.loads(dump({name: subscription[name] for name in _WATCHED}))
        return snapshot

    def updated(self, subscription: Object, before: Object) -> None:
        """Store the subscription's new state, tell it, and report its level."""
        self.store.put("subscriptions", subscription)
        changed = {name: value for name, value in before.items() if value != subscription[name]}
        if changed:
            self.event("customer.subscription.updated", subscription, changed)
        self.on_level(subscription, self.now)
