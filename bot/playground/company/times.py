"""What a whole company lives through, drawn by its seed: growth and seasons, a price rise, a bad release, an outage, a
competitor.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from random import Random
from typing import Final

from bot.playground.stripe.billing.dates import DAY, add_months, moment, seconds

GROWTH: Final = 1.025  # more newcomers each month
# Of newcomers by month: budgets open in January, holidays are quiet.
SEASON: Final = (1.35, 1.1, 1.05, 1.0, 1.0, 0.95, 0.7, 0.65, 1.25, 1.15, 1.05, 0.75)
SMALL: Final = ("smb", "mid-market")
AFTER: Final = 90 * DAY  # how long people think of leaving for a thing that happened


@dataclass(frozen=True)
class Happening:
    """Something that made accounts leave from an instant on: so many times as many, of some segments, for a time."""

    at: int
    name: str
    worse: float
    lasts: int
    feedback: str
    comments: Sequence[str | None]
    segments: Sequence[str] = ("smb", "mid-market", "enterprise")

    def bears_on(self, second: int, segment: str) -> bool:
        return self.at <= second < self.at + self.lasts and segment in self.segments


class Times:
    """A company of `accounts` over `months` months up to an aware instant; instants are seconds since the epoch.

    Raises ValueError for other sizes than 40 to 1,000,000 accounts and 12 to 60 months.
    """

    def __init__(self, seed: int, now: datetime, accounts: int, months: int) -> None:
        if not 40 <= accounts <= 1_000_000:
            raise ValueError("A company has 40 to 1,000,000 accounts.")
        if not 12 <= months <= 60:
            raise ValueError("A company has lived 12 to 60 months.")
        self.seed, self.accounts, self.months = seed, accounts, months
        self.today = seconds(now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
        self.opened = add_months(self.today, -months)
        self._firsts = [add_months(self.opened, month) for month in range(months + 1)]
        middles = [moment(first + 15 * DAY).month for first in self._firsts[:-1]]
        shares = [GROWTH**month * SEASON[calendar - 1] for month, calendar in enumerate(middles)]
        shares[0] += sum(shares) / 6  # those who were there from the beginning
        self._until = list(accumulate(shares))
        rng = Random(f"{seed}:times")
        self.rise = rng.choice((6, 8, 10, 12))  # percent
        self.raised = self._some_day(rng, 0.35, 0.55)
        self.happenings = self._happenings(rng)

    def _some_day(self, rng: Random, first: float, last: float) -> int:
        span = self.today - self.opened
        second = self.opened + int(span * rng.uniform(first, last))
        return second - second % DAY

    def _happenings(self, rng: Random) -> tuple[Happening, ...]:
        dear = ("The new price does not fit our budget any more.", "12 people cannot cost more than our CRM.", None)
        slow = ("Reports kept timing out since the new version.", "The new editor lost our drafts twice.", None)
        gone = ("We were down for a whole working day with you.", None)
        rival = ("We moved to Samovar: half the price, and it does enough.", "A competitor moved us for free.", None)
        return (
            Happening(self.raised, "price rise", 2.2, AFTER, "too_expensive", dear, SMALL),
            Happening(self._some_day(rng, 0.6, 0.7), "bad release", 2.6, AFTER, "low_quality", slow),
            Happening(self._some_day(rng, 0.72, 0.8), "outage", 1.9, AFTER // 2, "customer_service", gone),
            Happening(self._some_day(rng, 0.82, 0.9), "competitor", 1.8, 2 * AFTER, "switched_service", rival, SMALL),
        )

    def began(self, number: int) -> int:
        """When an account joined: the later the higher its number; fewer in summer, more every year."""
        place = (number + 0.5) / self.accounts * self._until[-1]
        month = min(bisect_right(self._until, place), self.months - 1)
        before = self._until[month - 1] if month else 0.0
        share = (place - before) / (self._until[month] - before)
        first, after = self._firsts[month], self._firsts[month + 1]
        return first + int((after - first - 1) * share)

    def bearing_on(self, second: int, segment: str) -> list[Happening]:
        """What made accounts of a segment leave at an instant, the newest last."""
        return sorted((one for one in self.happenings if one.bears_on(second, segment)), key=lambda one: one.at)
