"""The answer to a question about a metric, as plain values: the figure, the one before it, its course, its segments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlmodel import Session

from bot.figures import segments
from bot.figures.asked import Asked, Grounds, Without
from bot.figures.loaders import load
from bot.figures.plans import plans
from bot.metrics import filters
from bot.metrics.catalogue import METRICS
from bot.metrics.filters import Filter
from bot.metrics.metric import Metric, Missing, Period, Unit, Value, number
from bot.metrics.plan import Progress
from bot.metrics.question import Question
from bot.metrics.rates import Rates
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage.dimensions import Dimension
from storage.fact_reader import exchange_rates
from storage.movements import WHOLE
from storage.slices import OTHER, Slice


@dataclass(frozen=True, slots=True)
class Course:
    """A metric's value over the period, over the one before it, and over each step."""

    value: Value
    before: Value
    steps: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the whole; `label` is that of the dimension, OTHER for all that are not named."""

    label: str
    course: Course


@dataclass(frozen=True, slots=True)
class Answer:
    """`steps` are the windows of the courses' steps, `kept` is the filter with the labels that it meant.

    Money is unrounded minor units of `base`. `segments` are in the order of reading, OTHER with `merged` ones in it
    last. `without` is what no figure holds. `goal` is the way to the target of the last month. `fits_nobody` says that
    there is nothing to count, as the filter leaves nobody.
    """

    question: Question
    metric: Metric
    base: str
    policy: str
    steps: tuple[Window, ...]
    course: Course
    kept: Filter
    without: Without
    dimension: Dimension | None = None
    segments: tuple[Segment, ...] = ()
    merged: int = 0
    goal: Progress | Missing | None = None
    fits_nobody: bool = False

    @property
    def adds_up(self) -> bool:
        """Whether the segments' values are parts of the whole."""
        return self.metric.unit in (Unit.MONEY, Unit.COUNT) and together(
            self.course.value, [one.course.value for one in self.segments]
        )

    @property
    def has_shares(self) -> bool:
        """Whether the segments' values are shares of the whole: parts of it, all on its side of zero."""
        courses = [self.course, *(one.course for one in self.segments)]
        whole, *parts = [number(one.value) or Decimal(0) for one in courses]
        return self.adds_up and bool(whole) and all(part * whole >= 0 for part in parts)


def together(whole: Value, parts: Sequence[Value]) -> bool:
    """Whether values are known, and a whole is their sum."""
    known = [value for value in map(number, parts) if value is not None]
    return len(known) == len(parts) and sum(known, Decimal(0)) == number(whole)


def answer(session: Session, question: Question, grounds: Grounds, most: int) -> Answer:
    """What the stored figures say to a question; of more than `most` segments the smaller ones are merged.

    Raises FilterError for a filter that cannot be read or names what is not there.
    """
    (found,) = with_goals(session, answers(session, [question], grounds, most), grounds)
    return found


def answers(
    session: Session, questions: Sequence[Question], grounds: Grounds, most: int, *, steps: bool = True
) -> list[Answer]:
    """The answers to questions that ask for several metrics of the same; without `steps` none has a course."""
    common = questions[0]
    span, cut = common.span, common.span.steps if steps else ()
    metrics = [METRICS[one.metric] for one in questions]
    rates = Rates(grounds.base, exchange_rates(session, grounds.base))
    wanted = segments.parsed(session, common.where, common.within)
    part, kept = segments.sliced(session, segments.moment(session, rates, span.window.end), common.by, wanted)
    part = part.once(session)
    windows = (span.window, span.before, *cut)
    asked = Asked(session, windows, grounds, replace(part, by=None))
    whole = load(asked, _needs(metrics))[WHOLE]
    courses = [_course(metric, whole) for metric in metrics]
    nobody = segments.leave_nobody(session, part, [one.value for one in courses])
    parts, merged = _segments(session, windows, grounds, part, metrics=metrics, most=most) if common.by else ({}, 0)
    dimension = segments.dimension(common.by) if common.by else None
    return [
        Answer(
            question=question,
            metric=metric,
            base=grounds.base,
            policy=grounds.policy.name,
            steps=cut,
            course=course,
            kept=kept,
            without=asked.without,
            dimension=dimension,
            segments=tuple(
                Segment(label, _course(metric, parts[label])) for label in _in_order(dimension, list(parts))
            ),
            merged=merged,
            fits_nobody=nobody,
        )
        for question, metric, course in zip(questions, metrics, courses, strict=True)
    ]


def with_goals(session: Session, found: Sequence[Answer], grounds: Grounds) -> list[Answer]:
    """Answers of one period and filter with how the month in which it ends goes to its targets, where the company or
    just this segment has any.
    """
    segment = filters.written(filters.in_order(found[0].kept))
    names = [one.metric.id for one in found]
    goals = plans(session, grounds, found[0].question.span.window.end, names, segment=segment)
    return [replace(one, goal=goals.get(one.metric.id)) for one in found]


def _segments(
    session: Session, windows: Sequence[Window], grounds: Grounds, part: Slice, *, metrics: Sequence[Metric], most: int
) -> tuple[dict[str, list[Period]], int]:
    """The periods of each segment, the largest first and OTHER last; and how many are merged in that."""
    needs = (*_needs(metrics), Roll)  # whoever pays has a segment, whatever else is asked of it
    periods = load(Asked(session, windows, grounds, part), needs)
    ranked = sorted(periods, key=lambda label: (-_weight(periods[label]), label))
    if len(ranked) <= most:
        return {label: periods[label] for label in ranked}, 0
    named = ranked[: most - 1]
    rest = load(Asked(session, windows, grounds, replace(part, named=frozenset(named))), needs)
    return {**{label: periods[label] for label in named}, OTHER: rest[OTHER]}, len(ranked) - len(named)


def _needs(metrics: Sequence[Metric]) -> list[type]:
    return [need for metric in metrics for need in metric.needs]


def _course(metric: Metric, periods: Sequence[Period]) -> Course:
    value, before, *steps = map(metric.value, periods)
    return Course(value, before, tuple(steps))


def _weight(periods: Sequence[Period]) -> Decimal:
    """How large a segment is: by its MRR at the end, or by what moved in it where that is more."""
    roll = periods[0].of(Roll)
    return max(roll.end, roll.begin, abs(roll.net_new))


def _in_order(dimension: Dimension | None, labels: Sequence[str]) -> list[str]:
    """Labels in the order of reading, OTHER last."""
    named, other = [one for one in labels if one != OTHER], [one for one in labels if one == OTHER]
    if dimension and dimension.order:
        named.sort(key=dimension.order.index)
    elif dimension and dimension.dated:
        named.sort()
    return named + other
