"""Who reads alerts, and when they are to be left alone: channels and people, each by hours and days of its own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.risk.calm import Calm
from bot.risk.settings import RiskSettings
from storage import people, quiet_times


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody's time zone, and when there is calm there."""

    zone: ZoneInfo
    calm: Calm

    def is_quiet(self, now: datetime) -> bool:
        return self.calm.is_quiet(now, self.zone)


def calms(session: Session, whose: Collection[str], settings: RiskSettings) -> Mapping[str, Calm]:
    """By the id of a channel or a person, the calm that was chosen there, or else the workspace's."""
    chosen = quiet_times.chosen(session, whose)
    return {one: settings.calm.but(chosen[one]) if one in chosen else settings.calm for one in whose}


def readers(session: Session, users: Collection[str], settings: RiskSettings) -> Mapping[str, Reader]:
    """People by their id, in the zone that Slack tells of them, else in the workspace's."""
    by_user, zones = calms(session, users, settings), people.zones(session, users)
    return {user: Reader(ZoneInfo(zones.get(user) or settings.zone.key), by_user[user]) for user in users}
