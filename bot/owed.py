"""Which digests a channel is owed, and when: what is posted, what is said to come, and a new set-up go by it."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import instant_of, local_day, start_of_day
from storage import channels, slots
from storage.channels import Channel
from storage.slots import slot_key

DAYS_AHEAD = 8  # today's may be taken, and a channel may have one day a week


def due_on(channel: Channel, day: date) -> datetime | None:
    """When the digest of a local day is due; None when none is owed: on other weekdays, and before `owed_since`."""
    if day.isoweekday() not in channel.weekdays:
        return None
    due_at = instant_of(day, channel.at, channel.zone)
    return due_at if due_at >= channel.owed_since else None


def untaken(
    channel: Channel, now: datetime, back: int, ahead: int, taken: Collection[str]
) -> Iterator[tuple[date, datetime]]:
    """The days around today, so many back and ahead, whose digest is owed and not `taken`, and when it is due.

    None while the channel is paused, and while another company shares it.
    """
    if channel.paused or channel.shared:
        return
    today = local_day(now, channel.zone)
    for day in (today + timedelta(days=distance) for distance in range(-back, ahead + 1)):
        due_at = due_on(channel, day)
        if due_at is not None and slot_key(channel.channel_id, day) not in taken:
            yield day, due_at


def next_coffee(channel: Channel, now: datetime, taken: Collection[str]) -> datetime | None:
    """When the channel gets its next digest, `now` when one of today is owed already; None when none is to come."""
    following = next(untaken(channel, now, 0, DAYS_AHEAD, taken), None)
    return max(following[1], now) if following else None


def set_up(
    session: Session,
    channel_id: str,
    *,
    at: time,
    zone: ZoneInfo,
    weekdays: frozenset[int],
    alerts: bool,
    user: str,
    now: datetime,
) -> None:
    """Post coffee stats to a channel from now on.

    One who changes a running channel before today's came still gets it today: at the new time, or at once when that
    has passed.
    """
    old = channels.find(session, channel_id)
    owed_since = now
    if old and not old.paused and _is_owed_today(session, old, now):
        owed_since = max(old.owed_since, start_of_day(local_day(now, zone), zone))
    channels.store(
        session, channel_id, at=at, zone=zone, weekdays=weekdays, alerts=alerts, user=user, now=now, since=owed_since
    )


def _is_owed_today(session: Session, channel: Channel, now: datetime) -> bool:
    today = local_day(now, channel.zone)
    return due_on(channel, today) is not None and not slots.is_taken(session, slot_key(channel.channel_id, today))
