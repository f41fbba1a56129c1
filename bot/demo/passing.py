"""How time passes in the demo: from morning to morning, so that no digest is skipped."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.app import Bot
from bot.clock import Clock, instant_of, local_day
from bot.playground.slack.world.clock import Clock as SlackClock
from storage import health

BEFORE = timedelta(minutes=1)  # of a digest, when billing is read for it
QUIET = 10.0  # seconds for what is due to be posted


def reading(clock: SlackClock) -> Clock:
    """The time of the local Slack, as everybody in the demo reads it."""
    return lambda: datetime.fromtimestamp(clock.now(), UTC)


def stops(now: datetime, until: datetime, at: time, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments after `now` at which something is due, and `until` as the last."""
    day = local_day(now, zone)
    while (morning := instant_of(day, at, zone)) < until:
        if morning > now:
            yield morning
        day += timedelta(days=1)
    yield until


class Passing:
    """Moves the clock of the local Slack, by which the bot and the local Stripe live too."""

    def __init__(self, clock: SlackClock, bot: Bot, at: time, zone: ZoneInfo) -> None:
        self._clock, self._bot = clock, bot
        self._at, self._zone = at, zone

    async def until(self, moment: datetime) -> None:
        """Everything that is due on the way is done at its own time, before the clock goes on."""
        now = reading(self._clock)
        await self._posted()
        for stop in stops(now(), moment, self._at, self._zone):
            if stop - BEFORE > now():
                self._clock.set(stop - BEFORE)
            await self._bot.read()
            if stop > now():
                self._clock.set(stop)
            await self._bot.beat()
            await self._posted()

    async def _posted(self) -> None:
        """Until everything that is written is in Slack: a message that is on its way would seem to have hung."""
        services = self._bot.services
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET):
                while (await services.database.read(health.standing, services.source.name)).oldest_pending:
                    self._bot.delivery.nudge()
                    await asyncio.sleep(0.1)
        await self._bot.delivery.idle()
