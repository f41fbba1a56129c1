"""Filters as people type them: `region:EU plan:pro,team mrr>500 -country:US since>=2025-01 name:"Acme Corp"`.

Conditions between spaces all hold; values between commas are alternatives; a minus in front means all others. Quotes
keep spaces and commas together. What is told of a filter is plain values; which labels exist, the database knows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.metrics.filter_words import FilterError, Word, words
from bot.metrics.windows import month_start
from bot.spelling import nearest

NAMED = "name"
TAG = "tag."
LONGEST = 1000
MOST = 20  # conditions, and values of one
OPERATORS = (">=", "<=", ">", "<", "=", ":")
LARGEST = Decimal(10) ** 13
_AMOUNT = re.compile(r"[$€£¥]?(\d{1,14}(?:\.\d{1,6})?)(k|m)?", re.IGNORECASE | re.ASCII)
_LENGTH = re.compile(r"(\d{1,4}) ?(?:(m|mo|months?)|(y|years?))?", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", re.ASCII)
_PLAIN = re.compile(r'[^\s",:<>=]+(?:[:<>=]+[^\s",:<>=]+)*')


class Measure(StrEnum):
    """What can be compared: MRR in whole units of the base, months as a customer, the day of the first MRR."""

    MRR = "mrr"
    TENURE = "tenure"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Among:
    """The accounts, or rows, under one of these labels of a dimension; `but` for all others.

    Of the dimension "name", accounts whose name holds one of the texts. `exact` values are labels themselves; others,
    as people type them, mean labels of the same letters or that begin with them.
    """

    dimension: str
    values: tuple[str, ...]
    but: bool = False
    at: int = field(default=1, compare=False)
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure of accounts by an operator (`>`, `>=`, `<`, `<=`, `=`).

    The value is a Decimal in whole units of the base, a number of months, or the days [first, after) of a date,
    month or year.
    """

    measure: Measure
    operator: str
    value: Decimal | int | tuple[date, date]
    but: bool = False
    at: int = field(default=1, compare=False)


Condition = Among | Compared
Filter = tuple[Condition, ...]
NAMES_OF_MEASURES = {
    "mrr": Measure.MRR,
    "tenure": Measure.TENURE,
    "months": Measure.TENURE,
    "since": Measure.SINCE,
    "customer_since": Measure.SINCE,
}


def parse(text: str, dimensions: Mapping[str, str], tags: Sequence[str] = ()) -> Filter:
    """The conditions of a text; `dimensions` has the id of each name a dimension goes by, `tags` are keys in use.

    Raises FilterError, and nothing else.
    """
    if len(text) > LONGEST:
        raise FilterError(f"The filter is longer than {LONGEST} characters; please shorten it.", LONGEST)
    found = tuple(_Reader(word, dimensions, tags).condition() for word in words(text))
    if len(found) > MOST:
        raise FilterError(f"More than {MOST} conditions are too many; please leave some out.", found[MOST].at)
    return found


def written(found: Filter) -> str:
    """A filter as text that `parse` understands."""
    return " ".join(map(_condition, found))


def in_order(found: Filter) -> Filter:
    """The same filter in the one order that is kept: of conditions, and of the values of each."""
    sorted_values = (replace(one, values=tuple(sorted(one.values))) if isinstance(one, Among) else one for one in found)
    return tuple(sorted(sorted_values, key=_condition))


def _condition(one: Condition) -> str:
    minus = "-" if one.but else ""
    match one:
        case Among(dimension, values):
            name = f"{TAG}{_quoted(dimension.removeprefix(TAG))}" if dimension.startswith(TAG) else dimension
            return f"{minus}{name}:{','.join(map(_quoted, values))}"
        case Compared(measure, operator, value):
            return f"{minus}{measure}{operator}{_value(value)}"


def _value(value: Decimal | int | tuple[date, date]) -> str:
    if not isinstance(value, tuple):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    first, after = value
    if first == date(first.year, 1, 1) and after == _year_after(first):
        return f"{first:%Y}".zfill(4)
    whole_month = first.day == 1 and after == _month_after(first)
    return first.isoformat()[:7] if whole_month else first.isoformat()


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and not any(character.isspace() for character in text):
        return text
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


