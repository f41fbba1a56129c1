"""Any metric over all of a ledger, and why it is so, against the bare sums that any figure in one currency needs.

Metrics that are made of the same parts cost the same, so one of them stands for all.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.figures import Asked, Grounds, load
from bot.figures.why import why
from bot.metrics.catalogue import METRICS
from bot.metrics.periods import Span
from bot.metrics.question import Question
from bot.metrics.windows import Window
from storage.engine import Database
from tests.bench.engines import DRIVERS, ENGINES, databases, driver
from tests.bench.ledger_rows import MONTH, TODAY, fill
from tests.bench.measure import Line, Size, median, seconds

ASKED = list({frozenset(metric.needs): name for name, metric in reversed(METRICS.items())}.values())[::-1]
BOUND = 3.0
WHERE = "mrr>100"
WHY_BOUND = 3 * BOUND  # three times what a metric may cost
GROUNDS = Grounds("usd", ZoneInfo("UTC"))
SUMS = "select day, currency, sum(amount) from movements group by 1, 2"
NOTE = "{} alone: the amounts of all movements by day and currency, as each day's rate needs them"


def measure(size: Size) -> list[Line]:
    lines: list[Line] = []
    for engine in ENGINES:
        with databases(engine, 1) as (url,), closing(Database(url)) as database:
            fill(database, size.accounts, size.months)
            with driver(database.url) as bare:
                lines += _lines(engine, database, bare, size)
    return lines


def _lines(engine: str, database: Database, bare: Any, size: Size) -> Iterator[Line]:
    span = Span(f"{size.months}m", Window(TODAY - timedelta(days=MONTH * size.months), TODAY))
    month = Span("1m", Window(TODAY - timedelta(days=MONTH), TODAY))
    asked: dict[str, tuple[Callable[[Session], object], float | None]] = {
        **{f"{name} over {span.said}": (partial(_value, name=name, span=span), BOUND) for name in ASKED},
        f"why mrr over {span.said}": (lambda session: why(session, Question("mrr", span), GROUNDS, 10), WHY_BOUND),
        f"why mrr over {month.said} where {WHERE}": (
            lambda session: why(session, Question("mrr", month, where=WHERE), GROUNDS, 10),
            None,  # to be seen: it is asked of more than half of all accounts
        ),
    }
    for place, (name, (work, bound)) in enumerate(asked.items()):
        ours, floors = [], []
        for _ in range(size.runs):
            floors.append(seconds(lambda: bare.execute(SUMS).fetchall()))
            ours.append(_timed(database, work))
        note = "" if place else NOTE.format(DRIVERS[engine])  # once for all
        yield Line(f"{engine}: {name}", median(ours), "s", median(floors), bound, note)


def _value(session: Session, name: str, span: Span) -> object:
    metric = METRICS[name]
    return load(Asked(session, (span.window,), GROUNDS), metric.needs)


def _timed(database: Database, work: Callable[[Session], object]) -> float:
    with database.reading() as session:
        return seconds(lambda: work(session))
