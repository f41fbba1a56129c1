"""MRR over a year: the ends of the last twelve months, and today."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.digest.scene import Scene, enough
from bot.metrics.windows import month_start
from bot.money import to_major
from bot.telling.told import NO_SHARE, Chart, Phrase, Strong, Told, money, percent

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Trend:
    """Levels at the starts of days, oldest first; the last one is today."""

    base: str
    points: tuple[tuple[date, Decimal], ...]
    shares: bool

    def told(self) -> Told:
        chart = Chart("MRR at the end of each month", self.base.upper(), (("MRR", tuple(self._drawn())),))
        return Told(lines=(self._words(),), chart=chart)

    def _words(self) -> Phrase:
        (start, first), (_, last) = self.points[0], self.points[-1]
        begun = start - timedelta(days=1)
        share = percent(last / first - 1, sign=True) if first > 0 and self.shares else NO_SHARE
        grown = f" ({share})" if share != NO_SHARE else ""
        ends = f"From {money(first, self.base)} to {money(last, self.base)}"
        return (Strong(ends), f"{grown} since the end of {begun:%B %Y}")

    def _drawn(self) -> list[tuple[str, Decimal]]:
        *months, (_, last) = self.points
        labels = [_label(start - timedelta(days=1), first=place == 0) for place, (start, _) in enumerate(months)]
        levels = [to_major(level, self.base) for _, level in months]
        return [*zip(labels, levels, strict=True), ("today", to_major(last, self.base))]


def trend(scene: Scene) -> Trend | None:
    """Nothing when no month has ended since the first payment: one point is no line."""
    if scene.first_day is None:
        return None
    months = [month_start(scene.until, back) for back in range(1 - MONTHS, 1)]
    starts = [first for first in months if scene.first_day < first < scene.until]
    if not starts:
        return None
    points = tuple((start, scene.book.mrr(start)) for start in (*starts, scene.until))
    return Trend(scene.base, points, enough(scene.book.customers(scene.until)))


def _label(month: date, *, first: bool) -> str:
    return f"{month:%b %Y}" if first or month.month == 1 else f"{month:%b}"
