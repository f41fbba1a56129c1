"""Making the ledger: all of it anew against a bare loop, a tenth of it against a tenth, and that of a few accounts.

The bare loop reads invoice lines with the status of their invoices, subscriptions and items, by the driver alone and
in order of account, and nets the amounts of each account by month; it makes no movements and writes nothing.
Everything runs in a process of its own, which tells the seconds that its work took, and the memory of it and of those
that it started.
"""

import argparse
import asyncio
import resource
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import make_url

from bot import ledger
from bot.collector import collect_seldom
from bot.ledger import LedgerRules
from bot.making import MOST, making
from storage import fact_reader
from storage import ledger as stored
from storage.engine import Database
from storage.migrate import migrate
from tests.bench import billing_rows
from tests.bench.engines import ENGINES, databases, driver, settle
from tests.bench.ledger_rows import NOW
from tests.bench.measure import MEGABYTE, Line, Size, median, run, seconds

BOUND = 5.0
FEW_BOUND = 0.03
GROWTH = 1.25
MEGABYTES = 800.0
FEW = 100  # one account in so many is touched
LINES = """select l.account_id, l.subscription_id, l.item_id, l.price_id, l.amount, l.quantity, l.period_start,
    l.period_end, l.proration, l.discount_once, l.discount_repeating, l.discount_forever, l.tax_inside, i.status
    from invoice_lines l join invoices i on i.id = l.invoice_id order by l.account_id"""
SUBSCRIPTIONS = """select account_id, id, status, currency, started_at, trial_end, current_period_start, ended_at
    from subscriptions order by account_id"""
ITEMS = "select account_id, subscription_id, id, price_id, quantity from items order by account_id"
NOTE = "the driver alone: lines, subscriptions and items in order of account, the amounts netted by month"
RULES = LedgerRules(ZoneInfo("UTC"), "usd")


def measure(size: Size) -> list[Line]:
    found: list[Line] = []
    for engine in ENGINES:
        with databases(engine, 2) as (big, small):
            lines = _fill(big, size.accounts)
            _fill(small, size.accounts // 10)
            found += _lines(f"{engine}: ledger anew, {lines:,} invoice lines", size.accounts, big, small, size.runs)
    return found


def _lines(name: str, accounts: int, big: str, small: str, runs: int) -> list[Line]:
    tenth, small_peak = _run("whole", small, runs)
    whole, peak = _run("whole", big, runs)
    (bare, _), (few, _) = (_run(what, big, runs) for what in ("bare", "few"))
    return [
        Line(name, whole, "s", bare, BOUND, NOTE),
        Line("  its peak memory", peak, "MB", bound=MEGABYTES),
        Line("  against ten times a tenth", whole, "s", 10 * tenth, GROWTH),
        Line("  its memory against a tenth's", peak, "MB", small_peak, GROWTH),
        Line(f"  of {accounts // FEW:,} of {accounts:,} accounts", few, "s", whole, FEW_BOUND, "the whole ledger anew"),
    ]


def _run(what: str, url: str, runs: int) -> tuple[float, float]:
    """The seconds that it took, and the MB of it and all that it started."""
    found = [run(["-m", "tests.bench.rebuild", what, url]).said.split() for _ in range(runs)]
    taken, peaks = zip(*found, strict=True)
    return median([*map(float, taken)]), median([*map(float, peaks)])


def _peak() -> float:
    """Of this process, and as much as the largest of its own for each of them."""
    own, started = (resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + MOST * started) * 1024 / MEGABYTE


def _fill(url: str, accounts: int) -> int:
    database = Database(url)
    migrate(database)
    lines = billing_rows.fill(database, accounts)
    settle(database)
    database.close()
    return lines


def fill_and_make(url: str, accounts: int) -> None:
    """A database with the billing of so many accounts and its ledger."""
    _fill(url, accounts)
    database = Database(url)
    asyncio.run(_whole(database))
    database.close()


# --- what the processes do -------------------------------------------------------------------------------------


def whole(url: str) -> float:
    """As the end of a first read makes it: portion by portion."""
    database = Database(url)
    taken = seconds(lambda: asyncio.run(_whole(database)))
    database.close()
    return taken


async def _whole(database: Database) -> None:
    await database.write(stored.clear)
    ids = await database.read(fact_reader.ids_with_subscriptions)
    async with making(database, RULES, NOW, ids) as portions:
        async for made in portions:
            await database.write(made.store, NOW)


def few(url: str) -> float:
    """As a sync does that touched them."""
    database = Database(url)
    with database.reading() as session:
        ids = fact_reader.ids_with_subscriptions(session)[::FEW]

    def touched() -> None:
        with database.writing() as session:
            ledger.update(session, ids, RULES, NOW)

    taken = seconds(touched)
    database.close()
    return taken


def bare(url: str) -> float:
    with driver(make_url(url)) as connection:
        if isinstance(connection, psycopg.Connection):
            return seconds(lambda: _netted(lambda statement: _streamed(connection, statement)))
        return seconds(lambda: _netted(connection.execute))


def _streamed(connected: psycopg.Connection[Any], statement: str) -> Iterator[tuple[Any, ...]]:
    with connected.transaction(), connected.cursor("rows") as cursor:
        cursor.itersize = 10_000
        yield from cursor.execute(statement)


def _netted(rows: Any) -> dict[tuple[str, object], int]:
    for statement in (SUBSCRIPTIONS, ITEMS):
        _pass(rows(statement))
    months: defaultdict[tuple[str, object], int] = defaultdict(int)
    for account_id, _, _, _, amount, _, start, *_ in rows(LINES):
        months[account_id, start[:7] if isinstance(start, str) else (start.year, start.month)] += amount
    return months


def _pass(rows: Iterable[object]) -> None:
    for _ in rows:
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("whole", "few", "bare"))
    parser.add_argument("url")
    given = parser.parse_args()
    collect_seldom()  # as every command of Kahvi does
    taken = {"whole": whole, "few": few, "bare": bare}[given.what](given.url)
    sys.stdout.write(f"{taken} {_peak()}")
