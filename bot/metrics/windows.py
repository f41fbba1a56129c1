"""Windows of local days, and how a period is cut into them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.metrics.axes import ChurnWindow


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days of [start, end); a level is taken at the start of `end`."""

    start: date
    end: date

    @classmethod
    def last(cls, days: int, until: date) -> "Window":
        """The `days` whole days before `until`."""
        return cls(until - timedelta(days=days), until)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def months(self) -> Decimal:
        """How many months it is: calendar months are whole ones, and 28 to 31 days are one, as 30 are to vendors."""
        if self.start.day == self.end.day:
            return Decimal((self.end.year - self.start.year) * 12 + self.end.month - self.start.month)
        return Decimal(1) if 28 <= self.days <= 31 else self.days * Decimal(12) / 365

    @property
    def before(self) -> "Window":
        """The window of equal length that ends where this one begins."""
        return Window(self.start - (self.end - self.start), self.start)


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month that lies so many months after that of `day`."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def of_churn(kind: ChurnWindow, until: date) -> tuple[Window, Window]:
    """The window whose churn is told on a day, by the policy, and the one it is compared with."""
    if kind is ChurnWindow.ROLLING_30D:
        last = Window.last(30, until)
        return last, last.before
    starts = [month_start(until, back) for back in (0, -1, -2)]
    return Window(starts[1], starts[0]), Window(starts[2], starts[1])


def months(first: date, until: date) -> Iterator[Window]:
    """The calendar months that [first, until) touches, the last one cut off at `until`."""
    start = month_start(first)
    while start < until:
        end = month_start(start, 1)
        yield Window(start, min(end, until))
        start = end
