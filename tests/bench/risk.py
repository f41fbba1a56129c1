"""The risk of all accounts, of a few, and the list of it, against reading the same rows by the driver alone."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.risk.assessing import keep_assessed
from bot.risk.listing import PAGE, listed
from bot.risk.whose import Whose
from storage import fact_reader, risks
from storage.engine import Database
from tests.bench.ledger_rows import NOW
from tests.bench.measure import Line, Size, median, replay, seconds, statements_of
from tests.bench.rebuild import FEW, FEW_BOUND, fill_and_make

BOUND, LIST_BOUND = 3.0, 2.0
ZONE = ZoneInfo("UTC")
READ = "sqlite3 alone: the statements of a run, all rows fetched"
LISTED = "sqlite3 alone: the statements of a list, all rows fetched"


def measure(size: Size) -> list[Line]:
    with TemporaryDirectory(prefix="kahvi-bench-") as folder:
        path = Path(folder) / "kahvi.db"
        fill_and_make(f"sqlite:///{path}", size.accounts)
        database = Database(f"sqlite:///{path}")
        bare = sqlite3.connect(path)
        bare.execute("pragma cache_size=-65536")
        lines = list(_lines(database, bare, size.accounts, size.runs))
        bare.close()
        database.close()
    return lines


def _lines(database: Database, bare: sqlite3.Connection, accounts: int, runs: int) -> Iterator[Line]:
    asyncio.run(_assess(database, 0))  # the first day writes every row
    whole, reading = [], []
    for day in range(1, runs + 1):
        with statements_of(database) as statements:
            whole.append(seconds(partial(_assess_at, database, day)))
        reading.append(seconds(lambda: replay(bare, statements)))
    yield Line(f"risk of {accounts:,} accounts", median(whole), "s", median(reading), BOUND, READ)
    with database.reading() as session:
        ids = fact_reader.ids_with_subscriptions(session)[::FEW]
    few = []
    for _ in range(runs):
        with database.writing() as session:
            risks.touch(session, ids)
        few.append(seconds(lambda: asyncio.run(_assess(database, runs))))
    yield Line(f"  of {len(ids):,} of them", median(few), "s", median(whole), FEW_BOUND, "the risk of all")
    lists, bare_lists = [], []
    for _ in range(runs):
        with statements_of(database) as statements, database.reading() as session:
            lists.append(seconds(lambda: listed(session, Whose(), "usd", local_day(NOW, ZONE), count=PAGE)))
        bare_lists.append(seconds(lambda: replay(bare, statements)))
    yield Line("/at-risk all", 1000 * median(lists), "ms", 1000 * median(bare_lists), LIST_BOUND, LISTED)


def _assess_at(database: Database, day: int) -> None:
    asyncio.run(_assess(database, day))


async def _assess(database: Database, day: int) -> None:
    await keep_assessed(database, "usd", ZONE, NOW + timedelta(days=day))
