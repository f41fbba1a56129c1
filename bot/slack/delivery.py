"""Takes messages from the outbox to Slack, one at a time in each channel, each exactly once where that can be known."""

import asyncio
from asyncio import sleep
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, assert_never

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from bot.clock import Clock
from bot.slack.posting import Later, Outcome, Refused, Sent, Uncertain, Unreadable, find, send
from storage import channels, outbox
from storage.engine import Database
from storage.outbox import Claimed

P = ParamSpec("P")
log = structlog.get_logger()

PACE = timedelta(seconds=1)  # Slack's own limit for each channel
LEASE = timedelta(seconds=60)  # more than twice the longest that one sending can take
WRITE_AGAIN = 1.0  # seconds until an outcome that could not be written is tried again
LOOK = timedelta(seconds=5)  # how often the outbox is looked at when nobody nudges
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=10)
PATIENCE = timedelta(hours=24)  # since the present content was written
AT_ONCE = 16


class Delivery:
    """Sends what is written to the outbox; `nudge` it after writing, and it looks at once."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        clock: Clock,
        *,
        pace: timedelta = PACE,
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._pace = pace
        self._lease = lease
        self._nudged = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = False

    def nudge(self) -> None:
        """Something was written to the outbox."""
        self._nudged.set()

    def stop(self) -> None:
        """Finish what is being sent and take nothing more."""
        self._stopping = True
        self._nudged.set()

    async def run(self) -> None:
        """Deliver until stopped; what fails here is logged and tried again."""
        while not self._stopping:
            self._nudged.clear()
            again: datetime | None = None
            try:
                again = await self.round()
            except Exception:
                log.exception("delivery failed; it goes on")
            await self._rest(again)
        await self.idle()

    async def round(self) -> datetime | None:
        """Begin to settle what is overdue and to send all that may be sent now; when to look again."""
        free = AT_ONCE - len(self._sending)
        if free <= 0:
            return None  # the next that ends nudges
        now = self._clock()
        overdue = await self._database.write(outbox.claim_overdue, now=now, lease=self._lease, most=free)
        claimed, again = await self._database.write(
            outbox.claim, now=now, lease=self._lease, pace=self._pace, most=free
        )
        for work in (*map(self._settle, overdue), *map(self._deliver, claimed)):
            task = asyncio.create_task(work)
            self._sending.add(task)
            task.add_done_callback(self._ended)
        return again

    async def idle(self) -> None:
        """Wait for the sendings that have begun."""
        await asyncio.gather(*self._sending)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self.nudge()

    async def _rest(self, again: datetime | None) -> None:
        wait = LOOK if again is None else min(LOOK, max(again - self._clock(), timedelta(0)))
        with suppress(TimeoutError):
            # Not wait_for: in Python 3.11 it loses a cancellation that comes at the moment of a nudge.
            async with asyncio.timeout(wait.total_seconds()):
                await self._nudged.wait()

    async def _deliver(self, message: Claimed) -> None:
        try:
            await self._record(message, await send(self._client, message))
        except Exception:
            log.exception("the outcome of a message is lost; it is settled after its lease", key=message.key)

    async def _record(self, message: Claimed, outcome: Outcome) -> None:
        now = self._clock()
        log.info("message", key=message.key, channel=message.channel_id, outcome=type(outcome).__name__.lower())
        match outcome:
            case Sent(ts):
                await self._write(_sent, message, ts)
            case Later(error, seconds):
                await self._later(message, error, seconds, now)
            case Refused(error, remedy):
                log.warning("message refused", key=message.key, error=error)
                await self._write(_refused, message, error, remedy)
            case Uncertain(error) if message.ts:
                await self._later(message, error, None, now)  # an update may be sent twice
            case Uncertain(error):
                log.warning("message uncertain", key=message.key, error=error)
            case _:
                assert_never(outcome)

    async def _later(self, message: Claimed, error: str, seconds: float | None, now: datetime) -> None:
        if _is_hopeless(message, seconds, now):
            log.warning("message given up", key=message.key, error=error)
            await self._write(_refused, message, error, "")
        elif seconds is not None:
            await self._write(outbox.mark_held, message, until=now + timedelta(seconds=seconds), error=error)
        else:
            not_before = now + _back_off(message.attempts)
            await self._write(outbox.mark_later, message, not_before=not_before, error=error)

    async def _write(self, work: Callable[Concatenate[Session, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Write an outcome, trying for the lease where the database is locked or away: only we know it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._lease.total_seconds()
        while True:
            try:
                return await self._database.write(work, *args, **kwargs)
            except (OperationalError, NoConnection) as error:
                if loop.time() + WRITE_AGAIN > deadline:
                    raise
                log.warning("an outcome cannot be written now; it is tried again", error=type(error).__name__)
            await sleep(WRITE_AGAIN)

    async def _settle(self, message: Claimed) -> None:
        """Find out what became of a sending that ended without an answer, in this process or another."""
        try:
            await self._look_for(message)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("cannot look for a message now", key=message.key, error=type(error).__name__)
        except Exception:
            log.exception("a message could not be settled; it is tried after its lease", key=message.key)

    async def _look_for(self, message: Claimed) -> None:
        if message.ts:
            await self._write(outbox.mark_later, message, not_before=self._clock(), error="no answer")
            return
        try:
            ts = await find(self._client, message)
        except Unreadable:
            log.warning("message unconfirmed", key=message.key)
            await self._write(outbox.mark_unconfirmed, message)
            return
        if ts:
            await self._write(_sent, message, ts)
        else:
            await self._write(outbox.mark_later, message, not_before=self._clock(), error="not in Slack")


def _is_hopeless(message: Claimed, seconds: float | None, now: datetime) -> bool:
    """Whether to stop trying: not because of a pause that Slack wants, where an update would do in the end."""
    paused_update = message.ts is not None and seconds is not None
    return not paused_update and message.attempts > 0 and now - message.wanted_at > PATIENCE


def _back_off(attempts: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts, 12)))


def _sent(session: Session, message: Claimed, ts: str) -> None:
    outbox.mark_sent(session, message, ts)
    channels.note_problem(session, message.channel_id, None)


def _refused(session: Session, message: Claimed, error: str, remedy: str) -> None:
    outbox.mark_failed(session, message, error)
    if remedy:
        channels.note_problem(session, message.channel_id, remedy)
