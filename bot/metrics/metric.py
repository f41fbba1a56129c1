"""What a metric is, and what it is computed from: one period's parts, as plain values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from bot.metrics.policy import MetricsPolicy
from bot.metrics.windows import Window

Part = TypeVar("Part")
DIVIDED = " ÷ "
FEW = 20  # below this, one customer more or less moves a percentage by five points


class Unit(StrEnum):
    """What a value counts.

    MONEY is minor units of the base currency, SHARE a fraction of one, COUNT a whole number, RATIO a plain number,
    MONTHS a time, POINTS a score from -100 to 100.
    """

    MONEY = "money"
    SHARE = "share"
    COUNT = "count"
    RATIO = "ratio"
    MONTHS = "months"
    POINTS = "points"


class Over(StrEnum):
    """Whether a value is that of the period's end, or of all that happened in the period."""

    END = "at the end"
    PERIOD = "over the period"


class Pace(StrEnum):
    """How a value goes with the days of a month: where the straight line to its end begins."""

    LEVEL = "from what it was at the beginning"
    FROM_ZERO = "from nothing, more every day"
    FROM_WHOLE = "from 100 %, less every day"
    STEADY = "the same on any day"

    @classmethod
    def of(cls, unit: Unit, over: Over) -> "Pace":
        """That of most metrics of a unit; those that go otherwise say so."""
        if over is Over.END:
            return cls.LEVEL
        return cls.FROM_ZERO if unit in (Unit.MONEY, Unit.COUNT, Unit.SHARE) else cls.STEADY


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; nothing is known of a part of nothing.

    `among` is how many customers (or trials) stand behind it, where it is a percentage of them or of their money.
    `of_money` when part and whole are minor units of the base currency, and not people or answers.
    """

    part: Decimal
    whole: Decimal
    among: int | None = field(default=None, compare=False)
    of_money: bool = field(default=False, compare=False)

    @property
    def value(self) -> Decimal | None:
        return self.part / self.whole if self.whole > 0 else None

    @property
    def of_few(self) -> bool:
        """Whether a percentage would hide how few are behind it."""
        return self.among is not None and self.among < FEW


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that cannot be known: one sentence that says why, and what to provide where that helps."""

    why: str


Value = Decimal | Share | Missing


@dataclass(frozen=True, slots=True)
class Period:
    """One window of one segment, with the parts that were asked for, each by its own type."""

    window: Window
    policy: MetricsPolicy
    parts: Mapping[type, object]

    def of(self, kind: type[Part]) -> Part:
        """The part of this type; a metric may ask only for what it `needs`."""
        found = self.parts[kind]
        assert isinstance(found, kind)  # noqa: S101 - loaders are kept by the type that they load
        return found


@dataclass(frozen=True, slots=True)
class GridRow:
    """A cohort: the month it began, how large it was then, and what share of that is there at each month's end since.

    The first of `shares` is that of the end of the cohort's own month; the last one is of the period's end.
    """

    start: date
    size: Decimal
    shares: Sequence[Decimal]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table behind a metric: cohorts by months since, oldest first; `unit` is that of their sizes."""

    unit: Unit
    rows: Sequence[GridRow]


@dataclass(frozen=True, slots=True)
class Term:
    """One number that a metric's formula names."""

    name: str
    unit: Unit
    value: Decimal


Function = Callable[[Period], Value]
Terms = Callable[[Period], Sequence[Term]]
Table = Callable[[Period], Grid]
Own = TypeVar("Own", bound=Function)


@dataclass(frozen=True, slots=True)
class Metric:
    """`definition` is one sentence, `owner` whose it is; `needs` are the types of the parts that `function` reads.

    `up` says whether more is better, None where neither is; `pace` how it goes with the days. `example` is the sum
    that gives the value for the month of `bot.metrics.catalogue.example`. Where `table` is given, the value sums a
    grid up; `terms` gives the numbers of the formula where they are not part and whole of a share; `aliases` are other
    names that people ask for it by. No value is meant to be below the `lowest` or above the `highest`, where these are
    given; of a share 1 is 100 %.
    """

    id: str
    name: str
    unit: Unit
    over: Over
    definition: str
    formula: str
    owner: str
    needs: tuple[type, ...]
    up: bool | None
    example: str
    pace: Pace
    function: Function
    table: Table | None = None
    terms: Terms | None = None
    aliases: tuple[str, ...] = ()
    lowest: int | None = 0
    highest: int | None = None

    def value(self, period: Period) -> Value:
        """The metric's value in a period; Missing, with a sentence, where it cannot be known."""
        found = self.function(period)
        if isinstance(found, Share) and found.value is None:
            return Missing(f"{self.name} cannot be told here: it divides by {self.divisor}, which is 0.")
        return found

    @property
    def divisor(self) -> str:
        """What its formula divides by, without brackets; empty where it divides by nothing."""
        below = self.formula.partition(DIVIDED)[2]
        return below[1:].partition(")")[0] if below.startswith("(") else re.split(" [−×] ", below)[0]

    def made_of(self, period: Period) -> tuple[Term, ...]:
        """The numbers that its formula makes the value of; none where it is a plain sum, or cannot be known."""
        found = self.value(period)
        if isinstance(found, Missing):
            return ()
        if self.terms:
            return tuple(self.terms(period))
        if not isinstance(found, Share) or self.formula.count(DIVIDED) != 1:
            return ()
        amounts = found.part, found.whole
        return tuple(
            Term(name, Unit.MONEY if found.of_money else Unit.COUNT if amount == int(amount) else Unit.RATIO, amount)
            for name, amount in zip(self.formula.split(DIVIDED), amounts, strict=True)
        )


def number(value: Value) -> Decimal | None:
    """A value as one number, None where it is not known."""
    match value:
        case Missing():
            return None
        case Share():
            return value.value
        case _:
            return value


METRICS: dict[str, Metric] = {}


def metric(
    id_: str,
    name: str,
    unit: Unit,
    over: Over,
    *,
    needs: tuple[type, ...],
    formula: str,
    example: str,
    owner: str = "Kahvi",
    up: bool | None = True,
    pace: Pace | None = None,
    table: Table | None = None,
    terms: Terms | None = None,
    aliases: tuple[str, ...] = (),
    lowest: int | None = 0,
    highest: int | None = None,
) -> Callable[[Own], Own]:
    """Register a function as a metric; the first line of its docstring is the definition."""

    def register(function: Own) -> Own:
        definition = (function.__doc__ or "").strip().partition("\n")[0]
        METRICS[id_] = Metric(
            id_,
            name,
            unit,
            over,
            definition,
            formula,
            owner,
            needs,
            up,
            example,
            pace or Pace.of(unit, over),
            function,
            table,
            terms,
            aliases,
            lowest,
            highest,
        )
        return function

    return register
