"""List requests: what each kind may be narrowed by, cursors, windows of time, pages."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.playground.stripe.doors import errors, expanding
from bot.playground.stripe.store import Collection, Object, Store, dump, invoice_subscription

Test = Callable[[Object, str], bool]
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_WINDOW = {"gt": 1, "gte": 0, "lt": 0, "lte": 1}


def _is(name: str) -> Test:
    return lambda held, value: bool(held[name] == value)


def _flag(name: str) -> Test:
    return lambda held, value: bool(held[name] == (value == "true"))


def _status(held: Object, value: str) -> bool:
    if value == "ended":
        return held["status"] in {"canceled", "incomplete_expired"}
    return bool(held["status"] == value)


def _has_price(held: Object, value: str) -> bool:
    return any(item["price"]["id"] == value for item in held["items"]["data"])


def _delivered(held: Object, value: str) -> bool:
    return bool((held["pending_webhooks"] == 0) == (value == "true"))


# Parameters by kind, beside the cursor, `limit`, `created` and `expand`.
FILTERS: Final[Mapping[str, Mapping[str, Test]]] = {
    "balance_transactions": {"type": _is("type"), "source": _is("source"), "currency": _is("currency")},
    "charges": {"customer": _is("customer"), "payment_intent": _is("payment_intent")},
    "coupons": {},
    "credit_notes": {"customer": _is("customer"), "invoice": _is("invoice")},
    "customers": {"email": _is("email")},
    "disputes": {"charge": _is("charge"), "payment_intent": _is("payment_intent")},
    "events": {"type": lambda held, value: _matches(held["type"], value), "delivery_success": _delivered},
    "invoice_payments": {"invoice": _is("invoice"), "status": _is("status")},
    "invoiceitems": {
        "customer": _is("customer"),
        "invoice": _is("invoice"),
        "pending": lambda held, value: bool((held["invoice"] is None) == (value == "true")),
    },
    "invoices": {
        "customer": _is("customer"),
        "status": _is("status"),
        "subscription": lambda held, value: invoice_subscription(held) == value,
        "collection_method": _is("collection_method"),
    },
    "payment_intents": {"customer": _is("customer")},
    "payment_methods": {"customer": _is("customer"), "type": _is("type")},
    "prices": {"active": _flag("active"), "currency": _is("currency"), "product": _is("product"), "type": _is("type")},
    "products": {"active": _flag("active")},
    "promotion_codes": {"active": _flag("active"), "code": _is("code")},
    "refunds": {"charge": _is("charge"), "payment_intent": _is("payment_intent")},
    "subscription_items": {"subscription": _is("subscription")},
    "subscription_schedules": {"customer": _is("customer")},
    "subscriptions": {
        "customer": _is("customer"),
        "status": _status,
        "price": _has_price,
        "collection_method": _is("collection_method"),
    },
    "tax_rates": {"active": _flag("active")},
}

# Parameters that name another object, which must exist.
_NAMED = {
    "charge": "charges",
    "customer": "customers",
    "invoice": "invoices",
    "payment_intent": "payment_intents",
    "price": "prices",
    "subscription": "subscriptions",
}
NOUNS = {"payment_methods": "PaymentMethod", "payment_intents": "payment_intent", "tax_rates": "tax rate"}


def noun(kind: str) -> str:
    return NOUNS.get(kind, kind.removesuffix("s").replace("_", " "))


def _matches(kind: str, wanted: str) -> bool:
    return kind.startswith(wanted[:-1]) if wanted.endswith("*") else kind == wanted


@dataclass
class Ask:
    """A list request, read and checked."""

    limit: int = 10
    after: str | None = None
    before: str | None = None
    since: int | None = None
    until: int | None = None
    tests: dict[str, str] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)


def read(kind: str, pairs: list[tuple[str, str]]) -> Ask:
    """Query pairs to a request; StripeError for what Stripe would refuse."""
    ask = Ask()
    for name, value in pairs:
        base, _, inner = name.partition("[")
        inner = inner.rstrip("]")
        if not value:
            errors.empty(name)
        if base == "expand":
            ask.expand.append(value)
        elif name == "limit":
            ask.limit = _limit(value)
        elif name == "starting_after":
            ask.after = value
        elif name == "ending_before":
            ask.before = value
        elif base == "created":
            _window(ask, name, inner, value)
        elif base == "types" and kind == "events":
            ask.types.append(value)
        elif name in FILTERS[kind]:
            ask.tests[name] = value
        else:
            errors.unknown_parameter(name)
    _check(kind, ask)
    return ask


def _check(kind: str, ask: Ask) -> None:
    expanding.check(ask.expand)
    if len(ask.types) > 20:
        errors.invalid("You may only specify up to 20 types.", "types")
    if ask.after and ask.before:
        errors.invalid("You can only specify one of these parameters: starting_after, ending_before.", "ending_before")
    if kind == "subscription_items" and "subscription" not in ask.tests:
        errors.invalid("Missing required param: subscription.", "subscription")


def _limit(value: str) -> int:
    limit = _integer("limit", value)
    if limit > 100:
        errors.out_of_range("limit", limit, "less than or equal to 100")
    if limit < 1:
        errors.out_of_range("limit", limit, "greater than or equal to 1")
    return limit


def _integer(name: str, value: str) -> int:
    if not _INTEGER.fullmatch(value):
        errors.invalid_integer(name, value)
    return int(value)


def _window(ask: Ask, name: str, inner: str, value: str) -> None:
    second = _integer(name, value)
    if not inner:
        ask.since, ask.until = second, second + 1
    elif inner in {"gt", "gte"}:
        ask.since = second + _WINDOW[inner]
    elif inner in {"lt", "lte"}:
        ask.until = second + _WINDOW[inner]
    else:
        errors.unknown_parameter(name)


def page(store: Store, kind: str, ask: Ask, address: str) -> str:
    """One page as JSON."""
    held = store[kind]
    for name, cursor in (("starting_after", ask.after), ("ending_before", ask.before)):
        if cursor and cursor not in held:
            errors.missing(noun(kind), cursor, status=400, param=name)
    for name, value in ask.tests.items():
        if name in _NAMED and value not in store[_NAMED[name]]:
            errors.missing(noun(_NAMED[name]), value, status=400, param=name)
    keys, more = _take(_found(held, kind, ask), ask.limit)
    if ask.before:
        keys.reverse()
    rows = [_text(store, kind, key, ask.expand) for key in keys]
    return frame(rows, address, more=more)


def frame(rows: list[str], address: str, *, more: bool) -> str:
    """Stripe's list object around rows that are JSON already."""
    return f'{{"object":"list","url":{dump(address)},"has_more":{dump(more)},"data":[{",".join(rows)}]}}'


