"""The card of an account, and what stands behind it, against the same queries by the driver alone."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.messages import account as messages
from bot.risk.assessing import keep_assessed
from storage.accounts.story import depth, glance
from storage.engine import Database
from tests.bench.ledger_rows import NOW
from tests.bench.measure import Line, percentile, replay, seconds, statements_of
from tests.bench.rebuild import fill_and_make

BOUND = 3.0
LOOKS = 300
ZONE = ZoneInfo("UTC")
SETTING = messages.Setting(NOW, ZONE)
NOTE = "sqlite3 alone: the queries of the same accounts, all rows fetched; p99 of both, the best of its runs"
PARTS = {"card of an account": (glance, messages.card), "  what stands behind it": (depth, messages.more)}


def measure(accounts: int, runs: int) -> list[Line]:
    with TemporaryDirectory(prefix="kahvi-bench-") as folder:
        path = Path(folder) / "kahvi.db"
        fill_and_make(f"sqlite:///{path}", accounts)
        database = Database(f"sqlite:///{path}")
        asyncio.run(keep_assessed(database, "usd", ZONE, NOW + timedelta(days=1)))
        bare = sqlite3.connect(path)
        bare.execute("pragma cache_size=-65536")
        lines = [_line(database, bare, name, accounts, runs) for name in PARTS]
        bare.close()
        database.close()
    return lines


def _line(database: Database, bare: sqlite3.Connection, name: str, accounts: int, runs: int) -> Line:
    part, shown = PARTS[name]
    ids = [f"cus_{number:08}" for number in range(0, accounts, max(1, accounts // LOOKS))]
    ours, floors = [], []
    for id_ in ids:

        def look(id_: str = id_) -> None:
            with database.reading() as session:
                found = part(session, id_, NOW)
            assert found is not None
            shown(found, SETTING)

        with statements_of(database) as statements:
            look()
        ours.append(min(seconds(look) for _ in range(runs)))
        floors.append(min(seconds(lambda: replay(bare, statements)) for _ in range(runs)))
    return Line(name, 1000 * percentile(ours, 0.99), "ms", 1000 * percentile(floors, 0.99), BOUND, NOTE)
