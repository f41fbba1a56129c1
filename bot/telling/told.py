"""What a section has to say, as plain values: phrases, figures, a chart, tables. Nothing here knows Slack.

One set of words feeds the blocks, the spoken text and the terminal, so the three cannot differ.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.metrics.metric import Unit, Value, number
from bot.money import display, to_major

HUNDRED = Decimal(100)
NO_SHARE = "0.0%"
UNKNOWN = "–"
HUNDREDTH = Decimal("0.01")
TENTH = Decimal("0.1")
WHOLE_FROM = Decimal(100)  # major units from which nobody reads cents at a glance


@dataclass(frozen=True, slots=True)
class Foreign:
    """Text that somebody else wrote: made inert and cut to `limit` characters wherever it is shown."""

    text: str
    limit: int = 60


@dataclass(frozen=True, slots=True)
class Strong:
    """A few words to be seen first."""

    said: str | Foreign


@dataclass(frozen=True, slots=True)
class Link:
    """Foreign words that lead to a page, where that is known; only a terminal shows the address itself."""

    said: Foreign
    url: str | None


Piece = str | Foreign | Strong | Link
Phrase = tuple[Piece, ...]
Row = tuple[Phrase, ...]
Points = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure; `notes` are short lines below it."""

    label: str
    value: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines by name, with points in order, the same labels in each; values are in `unit` (major units of money).

    With `bars` each point is a bar, and what they say stands in a table beside them.
    """

    title: str
    unit: str
    series: tuple[tuple[str, Points], ...]
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, at most four columns; `numeric` names the columns set to the right."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Detail:
    """A reply in the thread: lines, a chart, a table, and notes below it."""

    heading: str
    lines: tuple[Phrase, ...] = ()
    table: Table | None = None
    notes: tuple[Phrase, ...] = ()
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All that a section says: in the message, in its footer (`small`), and in the thread (`details`)."""

    heading: str = ""
    lines: tuple[Phrase, ...] = ()
    figures: tuple[Figure, ...] = ()
    chart: Chart | None = None
    small: tuple[Phrase, ...] = ()
    details: tuple[Detail, ...] = ()


def money(minor: Decimal | int, currency: str, *, sign: bool = False) -> str:
    """An amount at a glance: no cents from a hundred units on, nor where there are none."""
    major = abs(to_major(minor, currency))
    cents = major < WHOLE_FROM and major != major.to_integral_value()
    return display(minor, currency, cents=cents, sign=sign)


def exact(minor: int, currency: str, *, sign: bool = False) -> str:
    """An amount to the cent, without cents where there are none."""
    whole = to_major(minor, currency)
    return display(minor, currency, cents=whole != whole.to_integral_value(), sign=sign)


def percent(share: Decimal, *, sign: bool = False) -> str:
    """A share as a percentage with one decimal: "1.9%", "+0.7%"."""
    value = (share * HUNDRED).quantize(Decimal("0.1"))
    mark = "−" if value < 0 else "+" if sign and value > 0 else ""
    return f"{mark}{abs(value)}%"


def worded(value: Value, unit: Unit, base: str) -> str:
    """A value as people read it: "$48,210", "2.4%", "2.31", "14.2 months"; a dash for one that is not known."""
    known = number(value)
    if known is None:
        return UNKNOWN
    match unit:
        case Unit.MONEY:
            return money(known, base)
        case Unit.SHARE:
            return percent(known)
        case Unit.RATIO:
            return _plain(known, HUNDREDTH)
        case Unit.MONTHS:
            return f"{_plain(known, TENTH)} months"
        case Unit.COUNT | Unit.POINTS:
            return _plain(known, Decimal(1))


def _plain(value: Decimal, least: Decimal) -> str:
    shown = value.quantize(least)
    return f"{'−' if shown < 0 else ''}{abs(shown):,}"


def arrow(change: Decimal | int) -> str:
    """The way of a change that is not zero."""
    return "↑" if change > 0 else "↓"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 trial, 2 trials."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def long_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def short_day(day: date, today: date) -> str:
    """A day near today: today, tomorrow, Thu 26 Nov; with the year when it is another one."""
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    if day == today - timedelta(days=1):
        return "yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"


def since_words(since: date, day: date) -> str:
    """What a change is measured from: "yesterday" for one day, else "since Friday" or "since 2 November"."""
    gone = (day - since).days
    if gone <= 1:
        return "yesterday"
    return f"since {since:%A}" if gone <= 7 else f"since {since.day} {since:%B}"


def listed(words: list[str]) -> str:
    """Words in a row: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
