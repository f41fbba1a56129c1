"""Which days a digest of one channel speaks about: a channel keeps its own days, the ledger those of its zone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import instant_of, local_day

LATE = timedelta(minutes=15)  # from here on a digest says that it is late


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a channel has its digests: the time of day in its zone, and the weekdays (Monday is 1)."""

    at: time
    zone: ZoneInfo
    weekdays: Collection[int]

    def due_at(self, day: date) -> datetime:
        return instant_of(day, self.at, self.zone)


def previous_digest_day(day: date, weekdays: Collection[int]) -> date:
    """The last day before `day` on which the channel has a digest; every day has one without any weekday."""
    earlier = (day - timedelta(days=back) for back in range(1, 8))
    return next((one for one in earlier if one.isoweekday() in weekdays), day - timedelta(days=1))


def days_over(day: date, instant: datetime, ledger: ZoneInfo) -> date:
    """The first ledger day that a digest of a channel's day, due at an instant, does not cover.

    West of the ledger's zone that is the channel's day. East of it the ledger's day before may still have hours to
    go; they are left to the next digest, which would otherwise never tell them.
    """
    return min(day, local_day(instant, ledger))


def days_covered(first: date, day: date, instant: datetime, rhythm: Rhythm, ledger: ZoneInfo) -> tuple[date, date]:
    """The ledger days [since, until) that the digest of a channel's day covers; `first` is its first missed day or it.

    Where one digest ends the next begins, whatever the zones; the window is empty when no further day is over.
    """
    until = days_over(day, instant, ledger)
    previous = previous_digest_day(first, rhythm.weekdays)
    return min(until, days_over(previous, rhythm.due_at(previous), ledger)), until
