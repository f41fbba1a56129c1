"""When alerts may speak up: once a burst has settled, in the hours and on the days of work, some a day."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from bot.business_days import BusinessDays
from bot.settings import NO_HOURS, Settings
from storage.quiet_times import QuietTime


@dataclass(frozen=True, slots=True)
class Calm:
    """`settle` is how long an alert waits for its account's other news, `per_day` how many cards a channel gets.

    `quiet` are the local times from and until which there is none; None for no such hours.
    """

    settle: timedelta
    per_day: int
    quiet: tuple[time, time] | None
    days: BusinessDays

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            timedelta(minutes=settings.alert_settle_minutes),
            settings.alerts_per_day,
            _hours(settings.quiet_hours),
            _days(settings.free_days),
        )

    def but(self, chosen: QuietTime) -> Self:
        """With the hours and days that somebody chose."""
        return replace(
            self,
            quiet=self.quiet if chosen.hours is None else _hours(chosen.hours),
            days=self.days if chosen.free_days is None else _days(chosen.free_days),
        )

    def is_quiet(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether people of a zone are to be left alone."""
        local = now.astimezone(zone)
        return local.date() not in self.days or (self.quiet is not None and _within(local.time(), *self.quiet))


@lru_cache(64)
def _days(written: str) -> BusinessDays:
    """The holidays of a country take a while to reckon."""
    return BusinessDays(written)


def _hours(written: str) -> tuple[time, time] | None:
    if written == NO_HOURS:
        return None
    start, end = map(time.fromisoformat, written.split("-"))
    return start, end


def _within(at: time, start: time, end: time) -> bool:
    """Whether a time lies in a span that may go over midnight."""
    return start <= at < end if start <= end else at >= start or at < end
