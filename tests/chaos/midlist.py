"""R6: Stripe fails, stalls, hangs up and changes while it is read; what is known is old and whole, or new and whole."""

import time
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import get_args

import httpx
from sqlalchemy import select
from sqlmodel import Session

from bot.errors import SourceError
from bot.ledger import update
from bot.playground.stripe.doors.faults import Fault, Kind
from storage import fact_reader, ledger
from storage.engine import Database
from tests.chaos.companies import Blank, Facts, different, each, facts
from tests.chaos.harness import Result
from tests.scenarios.lived import RULES, World, world

ACCOUNTS, ROUNDS, TRIES = 12, 5, 4
PAGE = 10  # rows, so that a small company has as many pages as a large one
ACTS = 0.06  # of the requests change something
FEW, MANY = (1, 3), 1_000  # requests that fail: retries get over few, and give up on many
SECONDS = 0.05  # of patience with a server that does not answer
RETRY_AFTER = (None, None, 0.0, 3.0, 3600.0)


def run(seeds: int, seed: int) -> list[Result]:
    began = time.monotonic()
    wrong, counts = each(range(seed, seed + seeds), _read)
    figure = f"{len(wrong)} of {seeds:,} runs ended otherwise than a fresh read, or were seen half done"
    amount = f"{seeds:,} runs, {counts['reads']:,} reads, {counts['failed']:,} of them failed, seed {seed}"
    return [Result("R6 faults of Stripe", amount, figure, wrong[:5], time.monotonic() - began)]


class Meddler(httpx.AsyncHTTPTransport):
    """A network with little patience, on which things happen between two requests."""

    def __init__(self, between: Callable[[], None]) -> None:
        super().__init__()
        self._between = between

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._between()
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
        return await super().handle_async_request(request)


async def at_once(_seconds: float) -> None:
    """No time passes between two tries."""


class Reading:
    """One company that is read badly."""

    def __init__(self, company: World, database: Database, random: Random) -> None:
        self._company, self._database, self._random = company, database, random
        self._sync, self.source = company.sync(database, transport=Meddler(self._between), sleep=at_once)
        self.reads = self.failed = 0
        self._at_rest = False
        self.wrong: list[str] = []

    async def go_on(self) -> None:
        """One read with whatever comes. One that failed has changed nothing; a read of everything takes what changed
        first, and then all the rest at once. Either way each account's ledger is that of its facts."""
        whole = (await self._sync.state()).completed_at is not None
        before = facts(self._database) if whole else {}
        self._company.server.faults.waiting = self._faults()
        self.reads += 1
        full = self._random.random() < 0.2
        try:
            await self._sync.run(full=full)
        except SourceError:
            self.failed += 1
            await self._judge_failed({} if full else before, whole=whole)
        if (await self._sync.state()).completed_at and not _is_true_to_facts(self._database, self._company):
            self.wrong.append("the ledger is not that of the facts")

    async def end(self) -> None:
        """Trouble is over."""
        self._company.server.reset()
        self._at_rest = True
        await self._sync.run()

    async def _judge_failed(self, before: Facts, *, whole: bool) -> None:
        if before:
            self.wrong += [f"after a failed read {one}" for one in different(before, facts(self._database))]
        elif not whole and (await self._sync.state()).completed_at is not None:
            self.wrong.append("a first read that failed counts as whole")

    def _between(self) -> None:
        if not self._at_rest and self._random.random() < ACTS:
            self._company.acts(self._random)

    def _faults(self) -> list[Fault]:
        draw = self._random
        return [
            Fault(
                "/v1/",
                draw.choice(get_args(Kind)),
                times=MANY if draw.random() < 0.3 else draw.randint(*FEW),
                after=draw.randint(0, 40),
                retry_after=draw.choice(RETRY_AFTER),
                should_retry=draw.choice((None, None, True, False)),
            )
            for _ in range(draw.randint(0, 3))
        ]


async def _read(seed: int, blank: Blank) -> tuple[list[str], dict[str, int]]:
    random = Random(seed)
    async with world(seed, ACCOUNTS) as company:
        company.server.rows_of_a_page = PAGE
        database, fresh = blank(), blank()
        reading = Reading(company, database, random)
        for _ in range(ROUNDS):
            for _ in range(random.randint(1, TRIES)):
                await reading.go_on()
            company.acts(random)
            company.pass_time(timedelta(hours=random.randint(1, 40)))
        await reading.end()
        await reading.source.aclose()
        again, source = company.sync(fresh)
        await again.run()
        await source.aclose()
    reading.wrong += [f"at the end {one}" for one in different(facts(database), facts(fresh))]
    return reading.wrong, {"reads": reading.reads, "failed": reading.failed}


def _is_true_to_facts(database: Database, company: World) -> bool:
    with database.writing() as session:
        stored = _movements(session)
        update(session, fact_reader.ids_with_subscriptions(session), RULES, company.now)
        made = _movements(session)
        session.rollback()
    return stored == made


def _movements(session: Session) -> list[str]:
    return sorted(repr(tuple(row)) for row in session.connection().execute(select(ledger.movements)))
