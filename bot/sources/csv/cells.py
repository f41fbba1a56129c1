"""What a cell may hold, and how its text becomes a value; a ValueError says what to write instead."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.clock import start_of_day
from bot.metrics.windows import month_start
from bot.sources.csv.problems import quoted

NO_ZONE = ZoneInfo("UTC")  # for cells that are the same in every zone
LONGEST_ID = 255
YEARS = range(1900, 2200)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ISO_MONTH = re.compile(r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])")
ISO_PERIOD = re.compile(r"(?P<year>[0-9]{4})(-(?P<month>0[1-9]|1[0-2])|-[Qq](?P<quarter>[1-4]))?")
RFC_3339 = re.compile(r"[0-9-]{10}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
LOCAL_TIME = re.compile(r"[0-9-]{10}[Tt ][0-9]{2}:[0-9]{2}[0-9:.]*")
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
TOO_FINE = re.compile(r"-?[0-9]{1,15}\.[0-9]{13,}")
TOO_LONG = re.compile(r"-?[0-9]{16,}(\.[0-9]+)?")
WRITTEN_OTHERWISE = re.compile(
    r"[^0-9]{0,4}(?P<whole>[0-9]+([,.' \u00a0\u202f][0-9]{3})*)[,.](?P<part>[0-9]{1,2})[^0-9]{0,4}"
)

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of cell: `words` describes it in the documentation, `read` turns text into its value."""

    words: str
    read: Callable[[str, ZoneInfo], object]


class Period(NamedTuple):
    """The days of [start, end)."""

    start: date
    end: date


def short(text: str) -> str:
    """Text of the length of an id; ValueError when it is longer."""
    if len(text) > LONGEST_ID:
        raise ValueError(f"{quoted(text)} is longer than {LONGEST_ID} characters; shorten it")
    return text


def _short(text: str, _zone: ZoneInfo) -> str:
    return short(text)


def _email(text: str, _zone: ZoneInfo) -> str:
    name, _, host = text.rpartition("@")
    if not name or "." not in host or any(char.isspace() for char in text):
        raise ValueError(f"{quoted(text)} is not an e-mail address; write name@example.com")
    return text


def _letters(count: int, what: str, example: str) -> Callable[[str, ZoneInfo], str]:
    def read(text: str, _zone: ZoneInfo) -> str:
        if not (len(text) == count and text.isascii() and text.isalpha()):
            raise ValueError(f"{quoted(text)} is not a {what}; write its {count} letters, like {example}")
        return text.lower() if example.islower() else text.upper()

    return read


def _no_number(text: str) -> ValueError:
    other = WRITTEN_OTHERWISE.fullmatch(text)
    if TOO_FINE.fullmatch(text):
        return ValueError(f"{quoted(text)} has more than 12 decimal places; round it")
    if TOO_LONG.fullmatch(text):
        return ValueError(f"{quoted(text)} has more than 15 digits before the point; write a smaller number")
    sign = "-" if text.startswith(("-", "−")) else ""
    example = f"{sign}{re.sub('[^0-9]', '', other['whole'])}.{other['part']}" if other else "plain digits, like 1234.50"
    return ValueError(f"{quoted(text)} is not a number; write {example}")


def decimal(text: str) -> Decimal:
    """A plain number of at most 15 digits and 12 decimal places: no exponent, no separators."""
    if not NUMBER.fullmatch(text):
        raise _no_number(text)
    return Decimal(text)


def number(lowest: int | None = None, highest: int | None = None) -> Callable[[str, ZoneInfo], Decimal]:
    def read(text: str, _zone: ZoneInfo) -> Decimal:
        value = decimal(text)
        if lowest is not None and value < lowest:
            raise ValueError(f"{quoted(text)} is too small; the least is {lowest}")
        if highest is not None and value > highest:
            raise ValueError(f"{quoted(text)} is too large; the most is {highest}")
        return value

    return read


def whole(lowest: int, highest: int) -> Callable[[str, ZoneInfo], int]:
    bounded = number(lowest, highest)

    def read(text: str, zone: ZoneInfo) -> int:
        value = bounded(text, zone)
        if value != int(value):
            raise ValueError(f"{quoted(text)} is not a whole number; write {int(value)} or {int(value) + 1}")
        return int(value)

    return read


def _rate(text: str, _zone: ZoneInfo) -> Decimal:
    value = decimal(text)
    if value <= 0:
        raise ValueError(f"{quoted(text)} is not a rate; write a number above 0")
    return value


