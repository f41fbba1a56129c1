"""An answer as rows for scripts and spreadsheets: exact values, one for each segment and period."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot import spreadsheet
from bot.figures.answer import Answer, Course
from bot.metrics.metric import Metric, Missing, Unit, Value, number
from bot.metrics.windows import Window
from bot.money import rounded
from storage.slices import OTHER


@dataclass(frozen=True, slots=True)
class Row:
    """`start` and `end` are days, the latter the first that is not in it. `segment` is empty for the whole.

    `value` is whole minor units for money, the shortest exact decimal text for all else; None with a `reason` where
    it is not known.
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
    """The whole, then the segments; with `steps` those of each step after them."""
    found = [_row(answer, answer.question.span.window, label, course.value) for label, course in _courses(answer)]
    if steps:
        found += [
            _row(answer, step, label, value)
            for label, course in _courses(answer)
            for step, value in zip(answer.steps, course.steps, strict=True)
        ]
    return found


def as_objects(found: Sequence[Row]) -> list[dict[str, Any]]:
    """For JSON: what does not apply is null."""
    return [{key: value if value != "" else None for key, value in asdict(row).items()} for row in found]


def as_csv(found: Sequence[Row]) -> str:
    """For spreadsheets: no cell of text is taken for a formula."""
    names = [one.name for one in fields(Row)]
    return spreadsheet.as_csv(names, ([getattr(row, name) for name in names] for row in found))


def _courses(answer: Answer) -> Iterator[tuple[str, Course]]:
    yield "", answer.course
    yield from (("other" if one.label == OTHER else one.label, one.course) for one in answer.segments)


def _row(answer: Answer, window: Window, label: str, value: Value) -> Row:
    metric = answer.metric
    return Row(
        metric=metric.id,
        unit=metric.unit.value,
        currency=answer.base if metric.unit is Unit.MONEY else "",
        start=window.start.isoformat(),
        end=window.end.isoformat(),
        by=answer.question.by if label else "",
        segment=label,
        value=_exact(metric, value),
        reason=value.why if isinstance(value, Missing) else "",
    )


def _exact(metric: Metric, value: Value) -> int | str | None:
    known = number(value)
    if known is None:
        return None
    if metric.unit is Unit.MONEY:
        return rounded(known)
    return format(known.normalize() if known else known, "f")
