"""The risk of all accounts, of a few, and the list of it, against reading the same rows by the driver alone."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from bot.clock import local_day
from bot.risk.assessing import keep_assessed
from bot.risk.listing import PAGE, listed
from storage import fact_reader, risks
from storage.engine import Database
from tests.bench.ledger_rows import NOW
from tests.bench.measure import Line, median, seconds
from tests.bench.rebuild import FEW, FEW_BOUND, fill_and_make

BOUND, LIST_BOUND = 3.0, 2.0
ZONE = ZoneInfo("UTC")
READ = "sqlite3 alone: the statements of a run, all rows fetched"
LISTED = "sqlite3 alone: the statements of a list, all rows fetched"

Statement = tuple[str, Any]


def measure(accounts: int, runs: int) -> list[Line]:
    with TemporaryDirectory(prefix="kahvi-bench-") as folder:
        path = Path(folder) / "kahvi.db"
        fill_and_make(f"sqlite:///{path}", accounts)
        database = Database(f"sqlite:///{path}")
        bare = sqlite3.connect(path)
        bare.execute("pragma cache_size=-65536")
        lines = list(_lines(database, bare, accounts, runs))
        bare.close()
        database.close()
    return lines


def _lines(database: Database, bare: sqlite3.Connection, accounts: int, runs: int) -> Iterator[Line]:
    asyncio.run(_assess(database, 0))  # the first day writes every row
    whole, reading = [], []
    for day in range(1, runs + 1):
        with _said(database) as statements:
            whole.append(seconds(lambda day=day: asyncio.run(_assess(database, day))))
        reading.append(seconds(lambda: _replay(bare, statements)))
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
        with _said(database) as statements, database.reading() as session:
            lists.append(seconds(lambda: listed(session, "all", None, "usd", local_day(NOW, ZONE), count=PAGE)))
        bare_lists.append(seconds(lambda: _replay(bare, statements)))
    yield Line("/at-risk all", 1000 * median(lists), "ms", 1000 * median(bare_lists), LIST_BOUND, LISTED)


async def _assess(database: Database, day: int) -> None:
    await keep_assessed(database, "usd", ZONE, NOW + timedelta(days=day))


@contextmanager
def _said(database: Database) -> Iterator[list[Statement]]:
    """The queries that are made meanwhile, with their parameters."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, parameters))

    engines = (database.engine, database._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def _replay(bare: sqlite3.Connection, statements: list[Statement]) -> None:
    for statement, parameters in statements:
        bare.execute(statement, parameters).fetchall()
