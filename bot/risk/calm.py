"""When alerts may speak up: once a burst has settled, in the hours and on the days of work, some a day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from bot.business_days import BusinessDays
from bot.settings import NO_HOURS, Settings


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
            BusinessDays(settings.free_days),
        )

    def is_quiet(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether people of a zone are to be left alone."""
        local = now.astimezone(zone)
        return local.date() not in self.days or (self.quiet is not None and _within(local.time(), *self.quiet))


def _hours(written: str) -> tuple[time, time] | None:
    if written == NO_HOURS:
        return None
    start, end = map(time.fromisoformat, written.split("-"))
    return start, end


def _within(at: time, start: time, end: time) -> bool:
    """Whether a time lies in a span that may go over midnight."""
    return start <= at < end if start <= end else at >= start or at < end
