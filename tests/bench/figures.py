"""One metric over all of a ledger, and why it is so, against the bare sums that any figure in one currency needs."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.figures import Asked, Grounds, load
from bot.figures.why import why
from bot.metrics.catalogue import METRICS
from bot.metrics.periods import Span
from bot.metrics.question import Question
from bot.metrics.windows import Window
from storage.engine import Database
from tests.bench.ledger_rows import MONTH, TODAY, fill
from tests.bench.measure import Line, Size, median, seconds

ASKED = (
    *("mrr", "net_new_mrr", "customer_churn", "nrr", "asp", "subscriptions"),
    *("concentration", "committed_mrr", "logo_retention", "revenue_retention"),
)
BOUND = 3.0
WHY_BOUND = 3 * BOUND  # three times what a metric may cost
GROUNDS = Grounds("usd", ZoneInfo("UTC"))
SUMS = "select day, currency, sum(amount) from movements group by 1, 2"
NOTE = "sqlite3 alone: the amounts of all movements by day and currency, as each day's rate needs them"


def measure(size: Size) -> list[Line]:
    with TemporaryDirectory(prefix="kahvi-bench-") as folder:
        path = Path(folder) / "kahvi.db"
        fill(path, size.accounts, size.months)
        database = Database(f"sqlite:///{path}")
        bare = sqlite3.connect(path)
        bare.execute("pragma cache_size=-65536")
        span = Span(f"{size.months}m", Window(TODAY - timedelta(days=MONTH * size.months), TODAY))
        lines = [_metric(database, bare, name, span, size.runs) for name in ASKED]
        lines.append(_why(database, bare, span, size.runs))
        bare.close()
        database.close()
    return lines


def _metric(database: Database, bare: sqlite3.Connection, name: str, span: Span, runs: int) -> Line:
    ours, floors = [], []
    for _ in range(runs):
        floors.append(seconds(lambda: bare.execute(SUMS).fetchall()))
        ours.append(_timed(database, lambda session: _value(session, name, span)))
    return Line(f"{name} over {span.said}", median(ours), "s", median(floors), BOUND, NOTE)


def _why(database: Database, bare: sqlite3.Connection, span: Span, runs: int) -> Line:
    ours, floors = [], []
    for _ in range(runs):
        floors.append(seconds(lambda: bare.execute(SUMS).fetchall()))
        ours.append(_timed(database, lambda session: why(session, Question("mrr", span), GROUNDS, 10)))
    return Line(f"why mrr over {span.said}", median(ours), "s", median(floors), WHY_BOUND, NOTE)


def _value(session: Session, name: str, span: Span) -> object:
    metric = METRICS[name]
    return load(Asked(session, (span.window,), GROUNDS), metric.needs)


def _timed(database: Database, work: Callable[[Session], object]) -> float:
    with database.reading() as session:
        return seconds(lambda: work(session))
