"""Composing the coffee stats, against the bare sums of the ledger that they need."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.digest import compose
from storage.engine import Database
from tests.bench.engines import databases, driver
from tests.bench.ledger_rows import NOW, TODAY, fill
from tests.bench.measure import Line, Size, median, seconds

BOUND = 3.0
SINCE = TODAY - timedelta(days=3)
YEAR = date(TODAY.year - 1, TODAY.month + 1, 1)  # the first day of the chart
OPENING = "select currency, kind, sum(amount), sum(accounts) from movements where day < ? group by 1, 2"
DAYS = """select day, currency, kind, sum(amount), sum(accounts) from movements where day >= ? and day < ?
    group by 1, 2, 3"""
CHANGES = "select account_id, currency, sum(amount) from movements where day >= ? and day < ? group by 1, 2"
BEFORE = """select account_id, currency, sum(amount) from movements where day < ?1 and account_id in
    (select account_id from movements where day >= ?1 and day < ?2) group by 1, 2"""
FIRST = "select min(day) from movements"
NOTE = (
    "sqlite3 alone: sums by currency and kind before the chart's first day; by day, currency and kind since;"
    " by account since the last digest; of those accounts before it; and the first day"
)


def measure(size: Size) -> list[Line]:
    with databases("SQLite", 1) as (url,), closing(Database(url)) as database:
        movements = fill(database, size.accounts, size.months)
        with driver(database.url) as bare:
            ours, floors = [], []
            for _ in range(size.runs):
                ours.append(seconds(lambda: digest(database)))
                floors.append(seconds(lambda: sums(bare)))
    name = f"digest over {size.accounts:,} accounts, {movements:,} movements"
    return [Line(name, median(ours), "s", median(floors), BOUND, NOTE)]


def digest(database: Database) -> None:
    with database.reading() as session:
        compose(session, day=TODAY, since=SINCE, now=NOW, base="usd", zone=ZoneInfo("UTC"), source="stripe")


def sums(bare: sqlite3.Connection) -> None:
    since, today, first = SINCE.isoformat(), TODAY.isoformat(), YEAR.isoformat()
    for statement, values in (
        (OPENING, (first,)),
        (DAYS, (first, today)),
        (CHANGES, (since, today)),
        (BEFORE, (since, today)),
        (FIRST, ()),
    ):
        bare.execute(statement, values).fetchall()
