"""Every object the local Stripe holds, in the order and by the fields that its lists are asked for."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

Object = dict[str, Any]

_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dump(value: object) -> str:
    """Compact JSON, as the server sends it."""
    return _dump(value)


def invoice_subscription(invoice: Object) -> str | None:
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def _paid_intent(payment: Object) -> str | None:
    intent: str | None = payment["payment"].get("payment_intent")
    return intent


Reader = Callable[[Object], str | None]


def _field(name: str) -> Reader:
    return lambda held: held.get(name)


# The fields by which a list is narrowed often enough to be worth an index; they never change in an object's life.
INDEXED: Final[Mapping[str, Mapping[str, Reader]]] = {
    "subscriptions": {"customer": _field("customer")},
    "subscription_items": {"subscription": _field("subscription")},
    "invoiceitems": {"customer": _field("customer")},
    "invoices": {"customer": _field("customer"), "subscription": invoice_subscription},
    "invoice_payments": {"invoice": _field("invoice"), "payment_intent": _paid_intent},
    "charges": {"customer": _field("customer"), "payment_intent": _field("payment_intent")},
    "payment_intents": {"customer": _field("customer")},
    "payment_methods": {"customer": _field("customer")},
    "refunds": {"charge": _field("charge"), "payment_intent": _field("payment_intent")},
    "disputes": {"charge": _field("charge"), "payment_intent": _field("payment_intent")},
    "credit_notes": {"customer": _field("customer"), "invoice": _field("invoice")},
}


class Collection:
    """Objects of one kind by id, walked by (created, arrival)."""

    def __init__(self, indexed: Mapping[str, Reader] | None = None) -> None:
        self._objects: dict[str, Object] = {}
        self._keys: dict[str, tuple[int, int]] = {}
        self._texts: dict[str, str] = {}
        self._order: list[tuple[tuple[int, int], str]] = []
        self._sorted = True
        self._readers = indexed or {}
        self._index: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in self._readers}
        self.tombstones: dict[str, Object] = {}
        self.includable: dict[str, Object] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[Object]:
        return (self[key] for key in self.walk())

    def __getitem__(self, key: str) -> Object:
        return self._objects[key]

    def get(self, key: str | None) -> Object | None:
        return self[key] if key is not None and key in self else None

    def put(self, held: Object) -> Object:
        """Add an object, or store its changed state."""
        key = held["id"]
        self._objects[key] = held
        self._texts.pop(key, None)
        if key not in self._keys:
            self._arrive(key, held)
        return held

    def _arrive(self, key: str, held: Object) -> None:
        entry = (held["created"], len(self._keys) + len(self.tombstones))
        self._sorted = self._sorted and (not self._order or self._order[-1][0] <= entry)
        self._keys[key] = entry
        self._order.append((entry, key))
        for name, read in self._readers.items():
            value = read(held)
            if value is not None:
                self._index[name][value].append(key)

    def delete(self, key: str) -> None:
        """Leave only a tombstone: lists forget the object, its own address says that it is gone."""
        held = self[key]
        for name, read in self._readers.items():
            value = read(held)
            if value is not None:
                self._index[name][value].remove(key)
        self._order = [row for row in self._order if row[1] != key]
        self._keys.pop(key)
        self._objects.pop(key)
        self._texts.pop(key, None)
        self.tombstones[key] = {"id": key, "object": held["object"], "deleted": True}

    def text(self, key: str) -> str:
        """The object as JSON, written once per state of the object."""
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = dump(self[key])
        return found

    def written(self, held: Object) -> str:
        """The JSON of an object that was just read from here."""
        return self.text(held["id"])

    def walk(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
        narrow: tuple[str, str] | None = None,
    ) -> Iterator[str]:
        """Ids with since <= created < until: newest first from `after`, or oldest first from `before`."""
        rows = self._rows(narrow)
        low = bisect_left(rows, ((since, -1), "")) if since is not None else 0
        high = bisect_left(rows, ((until, -1), "")) if until is not None else len(rows)
        if before is not None:
            low = max(low, bisect_left(rows, (self._keys[before], before)) + 1)
            return (key for _, key in islice(rows, low, max(low, high)))
        if after is not None:
            high = min(high, bisect_left(rows, (self._keys[after], after)))
        return (rows[place][1] for place in range(high - 1, low - 1, -1))

    def _rows(self, narrow: tuple[str, str] | None) -> list[tuple[tuple[int, int], str]]:
        if narrow:
            name, value = narrow
            return sorted((self._keys[key], key) for key in self._index[name].get(value, ()))
        if not self._sorted:
            self._order.sort()
            self._sorted = True
        return self._order

    def indexes(self, name: str) -> bool:
        return name in self._index


class Store:
    """All collections of one Stripe account, by the name that their address ends with."""

    NAMES: Final = (
        "customers",
        "products",
        "prices",
        "coupons",
        "promotion_codes",
        "tax_rates",
        "discounts",
        "subscriptions",
        "subscription_items",
        "subscription_schedules",
        "invoiceitems",
        "invoices",
        "invoice_payments",
        "payment_intents",
        "payment_methods",
        "charges",
        "refunds",
        "disputes",
        "credit_notes",
        "balance_transactions",
        "events",
    )

    def __init__(self, account: Object) -> None:
        self.account = account
        self._collections = {name: Collection(INDEXED.get(name)) for name in self.NAMES}
        self.lines: dict[str, list[Object]] = {}

    def __getitem__(self, name: str) -> Collection:
        return self._collections[name]

    def replace(self, name: str, collection: Collection) -> None:
        """Serve a kind from somewhere else."""
        self._collections[name] = collection

    def lines_of(self, invoice: str) -> list[Object]:
        """All lines of an invoice, of which it carries the first ten itself."""
        inline: list[Object] = self["invoices"][invoice]["lines"]["data"]
        return self.lines.get(invoice, inline)

    def put(self, name: str, held: Object) -> Object:
        return self._collections[name].put(held)
