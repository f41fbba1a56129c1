"""R11: a writer that is killed, and a PostgreSQL that loses its power while a source is read."""

import asyncio
import json
import os
import signal
import sqlite3
import time
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bot import parts, sources
from bot.clock import utc_now
from bot.errors import SourceError
from bot.settings import Settings
from storage import exit_interviews
from storage.engine import Database
from storage.exit_interviews import Entry, Said
from tests.bench.measure import line_of, serving
from tests.chaos.companies import different, facts
from tests.chaos.harness import Result, fork, forked, lines_of, opened, postgres, sqlite, until
from tests.chaos.replica import quiet

ALIVE = (0.02, 0.15)  # seconds of writing before a kill
BETWEEN = (0.3, 1.5)  # seconds of reading before PostgreSQL stops


def run(kills: int, stops: int, accounts: int, seed: int) -> list[Result]:
    return [killed_in_writes(kills, seed), stopped_in_a_read(stops, accounts, seed)]


# --- kill -9 during writes -------------------------------------------------------------------------------------


def killed_in_writes(kills: int, seed: int) -> Result:
    """What was acknowledged stands, and the file is whole, after each kill."""
    began, rng = time.monotonic(), Random(seed)
    acknowledged: set[str] = set()
    lost = broken = 0
    with sqlite() as url:
        for kill in range(kills):
            acknowledged |= _written_until_killed(url, kill, rng.uniform(*ALIVE))
            stored = {row[0] for row in lines_of(url, "select id from exit_notes")}
            lost += len(acknowledged - stored)
            broken += _integrity(url) != "ok"
    wrong = [f"{lost} lost"] * bool(lost) + [f"{broken} times broken"] * bool(broken)
    figure = f"{lost} of {len(acknowledged):,} acknowledged notes lost, integrity {'ok' if not broken else 'broken'}"
    return Result("R11 kill -9 in writes", f"{kills} kills, seed {seed}", figure, wrong, time.monotonic() - began)


def _written_until_killed(url: str, kill: int, seconds: float) -> set[str]:
    reading, writing = os.pipe()
    with forked(lambda: asyncio.run(_write_notes(url, kill, writing))) as (child,):
        os.close(writing)
        begun = os.read(reading, 65536)  # the first one is through
        time.sleep(seconds)
        child.signal(signal.SIGKILL)
        child.wait()
    with os.fdopen(reading, "rb") as pipe:
        told = begun + pipe.read()
    return {line.decode() for line in told.split(b"\n")[:-1]}


async def _write_notes(url: str, kill: int, writing: int) -> None:
    database, number = Database(url), 0
    while True:
        number += 1
        entry = Entry(f"{kill}-{number}", "acme", None, "U1", datetime.now(UTC), Said(reason="price"), "x" * 500)
        await database.write(exit_interviews.save, entry)
        os.write(writing, f"{entry.id}\n".encode())  # from here on a person has been told that it is kept


def _integrity(url: str) -> str:
    connection = sqlite3.connect(str(make_url(url).database))
    try:
        return str(connection.execute("pragma integrity_check").fetchone()[0])
    finally:
        connection.close()


# --- PostgreSQL stopped during a read --------------------------------------------------------------------------


def stopped_in_a_read(stops: int, accounts: int, seed: int) -> Result:
    """A bot that reads Stripe goes on by itself, and ends with what a fresh read gives."""
    began, rng = time.monotonic(), Random(seed)
    with serving(["-m", "tests.bench.stripe_server", "--accounts", str(accounts)]) as stripe, postgres() as server:
        reached = json.loads(line_of(stripe))
        with forked(lambda: asyncio.run(_read_for_ever(server.url, reached))):
            for _ in range(stops):
                time.sleep(rng.uniform(*BETWEEN))
                server.stop("immediate")
                server.start()
            completed = "select count(*) from syncs where completed_at is not null"
            until(lambda: lines_of(server.url, completed) == [(1,)], 120, "a whole read")
        with sqlite() as fresh:
            ended = fork(lambda: asyncio.run(_read_once(fresh, reached))).wait()
            with opened(server.url) as stopped, opened(fresh) as read_once:
                ours, theirs = facts(stopped), facts(read_once)
    wrong = different(ours, theirs) + ["the fresh read failed"] * bool(ended)
    rows = sum(map(len, theirs.values()))
    figure = f"{len(ours)} tables {'differ from' if wrong else 'equal'} those of a fresh read of {rows:,} rows"
    name, amount = "R11 PostgreSQL stopped in a read", f"{stops} immediate stops, seed {seed}"
    return Result(name, amount, figure, wrong, time.monotonic() - began)


def _settings(url: str, stripe: dict[str, str]) -> Settings:
    return Settings(
        stripe_api_key=stripe["key"], stripe_base_url=stripe["url"], stripe_pace=0, database_url=url, _env_file=None
    )


async def _read_for_ever(url: str, stripe: dict[str, str]) -> None:
    """As the bot reads: what fails is tried again at the next beat."""
    quiet()
    settings = _settings(url, stripe)
    database, source = Database(url), sources.build(settings, utc_now)
    sync = parts.build_sync(settings, database, source, utc_now)
    while True:
        with suppress(SourceError, DBAPIError):
            await sync.run()
        await asyncio.sleep(0.1)


async def _read_once(url: str, stripe: dict[str, str]) -> None:
    quiet()
    settings = _settings(url, stripe)
    database, source = Database(url), sources.build(settings, utc_now)
    await parts.build_sync(settings, database, source, utc_now).run()
