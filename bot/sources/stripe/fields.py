"""Readers of one field of a JSON object: what has the wrong type is absent.

A number beyond all reason is not: left out it would pass for nothing or for one, and kept it would overflow later,
so the object is refused as Unreadable.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeVar

from storage.slices import RESERVED
from storage.states import Fault

SOURCE = "stripe"

Raw = Mapping[str, Any]

EMPTY: dict[str, Any] = {}
LONGEST_ID = 255
LONGEST_TEXT = 500
LONGEST_ADDRESS = 2000
ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~%]+", re.IGNORECASE)  # what a URL holds, without quotes and <>|
LARGEST = 10**13  # minor units, ten times what Stripe charges at once; sums of many still fit a database integer
MOST = 10**9  # units, seats, attempts
LONGEST_RHYTHM = 10_000  # intervals between two bills; Stripe allows three years
LATEST = 7_258_118_400  # the year 2200; later instants are mistakes and overflow in some zones
UNIT_PLACES = Decimal("1e-12")
DROPPED = dict.fromkeys(map(ord, "\0" + RESERVED))


class Unreadable(Exception):
    """This object lacks something without which it means nothing; the message says what, in words that follow "it"."""

    def __init__(self, detail: str, fault: Fault = Fault.UNREADABLE) -> None:
        super().__init__(detail)
        self.fault = fault


def text(raw: Raw, key: str, longest: int = LONGEST_TEXT) -> str | None:
    """A string that any database can hold, cut to `longest`; None when empty or no string."""
    value = raw.get(key)
    if value.__class__ is not str or not value:
        return None
    return _storable(value, longest)


def _storable(value: str, longest: int) -> str | None:
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")
    if not value.isprintable():
        value = value.translate(DROPPED)
    return value[:longest] or None


def word(raw: Raw, key: str) -> str | None:
    """A short term of the source, such as a status."""
    return text(raw, key, 60)


def reference(raw: Raw, key: str) -> str | None:
    """The id of another object, whether it is there as an id or expanded."""
    value = raw.get(key)
    if value.__class__ is dict:
        value = value.get("id")
    if value.__class__ is not str or not 0 < len(value) <= LONGEST_ID:
        return None
    return _storable(value, LONGEST_ID)


def required_id(raw: Raw) -> str:
    """The object's own id, unchanged: it is the key of everything stored about it."""
    value = raw.get("id")
    if value.__class__ is not str or not value or reference(raw, "id") != value:
        raise Unreadable("has no usable id")
    return str(value)


def required_reference(raw: Raw, key: str) -> str:
    value = reference(raw, key)
    if value is None:
        raise Unreadable(f"names no {key}", Fault.NO_CUSTOMER if key == "customer" else Fault.UNREADABLE)
    return value


def whole(raw: Raw, key: str, most: int = LARGEST) -> int | None:
    """A whole number, of minor units unless `most` says otherwise; Unreadable beyond `most` either way."""
    value = raw.get(key)
    if value.__class__ is not int:
        return None
    if not -most <= value <= most:
        raise Unreadable(f"has a {key} beyond all reason", Fault.TOO_LARGE)
    return int(value)


def whole_or(raw: Raw, key: str, otherwise: int) -> int:
    value = whole(raw, key)
    return otherwise if value is None else value


def summed(parts: Iterable[Raw], key: str) -> int:
    """The sum of an amount over objects, those without it counted as nothing; Unreadable as for one amount."""
    return whole_or({key: sum(whole_or(part, key, 0) for part in parts)}, key, 0)


def required_amount(raw: Raw, key: str) -> int:
    value = whole(raw, key)
    if value is None:
        raise Unreadable(f"has a {key} that is no whole amount")
    return value


def flag(raw: Raw, key: str) -> bool:
    return raw.get(key) is True


def instant(raw: Raw, key: str) -> datetime | None:
    value = raw.get(key)
    if value.__class__ is not int or not 0 < value < LATEST:
        return None
    return datetime.fromtimestamp(value, UTC)


def currency(raw: Raw, key: str = "currency") -> str | None:
    """A three-letter code in lower case."""
    value = raw.get(key)
    if value.__class__ is not str or len(value) != 3 or not (value.isascii() and value.isalpha()):
        return None
    return str(value).lower()


def required_currency(raw: Raw) -> str:
    value = currency(raw)
    if value is None:
        raise Unreadable("has no currency")
    return value


def number(raw: Raw, key: str) -> Decimal | None:
    """A finite decimal given as text or as a JSON number, to 12 places; Unreadable beyond LARGEST."""
    value = raw.get(key)
    if value.__class__ is int:
        value = Decimal(value)
    elif value.__class__ is float or (value.__class__ is str and 0 < len(value) <= 40):
        try:
            value = Decimal(str(value))
        except InvalidOperation:
            return None
    else:
        return None
    if not value.is_finite():
        return None
    if abs(value) > LARGEST:
        raise Unreadable(f"has a {key} beyond all reason", Fault.TOO_LARGE)
    exact = value.quantize(UNIT_PLACES)
    return value if exact == value else exact


def web_address(raw: Raw, key: str) -> str | None:
    """A link that is safe to show: http or https, of a length that browsers and Slack take."""
    value = raw.get(key)
    if value.__class__ is not str or len(value) > LONGEST_ADDRESS or not ADDRESS.fullmatch(value):
        return None
    return str(value)


def mapping(raw: Raw, key: str) -> dict[str, Any]:
    value = raw.get(key)
    return value if value.__class__ is dict else EMPTY


def rows(raw: Raw, key: str) -> Iterator[dict[str, Any]]:
    """The objects of a plain list or of a list object; anything else in it is passed over."""
    value = raw.get(key)
    if value.__class__ is dict:
        value = value.get("data")
    if value.__class__ is list:
        for row in value:
            if row.__class__ is dict:
                yield row


class HasId(Protocol):
    """A fact that is stored under its id."""

    @property
    def id(self) -> str: ...


One = TypeVar("One", bound=HasId)


def distinct(found: Iterable[One]) -> tuple[One, ...]:
    """In order, the first of each id: two of them could not be stored."""
    first: dict[str, One] = {}
    for one in found:
        first.setdefault(one.id, one)
    return tuple(first.values())
