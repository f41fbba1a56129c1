"""When a channel gets its next coffee stats."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.clock import instant_of, local_day
from storage.channels import Channel
from storage.slots import slot_key

DAYS_AHEAD = 8  # today's may be taken, and a channel may have one day a week


def next_coffee(channel: Channel, now: datetime, taken: Collection[str]) -> datetime | None:
    """The next due instant whose slot is not taken, `now` when one is owed already; None when none is to come.

    That is so while the channel is paused, and while another company shares it.
    """
    if channel.paused or channel.shared:
        return None
    today = local_day(now, channel.zone)
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)):
        due_at = instant_of(day, channel.at, channel.zone)
        if due_at < channel.owed_since or day.isoweekday() not in channel.weekdays:
            continue
        if slot_key(channel.channel_id, day) not in taken:
            return max(due_at, now)
    return None