def _found(held: Collection, kind: str, ask: Ask) -> Iterator[str]:
    tests = {name: (FILTERS[kind][name], value) for name, value in ask.tests.items()}
    narrow = next(((name, value) for name, value in ask.tests.items() if held.indexes(name)), None)
    if narrow:
        tests.pop(narrow[0])
    if kind == "subscriptions" and ask.tests.get("status") == "all":
        tests.pop("status")
    walk = held.walk(after=ask.after, before=ask.before, since=ask.since, until=ask.until, narrow=narrow)
    hide_canceled = kind == "subscriptions" and "status" not in ask.tests
    if not tests and not ask.types and not hide_canceled:
        return walk
    return (key for key in walk if _passes(held[key], tests, ask.types, hide_canceled=hide_canceled))


def _passes(held: Object, tests: Mapping[str, tuple[Test, str]], types: list[str], *, hide_canceled: bool) -> bool:
    if hide_canceled and held["status"] == "canceled":
        return False
    if types and not any(_matches(held["type"], wanted) for wanted in types):
        return False
    return all(test(held, value) for test, value in tests.values())


def _take(keys: Iterator[str], limit: int) -> tuple[list[str], bool]:
    taken: list[str] = []
    for key in keys:
        if len(taken) == limit:
            return taken, True
        taken.append(key)
    return taken, False


def _text(store: Store, kind: str, key: str, paths: list[str]) -> str:
    held = store[kind]
    if not paths:
        return held.text(key)
    plain = held[key]
    full = expanding.expand(store, plain, paths, listed=True)
    return held.written(plain) if full is plain else dump(full)
