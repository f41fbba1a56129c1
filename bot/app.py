"""Builds the bot and runs it: everything is started in order, and stopped in the other."""

import asyncio
import importlib
import pkgutil
import signal
from asyncio import sleep
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import UTC, timedelta
from functools import partial
from typing import TypeVar

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]  # it has no stubs
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot import icp, parts, sources
from bot.background_sync import Reading
from bot.clock import Clock, utc_now
from bot.digest.outgoing import Coffee
from bot.exits import prompts
from bot.inputs.refresh import Inputs
from bot.people import look_up
from bot.retention import ends
from bot.risk import life, routing
from bot.risk.assessing import keep_assessed
from bot.risk.learning import learn_again
from bot.schedule import Turn, tick
from bot.services import Services
from bot.settings import Settings, demand
from bot.shutdown import Shutdown
from bot.slack import connection
from bot.slack.connection import SlackUnreachable
from bot.slack.delivery import PACE, Delivery
from bot.slack.incoming import App
from bot.slack.socket import Socket
from bot.sources.base import BillingSource
from bot.sweep import fill_up, let_go, sweep
from bot.tasks import Tasks
from bot.web.building import Behind, serve
from bot.web.health import Beat, HealthDoor
from bot.web.server import WebServer
from storage import inbox, outbox_claims
from storage.engine import Database

T = TypeVar("T")
log = structlog.get_logger()

READING_SECONDS, JOB_SECONDS, SOCKET_SECONDS, TASK_SECONDS, DELIVERY_SECONDS = 2.0, 0.5, 1.0, 2.0, 2.0
LONGEST_WAIT = 30.0
LEARNING = timedelta(days=7)  # how often likelihoods are fitted anew
HINT_SECONDS = 1.0


