"""Making the whole ledger anew, against a loop that reads the same rows in the same order and nets their months.

The loop reads invoice lines with the status of their invoices, subscriptions and items, by sqlite3 alone and by
account, and sums the amounts of each account and month; it makes no movements and writes nothing.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.ledger import LedgerMaker, LedgerRules
from storage import fact_reader, ledger
from storage import tables as t
from storage.engine import Database
from storage.upsert import insert_all, parts
from tests.bench import ledger_rows as made
from tests.bench.measure import Line, median, seconds

LINES = """select l.account_id, l.subscription_id, l.item_id, l.price_id, l.amount, l.quantity, l.period_start,
    l.period_end, l.proration, l.discount_once, l.discount_repeating, l.discount_forever, l.tax_inside, i.status
    from invoice_lines l join invoices i on i.id = l.invoice_id order by l.account_id"""
SUBSCRIPTIONS = """select account_id, id, status, currency, started_at, trial_end, current_period_start, ended_at
    from subscriptions order by account_id"""
ITEMS = "select account_id, subscription_id, id, price_id, quantity from items order by account_id"
NOTE = "sqlite3 alone: the lines, subscriptions and items in order of account, the amounts netted by month"


def measure(lines: int, months: int, runs: int) -> list[Line]:
    accounts = max(lines // months, 1)
    with TemporaryDirectory(prefix="kahvi-bench-") as folder:
        path = Path(folder) / "kahvi.db"
        _fill(path, accounts, months)
        database = Database(f"sqlite:///{path}")
        bare = sqlite3.connect(path)
        bare.execute("pragma cache_size=-65536")
        ours: list[float] = []
        floors: list[float] = []
        for _ in range(runs):
            ours.append(seconds(lambda: _rebuilt(database)))
            floors.append(seconds(lambda: _netted(bare)))
        bare.close()
        database.close()
    return [Line(f"ledger anew, {accounts * months:,} invoice lines", median(ours), "s", median(floors), None, NOTE)]


def _fill(path: Path, accounts: int, months: int) -> None:
    database = made.open_database(path)
    made.catalogue(database)
    for start in range(0, accounts, made.PORTION):
        numbers = range(start, min(start + made.PORTION, accounts))
        places = [(number, place) for number in numbers for place in range(months)]
        with database.writing() as session:
            insert_all(session, t.AccountRow, [made.account(number) for number in numbers])
            insert_all(
                session, t.SubscriptionRow, [made.subscription(number, made.MONTH * months) for number in numbers]
            )
            insert_all(session, t.ItemRow, [made.item(number, months) for number in numbers])
            insert_all(session, t.InvoiceRow, [made.invoice(*one, paid=True) for one in places])
            insert_all(session, t.InvoiceLineRow, [made.line(*one, months) for one in places])
    database.close()
    made.settle(path)


def _rebuilt(database: Database) -> None:
    """As the end of a first read makes it: portion by portion."""
    with database.reading() as session:
        maker = LedgerMaker(session, LedgerRules(ZoneInfo("UTC"), "usd"), made.NOW)
        portions = list(parts(fact_reader.ids_with_subscriptions(session)))
    for portion in portions:
        with database.reading() as session:
            accounts, movements = maker.movements_of(session, portion)
        with database.writing() as session:
            ledger.replace(session, accounts, movements)


def _netted(bare: sqlite3.Connection) -> dict[tuple[str, str], int]:
    for statement in (SUBSCRIPTIONS, ITEMS):
        _pass(bare.execute(statement))
    months: defaultdict[tuple[str, str], int] = defaultdict(int)
    for account_id, _, _, _, amount, _, start, *_ in bare.execute(LINES):
        months[account_id, start[:7]] += amount
    return months


def _pass(rows: Iterable[object]) -> None:
    for _ in rows:
        pass
