"""Periods and questions as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import KahviError
from bot.metrics.catalogue import METRICS
from bot.metrics.periods import MOST_STEPS, PeriodError, Span, span
from bot.metrics.question import Names, Question, QuestionError, names_of, read
from bot.metrics.windows import Window

TODAY = date(2026, 11, 23)
NAMES = Names(
    names_of(METRICS.values()),
    {"plan": "plan", "region": "region", "csm": "owner", "cohort_quarter": "quarters"},
    ("Tier",),
)


def window(*parts: int) -> Window:
    return Window(date(*parts[:3]), date(*parts[3:]))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("30d", window(2026, 10, 24, 2026, 11, 23)),
        ("last 2 weeks", window(2026, 11, 9, 2026, 11, 23)),
        ("12m", window(2025, 11, 23, 2026, 11, 23)),
        ("2q", window(2026, 5, 23, 2026, 11, 23)),
        ("1y", window(2025, 11, 23, 2026, 11, 23)),
        ("This Month", window(2026, 11, 1, 2026, 11, 23)),
        ("last month", window(2026, 10, 1, 2026, 11, 1)),
        ("last week", window(2026, 11, 16, 2026, 11, 23)),
        ("last quarter", window(2026, 7, 1, 2026, 10, 1)),
        ("ytd", window(2026, 1, 1, 2026, 11, 23)),
        ("last year", window(2025, 1, 1, 2026, 1, 1)),
        ("yesterday", window(2026, 11, 22, 2026, 11, 23)),
        ("2026", window(2026, 1, 1, 2026, 11, 23)),
        ("2026-03", window(2026, 3, 1, 2026, 4, 1)),
        ("2026q1", window(2026, 1, 1, 2026, 4, 1)),
        ("2026-01..2026-06", window(2026, 1, 1, 2026, 7, 1)),
        ("2026-03-05..2026-03-09", window(2026, 3, 5, 2026, 3, 10)),
    ],
)
def test_periods(typed: str, expected: Window) -> None:
    found = span(typed, TODAY)

    assert found is not None
    assert found.window == expected


@pytest.mark.parametrize("typed", ["", "plan", "30", "d", "2026-13", "month", "this decade", "2026..", "..2026"])
def test_what_is_no_period(typed: str) -> None:
    assert span(typed, TODAY) is None


@pytest.mark.parametrize("typed", ["0d", "2027", "2026-06..2026-01", "99999d", "900y", "0001"])
def test_a_period_that_cannot_be_counted_says_so(typed: str) -> None:
    with pytest.raises(PeriodError, match=f"“{typed}”"):
        span(typed, TODAY)


def test_a_month_is_compared_with_the_month_before_and_days_with_days() -> None:
    whole, rolling, begun = (span(one, TODAY) for one in ("2026-03", "30d", "this month"))

    assert whole is not None
    assert rolling is not None
    assert begun is not None
    assert whole.before == window(2026, 2, 1, 2026, 3, 1)
    assert rolling.before == window(2026, 9, 24, 2026, 10, 24)
    assert begun.before == window(2026, 10, 10, 2026, 11, 1)


@pytest.mark.parametrize(
    ("typed", "count", "first", "last"),
    [
        ("30d", 12, window(2025, 12, 1, 2026, 1, 1), window(2026, 11, 1, 2026, 11, 23)),
        ("12m", 13, window(2025, 11, 1, 2025, 12, 1), window(2026, 11, 1, 2026, 11, 23)),
        ("3y", 13, window(2023, 10, 1, 2024, 1, 1), window(2026, 10, 1, 2026, 11, 23)),
        ("2005..2026", 20, window(2007, 1, 1, 2008, 1, 1), window(2026, 1, 1, 2026, 11, 23)),
    ],
)
def test_the_steps_of_a_period_fit_a_chart(typed: str, count: int, first: Window, last: Window) -> None:
    found = span(typed, TODAY)

    assert found
    assert (len(found.steps), found.steps[0], found.steps[-1]) == (count, first, last)
    assert count <= MOST_STEPS


def asked(text: str) -> tuple[str, str, str, str]:
    found = read(text, NAMES, TODAY)
    return found.metric, found.span.said, found.by, found.where


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mrr", ("mrr", "30d", "", "")),
        ("NRR 12m by Plan", ("nrr", "12m", "plan", "")),
        ("Net  Revenue-Retention by csm 2026-03", ("nrr", "2026-03", "owner", "")),
        ("churn this quarter where region:EU", ("customer_churn", "this quarter", "", "region:EU")),
        ("churn in 2026 region:EU -plan:pro", ("customer_churn", "2026", "", "region:EU -plan:pro")),
        ("12m mrr by cohort quarter", ("mrr", "12m", "quarters", "")),
        ("mrr vs plan", ("mrr", "30d", "", "")),
        ('mrr against the budget where name:"us vs plan"', ("mrr", "30d", "", 'name:"us vs plan"')),
        ("mrr by tier", ("mrr", "30d", "tag.Tier", "")),
        (
            'new mrr by tag.tier last month where name:"by the sea"',
            ("new_mrr", "last month", "tag.Tier", 'name:"by the sea"'),
        ),
    ],
)
def test_questions(typed: str, expected: tuple[str, str, str, str]) -> None:
    assert asked(typed) == expected


@pytest.mark.parametrize(
    ("typed", "sentence", "hint"),
    [
        ("net revenue retenton", "I know no metric called “net revenue retenton”.", "nrr"),
        ("mr", "I know no metric called “mr”.", "mrr"),
        ("mrr by plna", "I cannot divide by “plna”; did you mean by plan?", None),
        ("mrr by", "By what? Write a dimension behind “by”, such as by plan or by region.", None),
        ("mrr 12m by plan 30d", "There are two periods, 12m and 30d; please name one.", None),
        ("xyzzy", "I know no metric called “xyzzy”.", None),
        ("where region:EU", "No metric is named; write one first, such as mrr or nrr.", None),
    ],
)
def test_what_is_not_understood_gets_a_hint(typed: str, sentence: str, hint: str | None) -> None:
    with pytest.raises(QuestionError) as error:
        read(typed, NAMES, TODAY)

    assert str(error.value) == sentence
    assert (error.value.hints[:1] or (None,))[0] == hint


def test_a_period_that_ends_before_it_begins_is_named() -> None:
    with pytest.raises(PeriodError, match=r"^“2026-06\.\.2026-01” ends before it begins; write the earlier end first"):
        span("2026-06..2026-01", TODAY)


def test_the_plan_is_asked_for() -> None:
    assert [read(typed, NAMES, TODAY).plan for typed in ("mrr", "mrr vs. Plan 12m", "mrr 12m against target")] == [
        False,
        True,
        True,
    ]


def test_every_metric_is_found_by_its_own_names() -> None:
    for one in METRICS.values():
        for name in (one.id, one.name, one.name.upper()):
            assert read(name, NAMES, TODAY).metric == one.id


PIECES = st.sampled_from(
    [
        "mrr",
        "net",
        "churn",
        "by",
        "where",
        "plan",
        "region:EU",
        "12m",
        "this month",
        "2026-03",
        "vs plan",
        "-",
        "tag.",
        '"',
        ":",
        "9999y",
        "\x00",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map(" ".join)))
def test_whatever_is_typed_is_understood_or_refused_in_a_sentence(typed: str) -> None:
    found = outcome(typed)

    if isinstance(found, Question):
        assert isinstance(found.span, Span)
        assert read(str(found), NAMES, TODAY) == found
    else:
        assert str(found)


def outcome(typed: str) -> Question | KahviError:
    try:
        return read(typed, NAMES, TODAY)
    except KahviError as error:
        return error


def test_a_policy_may_have_another_usual_period() -> None:
    monthly = Names(NAMES.metrics, NAMES.dimensions, NAMES.tags, {"customer_churn": "last month"})

    assert read("churn", monthly, TODAY).span.window == window(2026, 10, 1, 2026, 11, 1)
    assert read("churn 30d", monthly, TODAY).span.window == window(2026, 10, 24, 2026, 11, 23)
    assert read("mrr", monthly, TODAY).span.said == "30d"