class _Reader:
    """Understands one word."""

    def __init__(self, word: Word, dimensions: Mapping[str, str], tags: Sequence[str]) -> None:
        self._all = word
        self._at = word.at
        self._but = word.characters[:1] == (("-", False),)
        self._word = word.part(1) if self._but else word
        self._dimensions = dimensions
        self._tags = tags

    def condition(self) -> Condition:
        found = self._word.place(OPERATORS)
        if found is None:
            quotes = ', and quotes around words that belong together, as in name:"Acme Corp"' if self._at > 1 else ""
            raise self._error(f"is no condition: write a name and a value, such as {self._example()}{quotes}")
        place, operator = found
        name = str(self._word.part(0, place)).strip()
        rest = self._word.part(place + len(operator))
        if operator == ":" and (again := rest.place(OPERATORS[:-1])) and again[0] == 0:
            operator, rest = again[1], rest.part(len(again[1]))
        folded = name.casefold().replace("-", "_")
        if measure := NAMES_OF_MEASURES.get(folded):
            return self._compared(measure, operator, str(rest).strip())
        if operator not in (":", "="):
            measures = ", ".join(Measure)
            raise self._error(f"compares what has no size: {operator} goes with {measures}")
        return self._among(self._dimension(name, folded), rest)

    def _dimension(self, name: str, folded: str) -> str:
        if folded.startswith(TAG):
            key = name[len(TAG) :].strip()
            return f"{TAG}{self._tag(key)}"
        if folded in (NAMED, "account"):
            return NAMED
        if folded in self._dimensions:
            return self._dimensions[folded]
        known = [*self._dimensions, *NAMES_OF_MEASURES, NAMED]
        meant = nearest(folded, known)
        every = (*sorted(set(self._dimensions.values())), *Measure, NAMED, f"{TAG}key")
        hint = f"did you mean {meant}?" if meant else f"I know {', '.join(every)}"
        raise self._error(f"begins with a name I do not know; {hint}")

    def _tag(self, key: str) -> str:
        same = [one for one in self._tags if one == key] or [
            one for one in self._tags if one.casefold() == key.casefold()
        ]
        if same:
            return same[0]
        if not key:
            raise self._error("names no tag: write tag., its name, a colon and a value")
        meant = nearest(key, self._tags)
        hint = f"did you mean tag.{meant}?" if meant else "no account has it"
        raise self._error(f"names a tag I do not know; {hint}")

    def _among(self, dimension: str, rest: Word) -> Among:
        values: list[str] = []
        while (comma := rest.place((",",))) is not None:
            values.append(str(rest.part(0, comma[0])).strip())
            rest = rest.part(comma[0] + 1)
        values.append(str(rest).strip())
        if not all(values):
            raise self._error("lacks a value: write one behind the colon, with commas between several")
        if len(values) > MOST:
            raise self._error(f"has more than {MOST} values; please leave some out")
        return Among(dimension, tuple(dict.fromkeys(values)), self._but, self._at)

    def _compared(self, measure: Measure, operator: str, said: str) -> Compared:
        operator = "=" if operator == ":" else operator
        match measure:
            case Measure.MRR:
                value: Decimal | int | tuple[date, date] | None = _amount(said)
                wanted = "an amount in whole units such as 500 or 1.5k"
            case Measure.TENURE:
                value, wanted = _length(said), "a number of months such as 12, or years such as 2y"
            case Measure.SINCE:
                value, wanted = _days(said), "a year, month or day such as 2025, 2025-03 or 2025-03-31"
        if value is None:
            raise self._error(f"needs {wanted}")
        return Compared(measure, operator, value, self._but, self._at)

    def _example(self) -> str:
        said = str(self._all).casefold().strip("-")
        meant = nearest(said, self._dimensions)
        return f"{meant}:value" if meant else "region:EU or mrr>500"

    def _error(self, sentence: str) -> FilterError:
        return FilterError.about(str(self._all), self._at, sentence)


def _amount(said: str) -> Decimal | None:
    found = _AMOUNT.fullmatch(said)
    if not found:
        return None
    value = Decimal(found[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[(found[2] or "").casefold()]
    return value if value <= LARGEST else None


def _length(said: str) -> int | None:
    found = _LENGTH.fullmatch(said)
    return int(found[1]) * (12 if found[3] else 1) if found else None


def _days(said: str) -> tuple[date, date] | None:
    found = _DAY.fullmatch(said)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if first.year > 9000 or first.year < 1900:
        return None
    if day:
        return first, date.fromordinal(first.toordinal() + 1)
    return first, _month_after(first) if month else _year_after(first)


def _month_after(first: date) -> date:
    return month_start(first, 1)


def _year_after(first: date) -> date:
    return month_start(first, 12)
