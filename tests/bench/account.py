"""The card of an account, and what stands behind it, against the same queries alone.

These run as text by the same engine, in a transaction of their own as every answer has, and all rows are fetched.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.messages import account as messages
from bot.risk.assessing import keep_assessed
from storage.accounts.story import depth, glance
from storage.engine import Database
from tests.bench.ledger_rows import NOW
from tests.bench.measure import Line, Size, Statement, percentile, seconds, statements_of
from tests.bench.rebuild import fill_and_make

BOUND = 3.0
ZONE = ZoneInfo("UTC")
SETTING = messages.Setting(NOW, ZONE)
NOTE = "the same queries as text by the same engine, all rows fetched; p99 of both, the best of its runs"
PARTS = {"card of an account": (glance, messages.card), "  what stands behind it": (depth, messages.more)}


def measure(size: Size) -> list[Line]:
    with TemporaryDirectory(prefix="kahvi-bench-") as folder:
        path = Path(folder) / "kahvi.db"
        fill_and_make(f"sqlite:///{path}", size.accounts)
        database = Database(f"sqlite:///{path}")
        asyncio.run(keep_assessed(database, "usd", ZONE, NOW + timedelta(days=1)))
        lines = [_line(database, name, size) for name in PARTS]
        database.close()
    return lines


def _line(database: Database, name: str, size: Size) -> Line:
    part, shown = PARTS[name]
    ids = [f"cus_{number:08}" for number in range(0, size.accounts, max(1, size.accounts // size.looks))]
    ours, floors = [], []
    for id_ in ids:

        def look(id_: str = id_) -> None:
            with database.reading() as session:
                found = part(session, id_, NOW)
            assert found is not None
            shown(found, SETTING)

        with statements_of(database) as statements:
            look()
        ours.append(min(seconds(look) for _ in range(size.runs)))
        floors.append(min(seconds(lambda: _alone(database, statements)) for _ in range(size.runs)))
    return Line(name, 1000 * percentile(ours, 0.99), "ms", 1000 * percentile(floors, 0.99), BOUND, NOTE)


def _alone(database: Database, statements: list[Statement]) -> None:
    with database.reading() as session:
        for statement, parameters in statements:
            session.connection().exec_driver_sql(statement, parameters).all()
