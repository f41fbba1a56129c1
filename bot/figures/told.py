"""What the answer to a question about a metric says: at a glance, and in depth."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from bot.figures.answer import Answer, Course
from bot.figures.asked import Without
from bot.figures.plan_words import against_plan
from bot.metrics import filters
from bot.metrics.metric import Metric, Missing, Over, Share, Unit, Value, number
from bot.metrics.windows import Window, month_start
from bot.money import rounded, to_major
from bot.telling.rounding import adding_up
from bot.telling.told import (
    Chart,
    Detail,
    Foreign,
    Phrase,
    Points,
    Row,
    Strong,
    Table,
    Told,
    arrow,
    counted,
    exact,
    listed,
    money,
    percent,
    worded,
)
from storage.slices import OTHER

LABEL = 40
HUNDREDTH = Decimal("0.01")
NOBODY = "No account fits this filter."


def told(answer: Answer) -> Told:
    """The figure and its change, its course as a chart, its segments as a table."""
    return Told(
        lines=tuple(_lines(answer)),
        chart=None if answer.fits_nobody else _chart(answer),
        small=tuple(_small(answer)),
        details=(Detail("", table=_segments(answer)),) if answer.segments else (),
    )


def in_depth(answer: Answer) -> Told:
    """Every step or segment in a table, and by which definition."""
    metric = answer.metric
    table = _segments(answer) if answer.segments else _course(answer)
    meaning: Phrase = (f"{metric.definition} Formula: {metric.formula} ({metric.owner}).",)
    small = tuple(_small(answer, defined=True))
    nobody: tuple[Phrase, ...] = ((NOBODY,),) if answer.fits_nobody else ()
    return Told(lines=(_headline(answer), *nobody, meaning), small=small, details=(Detail("", table=table),))


def in_rows(answers: Sequence[Answer]) -> Detail:
    """Several metrics of the same period and segments as one table, without the steps; why some are not known."""
    rows: list[Row] = []
    missing: dict[str, None] = {NOBODY: None} if any(one.fits_nobody for one in answers) else {}
    for one in answers:
        for name, course in [*((label(part.label), part.course) for part in one.segments), ("All", one.course)]:
            first, *values = _row(name, course, one.metric, one.base)
            rows.append(((one.metric.name,), *([first] if one.dimension else []), *values))
            if isinstance(course.value, Missing) and not one.fits_nobody:
                missing[course.value.why] = None
    by = [answers[0].dimension.name] if answers[0].dimension else []
    head = ("Metric", *by, "Value", "Change")
    return Detail(
        "",
        table=Table(head, tuple(rows), frozenset({len(by) + 1, len(by) + 2})),
        notes=tuple((one,) for one in missing),
    )


def change(course: Course, unit: Unit, base: str) -> str:
    """The change from the period before: "+$1,200 (+2.6%)", "from 3.1%"; empty where either is not known."""
    now, before = number(course.value), number(course.before)
    if now is None or before is None:
        return ""
    if unit not in (Unit.MONEY, Unit.COUNT):
        return f"from {worded(course.before, unit, base)}"
    if worded(course.value, unit, base) == worded(course.before, unit, base):
        return "unchanged"
    amount = money(now - before, base, sign=True) if unit is Unit.MONEY else f"{_signed(now - before)}"
    grown = f" ({percent(now / before - 1, sign=True)})" if before > 0 and now >= 0 else ""
    return f"{amount}{grown}"


def days(window: Window) -> str:
    """The days of a window, both ends in it: "27 Oct – 25 Nov 2026"."""
    first, last = window.start, window.end - timedelta(days=1)
    if first == last:
        return _day(last)
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {_day(last)}"


def label(name: str) -> str | Foreign:
    """The label of a segment as it is shown."""
    return "other" if name == OTHER else Foreign(name, LABEL)


def _lines(answer: Answer) -> Iterator[Phrase]:
    yield _headline(answer)
    course = answer.course
    if answer.fits_nobody:
        yield (NOBODY,)
        return
    if isinstance(course.value, Missing):
        yield (course.value.why,)
        return
    if said := _changed(answer):
        yield (said,)
    if planned := goal(answer):
        yield (planned,)
    if isinstance(course.value, Share) and course.value.of_few:
        yield (
            f"Only {counted(course.value.among or 0, 'customer')} stand behind it: one more or less moves it a lot.",
        )


def _headline(answer: Answer) -> Phrase:
    metric, window = answer.metric, answer.question.span.window
    value = worded(answer.course.value, metric.unit, answer.base)
    when = f"at the end of {_day(window.end - timedelta(days=1))}" if metric.over is Over.END else days(window)
    kept = (" · ", Foreign(filters.written(answer.kept), 200)) if answer.kept else ()
    return (Strong(f"{metric.name}: {value}"), f" · {when}", *kept)


def _changed(answer: Answer) -> str:
    """The change in a sentence."""
    now, before = number(answer.course.value), number(answer.course.before)
    if now is None or before is None:
        return ""
    span, metric = answer.question.span, answer.metric
    since = f"since {_day(span.before.end - timedelta(days=1))}" if metric.over is Over.END else f"in {_before(answer)}"
    same = worded(answer.course.value, metric.unit, answer.base) == worded(
        answer.course.before, metric.unit, answer.base
    )
    if same:
        return f"Unchanged {since}." if metric.over is Over.END else f"As {since}."
    earlier = worded(answer.course.before, metric.unit, answer.base)
    if metric.over is Over.END and metric.unit in (Unit.MONEY, Unit.COUNT):
        return f"{arrow(now - before)} {change(answer.course, metric.unit, answer.base)} {since}."
    return f"{arrow(now - before)} from {earlier} {since}."


def goal(answer: Answer) -> str:
    """How the month in which the period ends goes to its target; empty where nobody asked or set one."""
    month = f"{answer.question.span.window.end - timedelta(days=1):%B %Y}"
    if answer.goal is not None:
        said = against_plan(answer.goal, answer.base).removesuffix(".")
        return f"Plan for {month}: {said}."
    kept = " for a part of the company" if answer.kept else ""
    return (
        f"No target{kept} is known for {month}; set one by targets.csv or kahvi record target."
        if answer.question.plan
        else ""
    )


def _before(answer: Answer) -> str:
    span = answer.question.span
    length = (span.window.start.year - span.before.start.year) * 12 + span.window.start.month - span.before.start.month
    if span.whole:
        return "the month before" if length == 1 else f"the {length} months before"
    return f"the {counted(span.before.days, 'day')} before"


def _small(answer: Answer, *, defined: bool = False) -> Iterator[Phrase]:
    yield (f"Policy: {answer.policy}." if defined else f"{answer.metric.definition} Policy: {answer.policy}.",)
    if answer.merged:
        yield (f"“other” holds {counted(answer.merged, 'smaller segment')}.",)
    yield from left_out(answer.without)


def left_out(without: Without) -> Iterator[Phrase]:
    """What no figure holds, in words."""
    if without.unrated:
        yield (f"Left out, without an exchange rate: {listed(sorted(one.upper() for one in without.unrated))}.",)
    if without.held:
        verb = "is" if without.held == 1 else "are"
        yield (f"{counted(without.held, 'billing record')} {verb} left out of all figures; kahvi doctor says which.",)


# --- chart -----------------------------------------------------------------------------------------------------


def _chart(answer: Answer) -> Chart | None:
    """From the first step that is known on; None where fewer than two are, or one in between is not."""
    start = next((place for place, value in enumerate(answer.course.steps) if number(value) is not None), None)
    if start is None or len(answer.steps) - start < 2:
        return None
    names = step_names(answer.steps)[start:]
    courses = [(_plain_label(one.label), one.course) for one in answer.segments] or [
        (answer.metric.name, answer.course)
    ]
    series = [(name, _points(answer, course, names, start)) for name, course in courses]
    drawn = tuple((name, points) for name, points in series if points)
    if not drawn:
        return None
    by = f" by {answer.dimension.name.casefold()}" if answer.dimension else ""
    title = f"{answer.metric.name}{by}{_pace(answer) if answer.metric.over is Over.PERIOD else ''}"
    return Chart(title, _unit(answer.metric, answer.base), drawn)


def _pace(answer: Answer) -> str:
    """Over what each point of a chart is told, where that is not the whole period."""
    longest = max(step.days for step in answer.steps)
    return f", each {'month' if longest <= 31 else 'quarter' if longest <= 92 else 'year'}"


def _points(answer: Answer, course: Course, names: list[str], start: int) -> Points:
    """Points of a line; none when one of them is not known."""
    values = [number(value) for value in course.steps[start:]]
    known = [_drawn(value, answer.metric.unit, answer.base) for value in values if value is not None]
    return tuple(zip(names, known, strict=True)) if len(known) == len(values) else ()


def _drawn(value: Decimal, unit: Unit, base: str) -> Decimal:
    """A value in what the axis says: whole units of the base, percent, else as it is."""
    if unit is Unit.MONEY:
        return to_major(rounded(value), base)
    return (value * 100 if unit is Unit.SHARE else value).quantize(HUNDREDTH)


def _unit(metric: Metric, base: str) -> str:
    names = {Unit.MONEY: base.upper(), Unit.SHARE: "%", Unit.MONTHS: "months", Unit.POINTS: "points"}
    return names.get(metric.unit, metric.name)


def step_names(steps: tuple[Window, ...]) -> list[str]:
    """Short names of months, quarters or years, each with its year; one that is not over says so."""
    return [f"{_step(one)}{'' if _is_over(one) else ' so far'}" for one in steps]


def _step(step: Window) -> str:
    length = step.days
    if length > 100:
        return f"{step.start.year}"
    return f"Q{(step.start.month + 2) // 3} {step.start.year}" if length > 31 else f"{step.start:%b} {step.start.year}"


def _is_over(step: Window) -> bool:
    return step.end == month_start(step.end)


# --- tables ----------------------------------------------------------------------------------------------------


def _segments(answer: Answer) -> Table:
    """Segments and the whole, without columns that would be empty; where they add up the shown amounts do too."""
    metric, base = answer.metric, answer.base
    courses = [(label(one.label), one.course) for one in answer.segments] + [("All", answer.course)]
    columns = [(metric.name, _values(answer))]
    if any(changes := [change(course, metric.unit, base) for _, course in courses]):
        columns.append(("Change", changes))
    if answer.has_shares:
        columns.append(("Share", _shares(answer)))
    rows = tuple(((name,), *((cells[place],) for _, cells in columns)) for place, (name, _) in enumerate(courses))
    head = (answer.dimension.name if answer.dimension else "", *(name for name, _ in columns))
    return Table(head, rows, frozenset(range(1, len(head))))


def _values(answer: Answer) -> list[str]:
    unit, base = answer.metric.unit, answer.base
    courses = [*(one.course for one in answer.segments), answer.course]
    if unit is not Unit.MONEY or not answer.adds_up:
        return [worded(course.value, unit, base) for course in courses]
    *parts, whole = (number(course.value) or Decimal(0) for course in courses)
    return [*(exact(amount, base) for amount in adding_up(parts, whole, base)), worded(whole, unit, base)]


def _shares(answer: Answer) -> list[str]:
    whole = number(answer.course.value) or Decimal(1)
    return [percent((number(one.course.value) or Decimal(0)) / whole) for one in answer.segments] + [
        percent(Decimal(1))
    ]


def _course(answer: Answer) -> Table:
    metric = answer.metric
    rows: list[Row] = []
    before: Value = Missing("")
    for name, value in zip(step_names(answer.steps), answer.course.steps, strict=True):
        rows.append(_row(name, Course(value, before, ()), metric, answer.base))
        before = value
    return Table(("Period", metric.name, "Change"), tuple(rows), frozenset({1, 2}))


def _row(name: str | Foreign, course: Course, metric: Metric, base: str) -> Row:
    return ((name,), (worded(course.value, metric.unit, base),), (change(course, metric.unit, base),))


def _plain_label(name: str) -> str:
    return "other" if name == OTHER else name


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _signed(value: Decimal) -> str:
    shown = value.quantize(Decimal(1))
    return f"{'−' if shown < 0 else '+' if shown > 0 else ''}{abs(shown):,}"
