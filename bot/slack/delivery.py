"""Takes messages from the outbox to Slack, one at a time in each channel, each exactly once where that can be known."""

import asyncio
from asyncio import sleep
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Concatenate, ParamSpec, assert_never

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from bot.clock import Clock
from bot.digest.days import LATE
from bot.messages.digest import waited
from bot.messages.trouble import SHARED
from bot.slack import outcomes
from bot.slack.posted import Posted
from bot.slack.posting import Later, Outcome, Refused, Sent, Uncertain, Unreadable, find, send
from bot.slack.sharing import Sharing
from bot.telemetry import POSTS
from storage import channels, outbox_claims, outbox_outcomes
from storage.engine import Database
from storage.outbox import Rank
from storage.outbox_claims import LONGEST_PAUSE, Claimed

P = ParamSpec("P")
log = structlog.get_logger()

PACE = timedelta(seconds=1)  # Slack's own limit for each channel
LEASE = timedelta(seconds=90)  # more than twice the longest that one sending can take
WRITE_AGAIN = 1.0  # seconds until an outcome that could not be written is tried again
TIDY = timedelta(seconds=1)  # how often what came too late, or never got an answer, is looked for
LOOK = timedelta(seconds=5)  # how often the outbox is looked at when nobody nudges
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=10)
UNKNOWN_WAITS = (timedelta(seconds=30), timedelta(minutes=2))  # between three tries
FIRST_LOOK, LAST_LOOK = timedelta(minutes=2), timedelta(minutes=15)  # whether a person has mended it
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
        team: str = "",
    ) -> None:
        self._database = database
        self._sharing = Sharing(client, clock, team)
        self._client = client
        self._clock = clock
        self._pace = pace
        self._lease = lease
        self._nudged = asyncio.Event()
        self._sending: dict[asyncio.Task[None], int] = {}
        self._posted = Posted(lambda posts: self._write(outcomes.sent, posts))
        self._tidied: datetime | None = None
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
        lease, write, name = self._lease, self._database.write, self._database.name
        overdue: Sequence[Claimed] = ()
        if self._tidied is None or abs(now - self._tidied) >= TIDY:
            ours = list(self._sending.values())
            overdue = await write(outbox_claims.tidy, now=now, lease=lease, most=free, but=ours, by=name)
            self._tidied = now
        claimed, again = await write(outbox_claims.claim, now=now, lease=lease, pace=self._pace, most=free, by=name)
        for work, messages in ((self._settle, overdue), (partial(self._deliver, since=now), claimed)):
            for message in messages:
                task = asyncio.create_task(work(message))
                self._sending[task] = message.id
                task.add_done_callback(self._ended)
        return again

    async def look_at_shared(self) -> None:
        """Post again where no other company is in the channel any more."""
        found = await self._database.read(channels.shared)
        clear = await asyncio.gather(*map(self._sharing.is_shared_no_more, found))
        for channel_id in (one for one, is_clear in zip(found, clear, strict=True) if is_clear):
            log.info("a channel is no longer shared", channel=channel_id)
            await self._database.write(channels.end_sharing, channel_id, now=self._clock())

    async def idle(self) -> None:
        """Wait for the sendings that have begun."""
        await asyncio.gather(*self._sending)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        self.nudge()

    async def _rest(self, again: datetime | None) -> None:
        wait = LOOK if again is None else min(LOOK, max(again - self._clock(), timedelta(0)))
        with suppress(TimeoutError):
            # Not wait_for: in Python 3.11 it loses a cancellation that comes at the moment of a nudge.
            async with asyncio.timeout(wait.total_seconds()):
                await self._nudged.wait()

    async def _deliver(self, message: Claimed, since: datetime) -> None:
        try:
            objection = await self._sharing.objection(message.channel_id)
            if abs(self._clock() - since) > self._lease / 2:
                objection = Later("the claim grew old", outage=True)  # this process stood still, or its clock moved
            await self._record(
                message, objection or await send(self._client, _as_late_as_it_is(message, self._clock()))
            )
        except Exception:
            log.exception("the outcome of a message is lost; it is settled after its lease", key=message.key)

    async def _record(self, message: Claimed, outcome: Outcome) -> None:
        now = self._clock()
        POSTS.labels(type(outcome).__name__.lower()).inc()
        log.info("message", key=message.key, channel=message.channel_id, outcome=type(outcome).__name__.lower())
        match outcome:
            case Sent(ts):
                await self._posted.add(message, ts)
            case Later():
                await self._later(message, outcome, now)
            case Refused():
                log.warning("message refused", key=message.key, error=outcome.error)
                await self._refused(message, outcome, now)
            case Uncertain(error) if message.ts:
                await self._again(message, error, now)  # an update may be sent twice
            case Uncertain(error):
                log.warning("message uncertain", key=message.key, error=error)
            case _:
                assert_never(outcome)

    async def _refused(self, message: Claimed, refused: Refused, now: datetime) -> None:
        """What a person can mend is tried until it is; a card keeps its worth, the thread of a digest does not."""
        over = message.rank == Rank.DIGEST and _is_hopeless(message, now)
        error, theirs = refused.error, refused.can_be_mended
        if not theirs or error == SHARED or over:
            await self._write(outcomes.refused, message, error, by_channel=theirs, now=now)
        else:
            until = now + min(LAST_LOOK, FIRST_LOOK * (1 << min(message.attempts, 12)))
            await self._write(outcomes.held, message, error, until=until, now=now)
        if theirs:
            self.nudge()  # somebody may have been told

    async def _later(self, message: Claimed, later: Later, now: datetime) -> None:
        pause = None if later.seconds is None else min(timedelta(seconds=later.seconds), LONGEST_PAUSE)
        if pause is None and later.outage:
            pause = _back_off(message.attempts)
        if pause is None:
            await self._not_understood(message, later.error, now)
        elif _is_hopeless(message, now) and not (message.ts and later.seconds):  # after a pause an update would do
            await self._give_up(message, later.error)
        else:
            await self._write(outbox_outcomes.mark_held, message, until=now + pause, error=later.error)

    async def _again(self, message: Claimed, error: str, now: datetime) -> None:
        if _is_hopeless(message, now):
            await self._give_up(message, error)
        else:
            await self._write(
                outbox_outcomes.mark_later, message, not_before=now + _back_off(message.attempts), error=error
            )

    async def _give_up(self, message: Claimed, error: str) -> None:
        log.warning("message given up", key=message.key, error=error)
        await self._write(outcomes.refused, message, error, by_channel=False, now=self._clock())

    async def _not_understood(self, message: Claimed, word: str, now: datetime) -> None:
        """Slack refuses with a word that we do not know: it may pass, but not many are worth waiting for."""
        tries = message.attempts if message.error == word else 0
        if tries < len(UNKNOWN_WAITS):
            not_before = now + UNKNOWN_WAITS[tries]
            await self._write(
                outbox_outcomes.mark_later, message, not_before=not_before, error=word, attempts=tries + 1
            )
        else:
            log.warning("message refused with an unknown word", key=message.key, error=word)
            await self._write(outcomes.refused, message, word, by_channel=True, now=now)

    async def _write(self, work: Callable[Concatenate[Session, P], object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Write an outcome, trying for the lease where the database is locked or away: only we know it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._lease.total_seconds()
        while True:
            try:
                await self._database.write(work, *args, **kwargs)
            except (OperationalError, NoConnection) as error:
                if loop.time() + WRITE_AGAIN > deadline:
                    raise
                log.warning("an outcome cannot be written now; it is tried again", error=type(error).__name__)
            else:
                return
            await sleep(WRITE_AGAIN)

    async def _settle(self, message: Claimed) -> None:
        """Find out what became of a sending that ended without an answer, in this process or another."""
        try:
            await self._look_for(message)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("cannot look for a message now", key=message.key, error=type(error).__name__)
            if self._clock() - message.wanted_at > PATIENCE:
                await self._unconfirmed(message)
        except Exception:
            log.exception("a message could not be settled; it is tried after its lease", key=message.key)

    async def _look_for(self, message: Claimed) -> None:
        if message.ts:
            await self._write(outbox_outcomes.mark_later, message, not_before=self._clock(), error="no answer")
            return
        try:
            ts = await find(self._client, message)
        except Unreadable:
            await self._unconfirmed(message)
            return
        if ts:
            await self._posted.add(message, ts)
        else:
            await self._write(outbox_outcomes.mark_later, message, not_before=self._clock(), error="not in Slack")

    async def _unconfirmed(self, message: Claimed) -> None:
        log.warning("message unconfirmed", key=message.key)
        await self._write(outcomes.unconfirmed, message, now=self._clock())
        self.nudge()  # somebody is asked


def _as_late_as_it_is(message: Claimed, now: datetime) -> Claimed:
    """The first message of a digest says how long it waited, where that is longer than anybody would expect."""
    age = now - message.created_at
    if message.rank != Rank.DIGEST or message.thread_ts or message.ts or age < LATE:
        return message
    said = waited(message.text, message.blocks, age)
    return replace(message, text=said.text, blocks=said.blocks)


def _is_hopeless(message: Claimed, now: datetime) -> bool:
    return message.attempts > 0 and now - message.wanted_at > PATIENCE


def _back_off(attempts: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts, 12)))
