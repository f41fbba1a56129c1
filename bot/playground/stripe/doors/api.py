"""GET /v1/...: from an address and its parameters to JSON."""

from typing import Final

from bot.playground.stripe.doors import errors, expanding, listing
from bot.playground.stripe.doors.keys import PERMISSIONS
from bot.playground.stripe.store import Object, Store, dump

PREFIX: Final = "/v1/"
Pairs = list[tuple[str, str]]


def endpoint(path: str) -> str:
    """The address with ids left out: /v1/invoices/:id/lines."""
    parts = path.removeprefix(PREFIX).split("/")
    return PREFIX + "/".join(":id" if place == 1 else part for place, part in enumerate(parts))


def kind(path: str) -> str:
    """The collection that an address asks for; StripeError 404 for addresses that do not exist."""
    first, *rest = path.removeprefix(PREFIX).split("/")
    known = first in PERMISSIONS and (first != "account" or not rest)
    shape = len(rest) < 2 or (first == "invoices" and rest[1:] == ["lines"]) or _own_methods(first, rest)
    if not path.startswith(PREFIX) or not known or not shape or rest == [""]:
        errors.unknown_address("GET", path)
    return first


def _own_methods(first: str, rest: list[str]) -> bool:
    return first == "customers" and rest[1:] == ["payment_methods"]


def answer(store: Store, path: str, pairs: Pairs, events_since: int, most: int | None = None) -> str:
    """The body for an address that `kind` has approved; a list of at most `most` rows."""
    first, *rest = path.removeprefix(PREFIX).split("/")
    if first == "account":
        return dump(store.account)
    if not rest:
        ask = listing.read(first, pairs)
        if first == "events":
            ask.since = max(ask.since or 0, events_since)
        ask.limit = min(ask.limit, most or ask.limit)
        return listing.page(store, first, ask, path)
    if len(rest) == 1:
        return _one(store, first, rest[0], pairs)
    if first == "invoices":
        return _lines(store, rest[0], pairs, path)
    _existing(store, first, rest[0])
    ask = listing.read("payment_methods", [*pairs, ("customer", rest[0])])
    return listing.page(store, "payment_methods", ask, path)


def _existing(store: Store, first: str, key: str) -> Object:
    held = store[first]
    found = held.get(key)
    if found is None:
        errors.missing(listing.noun(first), key)
    return found


def _one(store: Store, first: str, key: str, pairs: Pairs) -> str:
    paths = _expands(pairs)
    if key in store[first].tombstones and first == "customers":
        return dump(store[first].tombstones[key])
    plain = _existing(store, first, key)
    full = expanding.expand(store, plain, paths)
    return store[first].written(plain) if full is plain else dump(full)


def _expands(pairs: Pairs) -> list[str]:
    for name, _ in pairs:
        if not name.startswith("expand["):
            errors.unknown_parameter(name)
    paths = [path for _, path in pairs]
    expanding.check(paths)
    return paths


def _lines(store: Store, key: str, pairs: Pairs, path: str) -> str:
    """All lines of an invoice in their own order, of which the invoice itself carries the first ten."""
    _existing(store, "invoices", key)
    ask = listing.read("tax_rates", pairs)
    rows = store.lines_of(key)
    places = {row["id"]: place for place, row in enumerate(rows)}
    for name, cursor in (("starting_after", ask.after), ("ending_before", ask.before)):
        if cursor and cursor not in places:
            errors.missing("line item", cursor, status=400, param=name)
    if ask.before:
        end = places[ask.before]
        start = max(0, end - ask.limit)
        more = start > 0
    else:
        start = places[ask.after] + 1 if ask.after else 0
        end = min(len(rows), start + ask.limit)
        more = end < len(rows)
    shown = [dump(expanding.expand(store, row, ask.expand, listed=True)) for row in rows[start:end]]
    return listing.frame(shown, path, more=more)
