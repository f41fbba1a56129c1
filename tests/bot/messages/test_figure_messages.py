"""Answers about metrics as messages: whatever the data, Slack takes them and nothing in them comes alive."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures.answer import Answer, Course, Segment
from bot.figures.asked import Without
from bot.figures.rows import Row, as_csv, rows
from bot.figures.told import change, days, step_names
from bot.figures.why import Behind, Why
from bot.messages import figures as messages
from bot.messages.blocks import BLOCK_TEXT_SUM, MESSAGE_TEXT, Message, text_of
from bot.metrics.carriers import Carrier, Way, joined
from bot.metrics.catalogue import METRICS
from bot.metrics.filters import Among
from bot.metrics.metric import Missing, Share, Term, Unit
from bot.metrics.periods import Span, span
from bot.metrics.policy import AXES, KAHVI
from bot.metrics.question import Question
from bot.metrics.windows import Window
from bot.playground.slack.validate import check_message_blocks
from bot.telling.told import worded
from storage.behind import Step
from storage.dimensions import DIMENSIONS
from storage.slices import OTHER
from storage.states import Cause, MovementKind
from tests.bot.messages.hostile import alive, texts

TODAY = date(2026, 11, 23)
MISSING = Missing("It cannot be told: it divides by b, which is 0.")
amounts = st.decimals(-(10**14), 10**14, places=2)
shares = st.builds(Share, amounts, amounts, st.none() | st.integers(0, 30))
labels = st.lists(st.just(OTHER) | texts, max_size=30, unique=True)


def spanned(typed: str) -> Span:
    found = span(typed, TODAY)
    assert found is not None
    return found


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    metric = METRICS[draw(st.sampled_from(sorted(METRICS)))]
    own = shares if metric.unit is Unit.SHARE else amounts
    values = st.one_of(own, own, st.just(MISSING))
    asked = spanned(draw(st.sampled_from(("30d", "12m", "last quarter", "2015..2026", "yesterday"))))
    dimension = draw(st.none() | st.sampled_from(list(DIMENSIONS.values())))
    courses = st.builds(
        Course, values, values, st.lists(values, min_size=len(asked.steps), max_size=len(asked.steps)).map(tuple)
    )
    return Answer(
        question=Question(metric.id, asked, dimension.id if dimension else "", draw(texts)),
        metric=metric,
        base=draw(st.sampled_from(("usd", "jpy", "kwd"))),
        policy="kahvi",
        steps=asked.steps,
        course=draw(courses),
        kept=draw(
            st.lists(st.builds(Among, st.just("region"), st.lists(texts, min_size=1).map(tuple)), max_size=3).map(tuple)
        ),
        without=Without(frozenset({"sek"}), draw(st.integers(0, 9))),
        dimension=dimension,
        segments=tuple(Segment(label, draw(courses)) for label in draw(labels)) if dimension else (),
        merged=draw(st.integers(0, 900)),
    )


@given(answers())
def test_every_answer_fits_and_is_inert(answer: Answer) -> None:
    for message in (messages.glance(answer), messages.depth(answer), *messages.export(answer)):
        fits(message)
    assert len(messages.export(answer)) <= 5


carriers = st.lists(
    st.builds(
        Carrier, st.sampled_from(Way), amounts, st.integers(0, 900), st.integers(0, 9), texts, texts, texts, texts
    ),
    max_size=60,
).map(lambda found: tuple(joined(found)))
steps = st.builds(
    Step,
    *[texts] * 2,
    st.just(TODAY),
    *[texts] * 3,
    st.sampled_from(MovementKind),
    st.sampled_from(Cause),
    st.just("usd"),
    st.integers(-(10**12), 10**12),
)
terms = st.lists(
    st.builds(Term, st.sampled_from(("MRR", "customers")), st.sampled_from(Unit), amounts), max_size=2
).map(tuple)
behind = st.builds(Behind, texts, texts, amounts, st.lists(steps, min_size=1, max_size=40).map(tuple), st.just({}))


@st.composite
def reasons(draw: st.DrawFn) -> Why:
    asked = draw(answers())
    return Why(
        question=asked.question,
        metric=asked.metric,
        base=asked.base,
        policy="kahvi",
        value=asked.course.value,
        before=asked.course.before,
        carriers=draw(st.none() | carriers),
        earlier=draw(st.none() | carriers),
        moved=draw(carriers),
        fx=draw(amounts),
        terms=draw(terms),
        terms_before=draw(terms),
        sentences=tuple(AXES[axis].sentence(KAHVI) for axis in AXES),
        accounts=draw(st.lists(behind, max_size=6).map(tuple)),
        kept=asked.kept,
        without=asked.without,
    )


@given(reasons())
def test_every_reason_fits_and_is_inert(found: Why) -> None:
    shown = messages.because(found)

    assert 1 <= len(shown) <= 5
    for message in shown:
        fits(message)


@given(texts, st.lists(st.sampled_from(sorted(METRICS)), max_size=3, unique=True))
def test_every_refusal_fits_and_is_inert(said: str, hints: list[str]) -> None:
    fits(messages.meant(said, hints))
    fits(messages.refused(f"{said}."))


def test_the_catalogue_fits_whole() -> None:
    found = messages.catalogue()

    fits(found)
    shown = str(found.blocks)
    assert all(f"`{one}`" in shown for one in METRICS)


def fits(message: Message) -> None:
    assert check_message_blocks(message.blocks) == []
    assert text_of(message.blocks) <= BLOCK_TEXT_SUM
    assert 0 < len(message.text) <= MESSAGE_TEXT
    assert not alive(message)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (Decimal(4_821_034), Unit.MONEY, "$48,210"),
        (Decimal(1_999), Unit.MONEY, "$19.99"),
        (Share(Decimal(1), Decimal(42)), Unit.SHARE, "2.4%"),
        (Decimal(-3), Unit.COUNT, "−3"),
        (Decimal("2.305"), Unit.RATIO, "2.30"),
        (Decimal("14.25"), Unit.MONTHS, "14.2 months"),
        (MISSING, Unit.MONEY, "–"),
    ],
)
def test_values_in_words(value: Decimal | Share | Missing, unit: Unit, expected: str) -> None:
    assert worded(value, unit, "usd") == expected


@pytest.mark.parametrize(
    ("value", "before", "unit", "expected"),
    [
        (Decimal(110_000), Decimal(100_000), Unit.MONEY, "+$100 (+10.0%)"),
        (Decimal(100_000), Decimal(100_000), Unit.MONEY, "unchanged"),
        (Decimal(3), Decimal(0), Unit.COUNT, "+3"),
        (Share(Decimal(1), Decimal(2)), Share(Decimal(1), Decimal(4)), Unit.SHARE, "from 25.0%"),
        (MISSING, Decimal(0), Unit.MONEY, ""),
    ],
)
def test_changes_in_words(value: Decimal, before: Decimal, unit: Unit, expected: str) -> None:
    assert change(Course(value, before, ()), unit, "usd") == expected


def test_periods_in_words() -> None:
    assert days(Window(date(2026, 10, 27), date(2026, 11, 26))) == "27 Oct – 25 Nov 2026"
    assert days(Window(date(2025, 12, 1), date(2026, 1, 2))) == "1 Dec 2025 – 1 Jan 2026"
    assert days(Window(date(2026, 11, 22), date(2026, 11, 23))) == "22 Nov 2026"
    assert step_names(spanned("12m").steps)[-2:] == ["Oct 2026", "Nov 2026 so far"]
    assert step_names(spanned("3y").steps)[-2:] == ["Q3 2026", "Q4 2026 so far"]
    assert step_names(spanned("2015..2026").steps)[0] == "2015"


@given(st.lists(texts, max_size=5))
def test_no_cell_of_an_export_is_a_formula(found: list[str]) -> None:
    course = Course(Decimal(-5), MISSING, ())
    question = Question("mrr", spanned("30d"), "owner")
    answer = Answer(question, METRICS["mrr"], "usd", "kahvi", (), course, (), Without())
    told = rows(replace(answer, segments=tuple(Segment(one, course) for one in [*found, "=1+1", " @SUM(A1)", "-2+3"])))
    read = list(csv.reader(io.StringIO(as_csv(told), newline="")))

    assert [row[7] for row in read[1:]] == ["-5"] * len(told)
    assert all(row[6].lstrip(" \u00a0")[:1] not in tuple("=+-@\t\r\n") or row[6] == "" for row in read[1:])


def test_rows_are_exact() -> None:
    question = Question("arpa", spanned("2026-03"))
    answer = Answer(question, METRICS["arpa"], "usd", "kahvi", (), Course(MISSING, MISSING, ()), (), Without())

    assert rows(answer) == [Row("arpa", "money", "usd", "2026-03-01", "2026-04-01", "", "", None, MISSING.why)]
    share = replace(answer, metric=METRICS["nrr"], course=Course(Share(Decimal(9), Decimal(8)), MISSING, ()))
    assert rows(share) == [Row("nrr", "share", "", "2026-03-01", "2026-04-01", "", "", "1.125", "")]
