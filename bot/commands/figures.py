"""What `kahvi metrics`, `explain` and `forecast` print: the same answers as `/coffee`, for terminal and scripts."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from sqlmodel import Session

from bot import parts
from bot.clock import local_day
from bot.errors import KahviError
from bot.figures import Grounds
from bot.figures.ahead import ahead
from bot.figures.ahead_told import ahead_told, checked_table
from bot.figures.answer import Answer, answers, with_goals
from bot.figures.naming import names
from bot.figures.rows import as_csv, as_objects, rows
from bot.figures.told import days, goal, in_rows, left_out
from bot.figures.why import why
from bot.figures.why_told import why_told
from bot.messages import telling
from bot.messages.phrases import in_plain_text
from bot.metrics.catalogue import in_order
from bot.metrics.metric import Missing
from bot.metrics.periods import EXAMPLES, span
from bot.metrics.question import Names, Question, QuestionError, read
from bot.settings import Settings
from bot.telling.told import Detail, Told
from storage import syncs

MOST = 1000  # segments
LABEL = 40
DAY = timedelta(days=1)


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for: metrics by any name (none for all), and how; no period for the usual ones."""

    metrics: Sequence[str]
    period: str
    by: str
    where: str
    form: Form
    series: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One question as the command line holds it."""

    metric: str
    period: str
    by: str = ""
    where: str = ""


def metrics(settings: Settings, wanted: Wanted, now: datetime) -> str:
    """The figures as text; KahviError for a question that makes no sense, or before a first read."""
    with _figures(settings) as (session, grounds):
        known = names(session)
        today = local_day(now, settings.timezone)
        lines = [
            Line(one, wanted.period, wanted.by, wanted.where)
            for one in wanted.metrics or [metric.id for metric in in_order()]
        ]
        asked = [_question(one, known, today) for one in lines]
        alike = [list(same) for _, same in groupby(asked, key=attrgetter("span"))]
        found = [
            with_goals(session, answers(session, same, grounds, MOST, steps=wanted.series), grounds) for same in alike
        ]
    return _printed(found, wanted)


def explain(settings: Settings, line: Line, on: date | None, accounts: int, now: datetime) -> str:
    """Why a figure is what it is, as text, as of the end of a day; KahviError as for `metrics`."""
    with _figures(settings) as (session, grounds):
        known = names(session)
        today = local_day(now, settings.timezone)
        if on and on >= today:
            raise KahviError(f"--on: {on} is not over yet; the last day that is over is {today - DAY}.")
        today = on + DAY if on else today
        found = why(session, _question(line, known, today), grounds, accounts)
    return _typed(why_told(found, accounts=accounts))


def forecast(settings: Settings, now: datetime, *, backtest: bool) -> str:
    """The next twelve months as text, or how such forecasts fared in the past; a sentence where history is short."""
    with _figures(settings) as (session, grounds):
        found = ahead(session, grounds, local_day(now, settings.timezone))
    if not backtest:
        return _typed(ahead_told(found, settings.currency))
    if isinstance(found.checked, Missing):
        return found.checked.why
    return "\n".join(telling.detail_typed(Detail("Forecasts of the past", table=checked_table(found.checked))))


@contextmanager
def _figures(settings: Settings) -> Iterator[tuple[Session, Grounds]]:
    """A look at the stored figures; KahviError before a first read."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            if syncs.state(session, settings.source).completed_at is None:
                raise KahviError("The billing data has not been read whole yet; run kahvi sync.")
            yield session, Grounds.in_force(session, settings.currency, settings.timezone)
    finally:
        database.close()


def _question(line: Line, names: Names, today: date) -> Question:
    if line.period and not span(line.period, today):
        raise KahviError(f"--period: “{line.period[:LABEL]}” is no period; write one such as {EXAMPLES}.")
    by = f" by {line.by}" if line.by else ""
    where = f" where {line.where}" if line.where else ""
    try:
        return read(f"{line.metric} {line.period}{by}{where}", names, today)
    except QuestionError as error:
        hints = f" Did you mean {', '.join(error.hints)}?" if error.hints else ""
        raise KahviError(f"{error}{hints}") from None


def _typed(told: Told) -> str:
    """All that is told, for a terminal."""
    paragraphs = ["\n".join(telling.typed(told)), *("\n".join(telling.detail_typed(one)) for one in told.details)]
    small = "\n".join(in_plain_text(phrase) for phrase in told.small)
    return "\n\n".join(filter(None, [*paragraphs, small]))


def _printed(found: Sequence[Sequence[Answer]], wanted: Wanted) -> str:
    """Answers, each group of them of one period."""
    every = [row for same in found for one in same for row in rows(one, steps=wanted.series)]
    match wanted.form:
        case Form.JSON:
            return json.dumps(as_objects(every), indent=2, ensure_ascii=False)
        case Form.CSV:
            return as_csv(every).rstrip("\n")
        case Form.TABLE:
            return "\n\n".join("\n".join(_table(same)) for same in found)


def _table(found: Sequence[Answer]) -> Iterator[str]:
    yield days(found[0].question.span.window)
    yield from telling.detail_typed(in_rows(found))
    yield from (f"  {one.metric.name}: {said}" for one in found if (said := goal(one)))
    yield from (f"  {in_plain_text(phrase)}" for phrase in left_out(found[0].without))
