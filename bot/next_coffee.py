"""When a channel gets its next coffee stats."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.clock import instant_of, local_day
from bot.schedule import slot_key
from storage.channels import Channel

DAYS_AHEAD = 8  # today's may be taken, and a channel may have one day a week


def next_coffee(channel: Channel, now: datetime, taken: Collection[str]) -> datetime | None:
    """The next due instant whose slot is not taken; None for a paused channel."""
    if channel.paused:
        return None
    today = local_day(now, channel.zone)
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
        due_at = instant_of(day, channel.at, channel.zone)
        if day.isoweekday() in channel.weekdays and due_at > now and slot_key(channel.channel_id, day) not in taken:
            return due_at
    return None
