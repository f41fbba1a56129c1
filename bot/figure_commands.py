"""What `kahvi metrics` prints: the same answers as `/coffee`, as a table, as JSON or as CSV."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot import parts
from bot.clock import local_day
from bot.errors import KahviError
from bot.figures import Grounds, segments
from bot.figures.answer import Answer, answers
from bot.figures.rows import as_csv, as_objects, rows
from bot.figures.told import days, in_rows
from bot.messages import telling
from bot.metrics.catalogue import METRICS
from bot.metrics.question import Names, Question, QuestionError, names_of, read
from bot.settings import Settings
from storage import syncs

MOST = 1000  # segments


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for: metrics by any name (none for all), and how."""

    metrics: Sequence[str]
    period: str
    by: str
    where: str
    form: Form
    series: bool


def metrics(settings: Settings, wanted: Wanted, now: datetime) -> str:
    """The figures as text; KahviError for a question that makes no sense, or before a first read."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            if syncs.state(session, settings.source).completed_at is None:
                raise KahviError("The billing data has not been read whole yet; run kahvi sync.")
            names = Names(names_of(METRICS.values()), *segments.names(session))
            asked = [
                _question(one, wanted, names, local_day(now, settings.timezone))
                for one in wanted.metrics or list(METRICS)
            ]
            grounds = Grounds(settings.currency, settings.timezone)
            found = answers(session, asked, grounds, MOST, steps=wanted.series)
    finally:
        database.close()
    return _printed(found, wanted)


def _question(metric: str, wanted: Wanted, names: Names, today: date) -> Question:
    by = f" by {wanted.by}" if wanted.by else ""
    where = f" where {wanted.where}" if wanted.where else ""
    try:
        return read(f"{metric} {wanted.period}{by}{where}", names, today)
    except QuestionError as error:
        hints = f" Did you mean {', '.join(error.hints)}?" if error.hints else ""
        raise KahviError(f"{error}{hints}") from None


def _printed(found: Sequence[Answer], wanted: Wanted) -> str:
    every = [row for one in found for row in rows(one, steps=wanted.series)]
    match wanted.form:
        case Form.JSON:
            return json.dumps(as_objects(every), indent=2, ensure_ascii=False)
        case Form.CSV:
            return as_csv(every).rstrip("\n")
        case Form.TABLE:
            lines = telling.detail_typed(in_rows(found))
            return "\n".join([days(found[0].question.span.window), *lines])
