"""Making a whole ledger: by two processes beside this one, which stores what they make.

It is work for the processor alone, of which one process of Python uses one; and meanwhile this one has to answer
people. Few accounts are made here, sooner than a process has started. A process that ends early, for want of memory
say, is gone on without.
"""

import asyncio
import contextlib
import logging
import os
import pickle
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime
from typing import Any, BinaryIO

import structlog

from bot.collector import collect_seldom
from bot.ledger import LedgerMaker, LedgerRules, Made
from bot.log import configure, form_in_use
from storage.engine import Database
from storage.upsert import batches

PORTION = 5_000  # accounts made at a time: bounded memory, and little to lose
MANY = 2  # portions for which processes are worth to be started
MOST = 2  # of them: each needs as much memory as a small bot
CACHE = 8  # MiB of the file at hand: what is read is read once
SIZE = 8  # bytes that say how long an answer is
LIMIT = 2**22  # bytes of an answer that are read ahead
log = structlog.get_logger()


@asynccontextmanager
async def making(
    database: Database, rules: LedgerRules, now: datetime, account_ids: Sequence[str]
) -> AsyncIterator[AsyncIterator[Made]]:
    """The ledger of accounts in portions, each as soon as it is made."""
    portions = list(batches(account_ids, PORTION))
    beside = len(portions) >= MANY
    told, here = (database.url.render_as_string(hide_password=False), rules, now), _Here(database, rules, now)
    makers = [_Maker(here) for _ in range(MOST if beside else 1)]
    tasks: set[asyncio.Task[Made]] = set()
    try:
        if beside:
            for maker in makers:
                await maker.start((*told, form_in_use()))
        yield _made(makers, iter(portions), tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for maker in makers:
            await maker.stop()


async def _made(
    makers: Sequence["_Maker"], portions: Iterator[Sequence[str]], tasks: set[asyncio.Task[Made]]
) -> AsyncIterator[Made]:
    """What the makers make; each begins the next portion before what it made is stored."""
    busy = {}

    def begin(maker: _Maker) -> None:
        if (portion := next(portions, None)) is not None:
            task = asyncio.create_task(maker.make(portion))
            busy[task] = maker
            tasks.add(task)

    for maker in makers:
        begin(maker)
    while busy:
        done, _ = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            tasks.discard(task)
            begin(busy.pop(task))
            yield task.result()


class _Here:
    """Makes one portion at a time in a thread of this process."""

    def __init__(self, database: Database, rules: LedgerRules, now: datetime) -> None:
        self._database = database
        self._grounds = rules, now
        self._maker: LedgerMaker | None = None
        self._alone = asyncio.Lock()  # it is asked by all whose processes ended, maybe since there was no memory

    async def make(self, account_ids: Sequence[str]) -> Made:
        async with self._alone:
            if self._maker is None:
                self._maker = await self._database.read(LedgerMaker, *self._grounds)
            return await self._database.read(self._maker.make, account_ids)


class _Maker:
    """Makes one portion after the other: in a process of its own while that lives, else here."""

    def __init__(self, here: _Here) -> None:
        self._here = here
        self._process: Process | None = None

    async def start(self, grounds: tuple[object, ...]) -> None:
        """Start the process. It ends with this one, as its standard input is a pipe from here."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.making", stdin=PIPE, stdout=PIPE, limit=LIMIT
            )
            await self._tell(grounds)
        except OSError as error:
            await self._go_on_without(error)

    async def make(self, account_ids: Sequence[str]) -> Made:
        if self._process:
            try:
                await self._tell(account_ids)
                return await self._answer()
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                await self._go_on_without(error)
        return await self._here.make(account_ids)

    async def stop(self) -> None:
        """End the process, whatever it is at: it writes nothing."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            assert self._process.stdout is not None  # noqa: S101 - asked for above
            await self._process.stdout.read()  # else its end is waited for in vain, with an answer half read
            await self._process.wait()
            self._process = None

    async def _tell(self, what: object) -> None:
        assert self._process is not None and self._process.stdin is not None  # noqa: PT018, S101 - asked for above
        self._process.stdin.write(pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
        await self._process.stdin.drain()

    async def _answer(self) -> Made:
        assert self._process is not None and self._process.stdout is not None  # noqa: PT018, S101 - asked for above
        size = int.from_bytes(await self._process.stdout.readexactly(SIZE))
        body = await self._process.stdout.readexactly(size)
        made: Made = await asyncio.to_thread(pickle.loads, body)
        return made

    async def _go_on_without(self, error: Exception) -> None:
        await self.stop()
        log.warning("a process that makes the ledger ended early; it is gone on without", error=repr(error))


def work(told: BinaryIO, answers: BinaryIO) -> None:
    """What such a process does: make each portion that it is told, until nothing more is told."""
    url, rules, now, form = pickle.load(told)  # noqa: S301 - from the process that started this one
    configure(form, logging.WARNING)
    with closing(Database(url, application="kahvi-ledger", cache=CACHE)) as database:
        with database.reading() as session:
            maker = LedgerMaker(session, rules, now)
        for account_ids in _until_the_end(told):
            with database.reading() as session:
                made = maker.make(session, account_ids)
            body = pickle.dumps(made, pickle.HIGHEST_PROTOCOL)
            answers.write(len(body).to_bytes(SIZE) + body)
            answers.flush()


def _until_the_end(told: BinaryIO) -> Iterator[Any]:
    with contextlib.suppress(EOFError):
        while True:
            yield pickle.load(told)  # noqa: S301 - from the process that started this one


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # typed at the terminal, it is for the one that started this
    os.nice(10)  # the one that started this has people to answer
    collect_seldom()
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever is printed is no answer
    code = 0
    try:
        work(sys.stdin.buffer, answers)
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):
        pass  # whoever started it is gone
    except Exception:
        log.exception("a portion of the ledger could not be made beside")
        code = 1
    os._exit(code)  # nothing is left to be flushed, into a pipe that may be gone


if __name__ == "__main__":
    _main()
