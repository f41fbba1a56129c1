"""A replica as the proofs run it: the tick and the delivery of Kahvi, over a real database and a real socket."""

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.clock import Clock, local_day, utc_now
from bot.schedule import Compose, tick
from bot.settings import Settings
from bot.slack.connection import open_client
from bot.slack.delivery import Delivery
from storage import slots
from storage.channels import Channel
from storage.engine import Database
from storage.outbox import Outgoing
from storage.slots import slot_key, slot_prefix
from tests.chaos.harness import Slack

GRACE = timedelta(hours=6)
ANSWER_SECONDS = 1.0
LEASE = timedelta(seconds=3)  # more than twice the time that one request may take
BEAT = 0.05


def digest(session: Session, channel: Channel, day: date, due_at: datetime, now: datetime) -> Sequence[Outgoing]:
    """A digest that says what Kahvi's own says of days: its own, how late it is, and those that were missed."""
    missed = slots.missed_before(session, slot_prefix(channel.channel_id), due_at)
    days = " ".join(local_day(one, channel.zone).isoformat() for one in missed.values())
    key = slot_key(channel.channel_id, day)
    return [Outgoing(key, channel.channel_id, f"digest {day} late {now - due_at} missed [{days}]", [])]


class Replica:
    """One process's share of the work; it goes on until it is killed.

    `ready` is a pipe that gets a byte once the work begins.
    """

    def __init__(
        self,
        url: str,
        slack: Slack,
        clock: Clock = utc_now,
        *,
        compose: Compose = digest,
        pace: timedelta = timedelta(0),
        lease: timedelta = LEASE,
        ready: int | None = None,
    ) -> None:
        self._ready = ready
        self._url, self._slack, self._clock, self._compose = url, slack, clock, compose
        self._pace, self._lease = pace, lease

    def deliver(self) -> None:
        """Only carry what the outbox holds."""
        asyncio.run(self._run(ticks=0))

    def serve(self, ticks: int = 1) -> None:
        """Carry, and write what is due, by so many ticks at once."""
        asyncio.run(self._run(ticks=ticks))

    async def _run(self, ticks: int) -> None:
        quiet()
        database = Database(self._url)
        settings = Settings(
            slack_bot_token=self._slack.bot_token,
            slack_app_token=self._slack.app_token,
            slack_base_url=self._slack.api_url,
            _env_file=None,
        )
        client = open_client(settings, ANSWER_SECONDS)
        delivery = Delivery(database, client, self._clock, pace=self._pace, lease=self._lease)
        if self._ready is not None:
            os.write(self._ready, b".")
        await asyncio.gather(delivery.run(), *(self._beat(database, delivery) for _ in range(ticks)))

    async def _beat(self, database: Database, delivery: Delivery) -> None:
        while True:
            with suppress(DBAPIError):  # PostgreSQL may be down; the next beat does it
                await tick(database, self._clock(), GRACE, self._compose)
            delivery.nudge()
            await asyncio.sleep(BEAT)


def quiet() -> None:
    """What is thrown at the bot here would fill the screen with warnings that are meant."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