class Bot:
    """The running bot; `services` and `delivery` are there once it has started."""

    services: Services
    delivery: Delivery
    reading: Reading

    def __init__(
        self, settings: Settings, *, clock: Clock, source: BillingSource | None, child: bool, pace: timedelta
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._source = source
        self._child = child
        self._pace = pace
        self._stack = AsyncExitStack()
        self._jobs: set[asyncio.Task[object]] = set()
        self._shutdown = Shutdown()
        self._inputs: Inputs | None = None
        self._hinted = asyncio.Event()
        self._app: App | None = None
        self._socket: Socket | None = None
        self._web: WebServer | None = None
        self._delivering: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Come up in order; what was started is stopped again when a step fails, with a KahviError when expected."""
        self._shutdown = Shutdown()
        async with AsyncExitStack() as stack:
            database = await asyncio.to_thread(parts.open_database, self._settings, hold=True)
            stack.callback(database.close)
            await fill_up(database)
            source = self._source or sources.build(self._settings, self._clock)
            self._shutdown.stops(stack, "source", source.aclose)
            sync = parts.build_sync(self._settings, database, source, self._clock)
            self.reading = Reading(self._settings, sync, in_child=self._child)
            if self._settings.csv_folder:
                self._inputs = Inputs(database, self._settings.csv_folder, self._settings, self._clock)
            await self._start_web(stack, database, source)
            await self._start_slack(stack, database, source)
            self._start_heartbeat(stack)
            self._stack = stack.pop_all()
        log.info("kahvi is ready", source=source.name, database=database.url.get_backend_name())

    async def stop(self) -> None:
        """Go down in the other order, within ten seconds; what was accepted is finished or stays in the outbox."""
        self._shutdown.begin()
        await self._stack.aclose()

    async def run(self) -> None:
        """Start, serve until SIGTERM or SIGINT, stop; the process ends with that, even where a thread does not."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, stopping.set)
        waiting = asyncio.create_task(stopping.wait())
        starting = asyncio.create_task(self.start())
        await asyncio.wait((starting, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            self._shutdown.begin()
            starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
            await waiting
        log.info("kahvi stops")
        await self.stop()
        await self._shutdown.end_threads()

    # --- the parts -----------------------------------------------------------------------------------------------

    async def _start_slack(self, stack: AsyncExitStack, database: Database, source: BillingSource) -> None:
        settings = self._settings
        patience = (connection.ANSWER_SECONDS, connection.DELIVERY_SECONDS)
        answers, posts = (connection.open_client(settings, seconds) for seconds in patience)
        for client in (answers, posts):
            self._shutdown.stops(stack, "client", partial(connection.close_client, client))
        identity = await patiently(lambda: connection.identify(answers))
        log.info("signed in to Slack", team=identity.team_id, bot=identity.bot_user_id)
        self.delivery = Delivery(database, posts, self._clock, pace=self._pace, team=identity.team_id)
        await database.write(outbox_claims.release_updates, now=self._clock(), by=database.name)
        delivering = self._delivering = asyncio.create_task(self.delivery.run())
        self._shutdown.stops(stack, "delivery", partial(self._stop_delivery, delivering), DELIVERY_SECONDS)
        tasks = Tasks()
        self._shutdown.stops(stack, "tasks", lambda: tasks.drain(self._shutdown.left(TASK_SECONDS)), TASK_SECONDS)
        self.services = Services(
            settings=settings,
            database=database,
            clock=self._clock,
            source=source,
            client=answers,
            tasks=tasks,
            nudge=self.delivery.nudge,
        )
        self._app = connection.bolt_app(identity, answers, tasks, database, self._clock)
        register_handlers(self._app, self.services)
        await self._app.take_up(alone=database.is_sqlite)
        _in_background(stack, self._app.keep_leases())
        if settings.slack_mode == "socket":
            await self._connect(stack, self._app, answers)

    async def _connect(self, stack: AsyncExitStack, app: App, client: AsyncWebClient) -> None:
        socket = Socket(app, self._settings, client)
        self._shutdown.stops(stack, "socket", socket.close, SOCKET_SECONDS)
        await patiently(socket.open)
        self._socket = socket
        _in_background(stack, socket.watch())

    async def _start_web(self, stack: AsyncExitStack, database: Database, source: BillingSource) -> None:
        beat = Beat()
        _in_background(stack, beat.run())
        health = HealthDoor(database, source, self._clock, beat, working=self._is_working, connected=self._is_connected)
        behind = Behind(database, self._clock, health, app=self._taking_work, hinted=self._hinted.set)
        self._web = await serve(self._settings, behind)
        if self._web:
            self._shutdown.stops(stack, "web", self._web.stop)

    def _taking_work(self) -> App | None:
        """The app while it takes commands: not before it knows who it is, and not in the stop."""
        return None if self._shutdown.has_begun else self._app

    def _is_working(self) -> bool:
        """Before the start is over too: Slack may be away for long."""
        return self._delivering is None or not self._delivering.done()

    def _is_connected(self) -> bool:
        if self._settings.slack_mode == "http" or self._shutdown.has_begun:
            return self._taking_work() is not None
        return self._socket is not None and self._socket.connected

    async def _read_on_hints(self) -> None:
        """A webhook has told of a change: read at once what changed; many hints in a second are one."""
        while True:
            await self._hinted.wait()
            await sleep(HINT_SECONDS)
            self._hinted.clear()
            if not await self._job(self.read):
                return

    async def _stop_delivery(self, delivering: asyncio.Task[None]) -> None:
        self.delivery.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(delivering, self._shutdown.left(DELIVERY_SECONDS))

    def _start_heartbeat(self, stack: AsyncExitStack) -> None:
        # Only a pulse: what is due is decided from the database, so a late or a lost beat changes nothing.
        pulse = AsyncIOScheduler(
            timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        )
        _in_background(stack, self._read_on_hints())
        beat, read = self._settings.heartbeat_seconds, self._settings.sync_seconds
        routines: list[tuple[Callable[[], Awaitable[object]], int]] = [
            (self.beat, beat),
            (self.delivery.look_at_shared, beat),
            (self._take_up, beat),
            (self._sweep, beat),
            (self._learn, beat),
            (self._judge, beat),
            (self.read_in_turn, read),
        ]
        for work, seconds in routines:
            pulse.add_job(self._job, "interval", (work,), seconds=seconds, next_run_time=utc_now())
        self._shutdown.stops(stack, "heartbeat", partial(self._stop_heartbeat, pulse), READING_SECONDS + JOB_SECONDS)
        pulse.start()

    async def _stop_heartbeat(self, pulse: AsyncIOScheduler) -> None:
        pulse.pause()
        try:
            await self.reading.stop(self._shutdown.left(READING_SECONDS))
            if self._jobs:
                await asyncio.wait(self._jobs, timeout=self._shutdown.left(JOB_SECONDS))
        finally:
            pulse.shutdown(wait=True)  # cancels what is still running

    async def _job(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do routine work; False when the stop ended it."""
        job = asyncio.current_task()
        assert job is not None  # noqa: S101 - we are in one
        self._jobs.add(job)
        try:
            await work()
        except asyncio.CancelledError:
            log.info("routine work is ended by the stop")  # raised, it would be logged as an error by the scheduler
            return False
        except Exception:
            log.exception("routine work failed; it is done again at the next beat")
        finally:
            self._jobs.discard(job)
        return True

    async def beat(self) -> int:
        """Write the digests that are due, and have them sent; the number of digests."""
        grace = timedelta(hours=self._settings.late_hours)
        coffee = Coffee(self._settings, self.services.source.name)
        written = await tick(self.services.database, self._clock(), grace, coffee.outgoing)
        if written:
            self.delivery.nudge()
        return written

    async def _take_up(self) -> None:
        if self._app:
            await self._app.take_up()

    async def _sweep(self) -> None:
        database, now = self.services.database, self._clock()
        settings = self._settings

        async def work() -> None:
            await sweep(database, now)
            await let_go(database, settings.source, ends(settings.keep, now), now)

        await Turn.of_day("sweep", settings.timezone, now).do(database, now, work)

    async def _learn(self) -> None:
        database, now, settings = self.services.database, self._clock(), self._settings
        if await self.reading.is_whole():
            work = partial(learn_again, database, settings.currency, settings.timezone, now)
            await Turn.of_interval("learning", LEARNING, now).do(database, now, work)

    async def _judge(self) -> None:
        """Judge by the ideal customer profile, since accounts change by themselves."""
        database, now, settings = self.services.database, self._clock(), self._settings
        if await self.reading.is_whole():
            rules = parts.ledger_rules(settings)
            work = partial(icp.judge, database, rules, now)
            await Turn.of_day("icp", settings.timezone, now).do(database, now, work)

    async def read_in_turn(self) -> None:
        """Read unless another replica does for this interval; a first read that was broken off is taken up by any."""
        every, database = timedelta(seconds=self._settings.sync_seconds), self.services.database
        now = self._clock()
        ours = await Turn.of_interval("sync", every, now).is_ours(database, now)
        if ours or not await self.reading.is_whole():
            await self.read()
        if await self.reading.is_whole():
            await self.services.names.refreshed(database)  # so that the first to search need not wait

    async def read(self) -> bool:
        """Bring billing, what is told beside it, and the alerts up to date; False when billing could not be read."""
        database, source = self.services.database, self.services.source.name
        hints = await database.read(inbox.waiting, source)
        if not await self.reading.poll():
            return False
        await database.write(inbox.finish_all, source, [hint.id for hint in hints], self._clock())
        if self._inputs:
            await self._inputs.keep_fresh()
        settings = self.services.risk_settings()
        await keep_assessed(database, settings.base, settings.zone, self._clock())
        wanted = await database.read(routing.owners_to_find)
        wanted += await database.read(prompts.owners_to_find, self._clock())
        await look_up(database, self.services.client, self._clock, wanted)
        await database.write(life.run, settings, self._clock())
        await database.write(prompts.ask, settings, self._clock())
        self.delivery.nudge()
        return True


def _in_background(stack: AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    """Run what never ends by itself until the stack is closed."""
    task = asyncio.create_task(work)
    stack.callback(task.cancel)


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    source: BillingSource | None = None,
    child: bool = True,
    pace: timedelta = PACE,
) -> Bot:
    """A bot ready to `start`; SettingsError when something it needs is not set.

    `source` replaces the one that the settings name; `child` False reads everything within this process; `pace` is
    the time between two messages to a channel.
    """
    demand([*([] if source else settings.need_source()), *settings.need_slack()])
    return Bot(settings, clock=clock, source=source, child=child, pace=pace)


def register_handlers(app: AsyncApp, services: Services) -> None:
    """Let every module of `handlers` that listens register itself."""
    for found in pkgutil.iter_modules(handlers.__path__):
        register = getattr(importlib.import_module(f"handlers.{found.name}"), "register", None)
        if register:
            register(app, services)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until Slack answers."""
    wait = 1.0
    while True:
        try:
            return await ask()
        except SlackUnreachable as error:
            log.warning("waiting for Slack", reason=str(error), seconds=wait)
        await sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
