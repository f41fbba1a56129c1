"""`/live`, `/ready` and `/metrics`, for whoever restarts, routes to and watches Kahvi; no word that is not ours."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.exc import SQLAlchemyError

from bot import telemetry
from bot.clock import Clock
from bot.sources.base import BillingSource
from storage.engine import Database
from storage.health import Standing, TrialOver, standing, trial
from storage.migrate import is_current

BEAT_SECONDS, LONGEST_BEAT = 1.0, 10.0
LOOK_SECONDS = 4.0
TRUST_SECONDS = 5.0  # that a look at the database stands for the next questions too


class Beat:
    """The pulse of the event loop; `age` is how long ago it beat, in seconds."""

    def __init__(self) -> None:
        self._at = asyncio.get_running_loop().time()

    @property
    def age(self) -> float:
        return asyncio.get_running_loop().time() - self._at

    async def run(self) -> None:
        while True:
            self._at = asyncio.get_running_loop().time()
            await asyncio.sleep(BEAT_SECONDS)


class HealthDoor:
    """`working` says whether what must never end still runs, `connected` whether Slack can reach us."""

    def __init__(
        self,
        database: Database,
        source: BillingSource,
        clock: Clock,
        beat: Beat,
        *,
        working: Callable[[], bool],
        connected: Callable[[], bool],
    ) -> None:
        self._database = database
        self._source = source
        self._clock = clock
        self._beat = beat
        self._working = working
        self._connected = connected
        self._looked: tuple[float, bool, bool] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/live", self._live), web.get("/ready", self._ready), web.get("/metrics", self._metrics)]

    async def _live(self, _: web.Request) -> web.Response:
        age = self._beat.age
        alive = age < LONGEST_BEAT and self._working()
        said = {"alive": alive, "beat_seconds": round(age, 1)}
        return web.json_response(said, status=200 if alive else 503)

    async def _ready(self, _: web.Request) -> web.Response:
        writes, schema = await self._looked_at()
        said = {"database": writes, "schema": schema, "slack": self._connected()}
        return web.json_response(said, status=200 if all(said.values()) else 503)

    async def _looked_at(self) -> tuple[bool, bool]:
        now = asyncio.get_running_loop().time()
        if self._looked is None or now - self._looked[0] > TRUST_SECONDS:
            self._looked = (now, await self._can_write(), await self._has_schema())
        return self._looked[1:]

    async def _can_write(self) -> bool:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._database.write(trial, self._clock())
        except TrialOver:
            return True
        except (SQLAlchemyError, TimeoutError):
            return False
        raise AssertionError("a trial ends with TrialOver")

    async def _has_schema(self) -> bool:
        with suppress(SQLAlchemyError, TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                return await asyncio.to_thread(is_current, self._database)
        return False

    async def _metrics(self, _: web.Request) -> web.Response:
        found = await self._database.read(standing, self._source.name)
        until = self._source.read_until(found.sync.cursor) if found.sync.cursor else None
        body = generate_latest(gauges(found, until, self._clock())) + generate_latest(telemetry.REGISTRY)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def gauges(found: Standing, until: datetime | None, now: datetime) -> CollectorRegistry:
    """What the database tells at this moment; what it cannot tell is left out."""
    registry = CollectorRegistry()

    def tell(name: str, words: str, value: float | None) -> None:
        if value is not None:
            Gauge(f"kahvi_{name}", words, registry=registry).set(value)

    tell("sync_age_seconds", "Since the billing source was last read well.", _age(found.sync.succeeded_at, now))
    tell("sync_cursor_lag_seconds", "How far the changes that were read lie back.", _age(until, now))
    waiting = _age(found.oldest_pending, now) or 0.0
    tell("outbox_oldest_pending_seconds", "How long the oldest unsent message waits.", waiting)
    tell("outbox_unconfirmed", "Messages of which nobody knows whether they were posted.", found.unconfirmed)
    missed = Counter("kahvi_slots_missed", "Digests that were not posted while they were of use.", registry=registry)
    missed.inc(found.missed)
    return registry


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())