def day(text: str) -> date:
    """A day written like 2026-01-31; ValueError otherwise."""
    try:
        found = date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{quoted(text)} is not a day; write it like 2026-01-31")
    if found.year not in YEARS:
        raise ValueError(f"{quoted(text)} is out of range; write a day of the years {YEARS[0]} to {YEARS[-1]}")
    return found


def instant(text: str, zone: ZoneInfo) -> datetime:
    """A time with its offset, or the beginning of a day in the zone."""
    if LOCAL_TIME.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} has no offset; add one, like 2026-01-31T09:00:00+02:00, or write only the day"
        )
    if not RFC_3339.fullmatch(text):
        return start_of_day(day(text), zone)
    local = day(text[:10])
    try:
        return datetime.fromisoformat(f"{local}T{text[11:].upper()}").astimezone(UTC)
    except ValueError:
        raise ValueError(f"{quoted(text)} is not a time; write it like 2026-01-31T09:00:00+02:00") from None


def month(text: str) -> date:
    """The first day of a month written like 2026-01; ValueError otherwise."""
    found = ISO_MONTH.fullmatch(text)
    if found is None or int(found["year"]) not in YEARS:
        raise ValueError(f"{quoted(text)} is not a month; write it like 2026-01")
    return date(int(found["year"]), int(found["month"]), 1)


def period(text: str) -> Period:
    """A month, quarter or year, written like 2026-01, 2026-Q1 or 2026; ValueError otherwise."""
    found = ISO_PERIOD.fullmatch(text)
    if found is None or int(found["year"]) not in YEARS:
        raise ValueError(f"{quoted(text)} is not a period; write a month, quarter or year: 2026-01, 2026-Q1 or 2026")
    year = int(found["year"])
    if found["month"]:
        first, months = int(found["month"]), 1
    elif found["quarter"]:
        first, months = 3 * int(found["quarter"]) - 2, 3
    else:
        first, months = 1, 12
    start = date(year, first, 1)
    return Period(start, month_start(start, months))


def _boolean(text: str, _zone: ZoneInfo) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{quoted(text)} is not true or false; write one of them")
    return text.lower() == "true"


def _names(text: str, _zone: ZoneInfo) -> tuple[str, ...]:
    return tuple(name for part in text.split(";") if (name := part.strip()))


def words(allowed: Mapping[str, object]) -> Kind:
    """A cell that holds one of a few words, each standing for a value."""
    listed = ", ".join(allowed)

    def read(text: str, _zone: ZoneInfo) -> object:
        if text not in allowed:
            raise ValueError(f"{quoted(text)} is not one of {listed}; write one of them")
        return allowed[text]

    return Kind(listed, read)


def words_of(enum: type[Word], *, without: Collection[Word] = ()) -> Kind:
    return words({word.value: word for word in enum if word not in without})


ID = Kind("id", _short)
TEXT = Kind("text", lambda text, _zone: text)
EMAIL = Kind("e-mail", _email)
CURRENCY = Kind("currency", _letters(3, "currency code", "usd"))
COUNTRY = Kind("country", _letters(2, "country code", "FI"))
MONEY = Kind("money", number())
MONEY_FROM_ZERO = Kind("money, 0 or more", number(0))
UNIT_PRICE = Kind("unit price", number(0))
PERCENT = Kind("percent", number(0, 100))
QUANTITY = Kind("whole number", whole(0, 10**12))
COUNT = Kind("whole number from 1", whole(1, 10**12))
NUMBER_SIGNED = Kind("number", number())
MONTH = Kind("1 to 12", whole(1, 12))
YEAR = Kind("year", whole(YEARS.start, YEARS.stop - 1))
RATE = Kind("number above 0", _rate)
DAY = Kind("day", lambda text, _zone: day(text))
INSTANT = Kind("day or time", instant)
BOOLEAN = Kind("true, false", _boolean)
NAMES = Kind("names, split by ;", _names)
CALENDAR_MONTH = Kind("month", lambda text, _zone: month(text))
PERIOD = Kind("month, quarter or year", lambda text, _zone: period(text))
METRIC = Kind("id of a metric", _short)
SIGNAL = Kind("name of a signal", _short)
SIGNAL_VALUE = Kind("as its name says", lambda text, _zone: text)
NOTE = Kind("text, at most 255", _short)
