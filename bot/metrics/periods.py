"""Periods as people type them: `30d`, `12m`, `this month`, `last quarter`, `2026`, `2026-03`, `2026-01..2026-06`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import KahviError
from bot.metrics.windows import Window, month_start, months
from storage.days import months_before

DEFAULT = "30d"
EXAMPLES = "30d, 12m, this month, last quarter, 2026, 2026-03 or 2026-01..2026-06"
LONGEST = 366 * 30  # days
FIRST_YEAR = 1970
SHORT = 62  # days, up to which the course of a year says more than that of the period
MOST_STEPS = 20  # that a chart takes
_ROLLING = re.compile(r"(?:last |past )?(\d{1,5}) ?(d|w|m|q|y|days?|weeks?|months?|quarters?|years?)")
_NAMED = re.compile(r"(this|current|last|previous) (week|month|quarter|year)")
_DATED = re.compile(r"(\d{4})(?:-(\d{1,2})|-?q([1-4]))?(?:(?<=-\d\d)-(\d{1,2}))?")
_TO_DATE = {"mtd": "this month", "qtd": "this quarter", "ytd": "this year"}
_MONTHS = {"month": 1, "m": 1, "quarter": 3, "q": 3, "year": 12, "y": 12}


class PeriodError(KahviError):
    """A period holds no day that is over, or more than Kahvi counts."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period as it was said, in few words, and its days; `whole` when it is made of calendar months."""

    said: str
    window: Window
    whole: bool = False

    @property
    def before(self) -> Window:
        """What it is compared with: as many calendar months, or as many days, before it."""
        start = self.window.start
        if not self.whole:
            return self.window.before
        length = (self.window.end.year - start.year) * 12 + self.window.end.month - start.month
        return Window(month_start(start, -length), start)

    @property
    def steps(self) -> tuple[Window, ...]:
        """The months, quarters or years in it, as many as a chart takes; of a short one those of the year before."""
        first, end = self.window.start, self.window.end
        if self.window.days <= SHORT:
            first = month_start(end - timedelta(days=1), -11)
        cut = tuple(months(first, end))
        for length in (3, 12):
            if len(cut) > MOST_STEPS:
                cut = tuple(_longer(first, end, length))
        return cut[-MOST_STEPS:]


def span(words: str, today: date) -> Span | None:
    """The period that words name, None when they name none; `today` is the first day that is not over.

    Raises PeriodError for one that Kahvi cannot count.
    """
    said = " ".join(words.casefold().replace("…", "..").split())
    said = _TO_DATE.get(said, said)
    found = _rolling(said, today) or _named(said, today) or _dated(said, today)
    if found is None:
        return None
    window = found.window
    if window.start >= window.end:
        raise PeriodError(f"“{said}” holds no day that is over; please ask for another period, such as {EXAMPLES}.")
    if window.days > LONGEST or window.start.year < FIRST_YEAR:
        raise PeriodError(f"“{said}” reaches further back than Kahvi counts; please ask for a shorter period.")
    return found


def known_span(words: str, today: date) -> Span:
    """The same where words have to name a period: raises PeriodError when they name none, too."""
    if found := span(words, today):
        return found
    raise PeriodError(f"I do not know the period “{words}”; try one such as {EXAMPLES}.")


def _rolling(said: str, today: date) -> Span | None:
    found = _ROLLING.fullmatch(said)
    if not found:
        return None
    count, unit = int(found[1]), found[2][0]
    if unit in "dw":
        length = count * (7 if unit == "w" else 1)
        start = date.fromordinal(max(1, today.toordinal() - length))
    else:
        start = months_before(today, count * _MONTHS[unit])
    return Span(f"{count}{unit}", Window(start, today))


def _named(said: str, today: date) -> Span | None:
    if said == "yesterday":
        return Span(said, Window(today - timedelta(days=1), today))
    found = _NAMED.fullmatch(said)
    if not found:
        return None
    past = found[1] in ("last", "previous")
    if found[2] == "week":
        start = today - timedelta(days=today.weekday() + 7 * past)
        return Span(said, Window(start, min(today, start + timedelta(days=7))))
    length = _MONTHS[found[2]]
    begun = month_start(today, -((today.month - 1) % length))
    start = month_start(begun, -length) if past else begun
    end = min(today, month_start(start, length))
    return Span(said, Window(start, end), whole=end == month_start(start, length))


def _dated(said: str, today: date) -> Span | None:
    first, dots, last = said.partition("..")
    begin, until = _days(first.strip()), _days(last.strip()) if dots else None
    until = until if dots else begin
    if begin is None or until is None:
        return None
    if until[1] <= begin[0]:
        raise PeriodError(f"“{said}” ends before it begins; write the earlier end first, as in 2026-01..2026-06.")
    start, end = begin[0], min(until[1], today)
    return Span(said, Window(start, end), whole=start.day == 1 and end.day == 1 and end > start)


def _days(said: str) -> tuple[date, date] | None:
    """The days [first, after) of a year, quarter, month or day."""
    found = _DATED.fullmatch(said)
    if not found:
        return None
    year, month, quarter, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, quarter * 3 - 2 if quarter else month or 1, day or 1)
        if day:
            return first, first + timedelta(days=1)
        return first, month_start(first, 3 if quarter else 1 if month else 12)
    except (ValueError, OverflowError):
        return None


def _longer(first: date, end: date, length: int) -> Sequence[Window]:
    """Quarters or years that [first, end) touches, the last one cut off."""
    start = month_start(first, -((first.month - 1) % length))
    found = []
    while start < end:
        after = month_start(start, length)
        found.append(Window(start, min(after, end)))
        start = after
    return found
