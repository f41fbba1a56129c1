"""Is a fix worth it: the lifetime value of those it would have held, against its cost."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.figures.exits import Exit, Exits, Told
from bot.figures.fix_worth import lifetime, worth
from bot.messages import fix_worth as messages
from bot.messages.exit_report import Look
from bot.metrics.periods import span
from bot.playground.slack.validate import check_view
from storage import facts as f
from storage.engine import Database
from storage.exit_interviews import Said
from storage.states import Answer
from tests.bot.messages.hostile import texts
from tests.company import OTHERS, PLAN, fill, running
from tests.factories import account, at
from tests.storage.test_dimensions import GROUNDS

TODAY = date(2026, 11, 23)


def left(number: int, lost: int, **said: Any) -> Exit:
    answers = Said(**{"reason": "missing_feature", "tags": ("sso",), **said})
    return Exit(
        f"a{number}", f"A{number}", None, TODAY, Decimal(lost), "missing_feature", Told.INTERVIEW, False, answers
    )


def exits(*found: Exit) -> Exits:
    asked = span("90d", TODAY)
    assert asked is not None
    return Exits(asked, "usd", (), found, frozenset(), names={"sso": "SSO", "api": "API"})


def test_who_could_have_stayed_is_counted_for_as_long_as_customers_stay() -> None:
    found = exits(
        left(1, 10_000),
        left(2, 5_000),
        left(3, 90_000, left_anyway=Answer.YES),
        left(4, 90_000, avoidable=Answer.NO),
        left(5, 90_000, tags=("api",)),
    )
    told = worth(found, "sso", Decimal(20), Decimal(60_000))

    assert (len(told.held), told.others, told.mrr, told.value) == (2, 2, 15_000, 300_000)
    assert (told.times, told.pays_back) == (5, 4)
    assert [tag for tag, _ in found.features] == ["sso", "api"]


def test_one_that_costs_more_than_they_bring_does_not_pay_back() -> None:
    told = worth(exits(left(1, 10_000)), "sso", Decimal(20), Decimal(300_000))
    assert told.pays_back is None
    assert "would *not* have paid for itself: 0.7 times its cost" in str(messages.answer(exits(), "SSO", told))
    free = worth(exits(left(1, 10_000)), "sso", None, Decimal(0))
    assert "It costs nothing" in str(messages.answer(exits(), "SSO", free))
    assert "*$1,200* in 12 months" in str(messages.answer(exits(), "SSO", free))


def test_customers_stay_as_long_as_churn_of_the_year_says(database: Database) -> None:
    """One of six left in the year: sixteen percent, six years, of which five are counted."""
    ended = running("b", 2, status=f.Status.ENDED, status_word="canceled", ended_at=at(1, 9))
    with database.writing() as session:
        assert lifetime(session, GROUNDS, exits()) is None
        fill(session, [*PLAN, *OTHERS, account("b"), ended], at(22, 11))
        found = lifetime(session, GROUNDS, exits())
    assert found == Decimal(12) / (Decimal(2) / Decimal(5))


@given(texts, st.integers(0, 10**15), st.integers(0, 10**12))
def test_any_content_fits_slack(text: str, lost: int, cost: int) -> None:
    found = exits(left(1, lost, tags=(text,)))
    look = Look("tags", "90d", text)
    for view in (
        messages.form(exits(left(1, lost, tags=(text[:75] or "-",))), look),
        messages.answer(found, text, worth(found, text, None, Decimal(cost))),
    ):
        assert check_view(view) == []


def test_without_a_feature_there_is_nothing_to_ask() -> None:
    view = messages.form(exits(), Look("tags", "90d", ""))
    assert check_view(view) == []
    assert messages.NONE in str(view)
