"""An answer as rows for scripts and spreadsheets: exact values, one for each segment and period."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from bot import spreadsheet
from bot.figures.answer import Answer, together
from bot.figures.told import NOBODY
from bot.metrics.metric import Metric, Missing, Unit, Value, number
from bot.metrics.windows import Window
from bot.money import rounded
from bot.telling.rounding import CENT, adding_up_by
from storage.slices import OTHER


@dataclass(frozen=True, slots=True)
class Row:
    """`start` and `end` are days, the latter the first that is not in it. `segment` is empty for the whole.

    `value` is whole minor units for money, the shortest exact decimal text for all else; None with a `reason` where
    it is not known. That no account fits the filter is a reason too, beside a 0 or None.
    """

    metric: str
    unit: str
    currency: str
    start: str
    end: str
    by: str
    segment: str
    value: int | str | None
    reason: str


def rows(answer: Answer, *, steps: bool = False) -> list[Row]:
    """The whole, then the segments; with `steps` those of each step after them. Parts of a sum add up to it."""
    labels = ["", *("other" if one.label == OTHER else one.label for one in answer.segments)]
    courses = [answer.course, *(one.course for one in answer.segments)]
    windows = [(answer.question.span.window, [one.value for one in courses])]
    if steps:
        windows += [(step, [one.steps[at] for one in courses]) for at, step in enumerate(answer.steps)]
    found = [
        [
            _row(answer, window, label, value, exact)
            for label, value, exact in zip(labels, values, _exact(answer.metric, values), strict=True)
        ]
        for window, values in windows
    ]
    return [*found[0], *(row for of_label in zip(*found[1:], strict=True) for row in of_label)]


def as_objects(found: Sequence[Row]) -> list[dict[str, Any]]:
    """For JSON: what does not apply is null."""
    return [{key: value if value != "" else None for key, value in asdict(row).items()} for row in found]


def as_csv(found: Sequence[Row]) -> str:
    """For spreadsheets: no cell of text is taken for a formula."""
    names = [one.name for one in fields(Row)]
    return spreadsheet.as_csv(names, ([getattr(row, name) for name in names] for row in found))


def _row(answer: Answer, window: Window, label: str, value: Value, exact: int | str | None) -> Row:
    metric = answer.metric
    return Row(
        metric=metric.id,
        unit=metric.unit.value,
        currency=answer.base if metric.unit is Unit.MONEY else "",
        start=window.start.isoformat(),
        end=window.end.isoformat(),
        by=answer.question.by if label else "",
        segment=label,
        value=exact,
        reason=NOBODY if answer.fits_nobody else value.why if isinstance(value, Missing) else "",
    )


def _exact(metric: Metric, values: Sequence[Value]) -> list[int | str | None]:
    """The values of the whole and of its segments."""
    known = [number(value) for value in values]
    if metric.unit is not Unit.MONEY:
        return [value if value is None else format(value.normalize() if value else value, "f") for value in known]
    whole, *parts = known
    if whole is None or not together(values[0], values[1:]):
        return [value if value is None else rounded(value) for value in known]
    return [rounded(whole), *adding_up_by([part or Decimal(0) for part in parts], whole, CENT)]
