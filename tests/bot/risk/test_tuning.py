"""What people set is checked whole; what is wrong is told by field and line."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import tuning_form
from bot.playground.slack.validate import check_view
from bot.risk import tuning
from bot.risk.rules import RULES
from bot.risk.trying import Preview
from bot.risk.tuning import UNTUNED, Latest, Tuning, from_plain, parse, typed, typed_windows
from bot.risk.value import top
from bot.risk.windows import WINDOWS

SOUND = {
    "alert_from": "55",
    "close_below": "40",
    "high_value": "250.50",
    "points": typed(UNTUNED),
    "windows": typed_windows(UNTUNED),
}


def test_the_usual_points_are_not_kept() -> None:
    assert parse(SOUND) == Tuning({}, 55, 40, Decimal("250.50"))


def test_what_is_set_otherwise_is_kept_and_read_again() -> None:
    wish = parse({**SOUND, "points": "cancel_scheduled 90\n\n grew \N{MINUS SIGN}2 \npayment_failing 1/2/3"})

    assert isinstance(wish, Tuning)
    assert wish.points == {"cancel_scheduled": (90,), "grew": (-2,), "payment_failing": (1, 2, 3)}
    assert from_plain(wish.plain()) == wish
    assert "payment_failing 1 2 3" in typed(wish)


def test_an_amount_may_have_commas_before_thousands() -> None:
    assert parse({**SOUND, "high_value": " 1,250,000.50 "}) == Tuning({}, 55, 40, Decimal("1250000.50"))


def test_high_value_may_be_told_by_share_and_by_filter() -> None:
    wish = parse({**SOUND, "top_share": "20", "named": " segment:enterprise "})

    assert isinstance(wish, Tuning)
    assert (wish.top_share, wish.named) == (20, "segment:enterprise")
    assert from_plain(wish.plain()) == wish
    of_before = {name: value for name, value in wish.plain().items() if name not in ("top_share", "named")}
    assert from_plain(of_before) == replace(wish, top_share=None, named="")


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 10**6).map(Decimal), max_size=12), st.integers(1, 100))
def test_the_largest_accounts_bring_the_share_and_none_of_them_is_dispensable(
    worth: dict[str, Decimal], share: int
) -> None:
    found = top(worth, share)
    wanted, reached = sum(worth.values()) * Decimal(share) / 100, sum(worth[one] for one in found)

    assert reached >= wanted
    assert all(worth[one] >= worth[other] for one in found for other in worth.keys() - found)
    assert not found or reached - min(worth[one] for one in found) < wanted


def test_a_stored_amount_that_could_not_be_shown_is_left_out() -> None:
    assert from_plain({**UNTUNED.plain(), "high_value": "1e-999999999999"}) == UNTUNED


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("alert_from", "0", "from 1 to 100"),
        ("alert_from", "sixty", "from 1 to 100"),
        ("close_below", "-1", "from 0 to 100"),
        ("close_below", "55", "less than the score"),
        ("high_value", "NaN", "an amount of 0 or more"),
        ("high_value", "-5", "an amount of 0 or more"),
        ("high_value", "", "an amount of 0 or more"),
        ("top_share", "0", "from 1 to 100, or leave it empty"),
        ("top_share", "most", "from 1 to 100, or leave it empty"),
        ("high_value", "1e-999999999999", "an amount of 0 or more"),
        ("high_value", "9,50", "an amount of 0 or more"),
        ("high_value", "1_000", "an amount of 0 or more"),
        ("high_value", "\N{ARABIC-INDIC DIGIT THREE}", "an amount of 0 or more"),
        ("high_value", "99999999999", "an amount of 0 or more"),
        ("points", "cancel_sheduled 80", "Line 1: cancel_sheduled is no sign; did you mean cancel_scheduled?"),
        ("points", "grew -8\nxyzzy 1", "Line 2: xyzzy is no sign; docs/risk.md lists all."),
        ("points", "payment_failing 15 25", "Line 1: payment_failing takes 3 whole numbers, such as 15 25 40."),
        ("points", "payment_failing 15 25 x", "takes 3 whole numbers"),
        ("points", "payment_failing 40 25 15", "must not fall"),
        ("points", "cancel_scheduled 101", "from 0 to 100"),
        ("points", "cancel_scheduled -1", "from 0 to 100"),
        ("points", "grew 8", "from -100 to 0"),
        ("points", "grew -8\ngrew -8", "Line 2: grew stands twice"),
        ("windows", "disputid 90", "Line 1: disputid is no window; did you mean disputed?"),
        ("windows", "disputed 0", "Line 1: disputed takes days from 1 to 365."),
        ("windows", "disputed 366", "from 1 to 365"),
        ("windows", "champion_left 121", "from 1 to 120"),
        ("windows", "no_contact 60", "Line 1: no_contact takes 2 whole numbers, such as 60 90."),
        ("windows", "no_contact 60 60", "must rise, as in 60 90"),
        ("windows", "renewal_near 90 60 30", "must rise, as in 30 60 90"),
        ("windows", "early {0}", "takes 1 whole numbers"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_line(field: str, value: str, said: str) -> None:
    wrong = parse({**SOUND, field: value})

    assert isinstance(wrong, dict)
    assert list(wrong) == [field]
    assert said in wrong[field]


@given(st.dictionaries(st.sampled_from(list(SOUND)), st.text(max_size=60) | st.none()))
def test_whatever_is_typed_is_a_tuning_or_a_sentence_for_each_field(answers: dict[str, Any]) -> None:
    found = parse(answers)

    if isinstance(found, Tuning):
        assert from_plain(found.plain()) == found
    else:
        assert found
        assert set(found) <= set(SOUND)
        assert all(len(sentence) <= 150 for sentence in found.values())


def test_windows_are_kept_where_they_are_others_than_shipped() -> None:
    wish = parse({**SOUND, "windows": "disputed 30\nno_contact 14, 28\nrefunded 60\nuse 56 28"})

    assert isinstance(wish, Tuning)
    assert wish.windows == {"disputed": (30,), "no_contact": (14, 28), "use": (56, 28)}
    assert from_plain(wish.plain()) == wish
    assert {name: wish.spans[name] for name in ("disputed", "refunded")} == {"disputed": (30,), "refunded": (60,)}
    assert "no_contact 14 28" in typed_windows(wish)
    before = {name: value for name, value in wish.plain().items() if name != "windows"}
    assert from_plain(before) == replace(wish, windows={})
    assert from_plain({**wish.plain(), "windows": {"window_of_tomorrow": [1], "grew": [1, 2]}}).windows == {}


def test_rules_of_another_version_are_left_alone() -> None:
    kept = from_plain(
        {**UNTUNED.plain(), "points": {"rule_of_tomorrow": [1], "cancel_scheduled": [1, 2], "grew": [-1]}}
    )

    assert kept.points == {"grew": (-1,)}


def test_forms_fit_slack() -> None:
    points = {rule: tuple(99 for _ in one.points) for rule, one in RULES.items()}
    windows = {
        name: tuple(365 - len(steps) + place for place, _ in enumerate(steps)) for name, steps in WINDOWS.items()
    }
    most = Tuning(points, 99, 98, Decimal(10**9), 99, "&" * 500, windows)

    assert (
        check_view(tuning_form.form(Latest(most, datetime(2026, 11, 23, tzinfo=UTC), UNTUNED), Decimal(500), "usd"))
        == []
    )
    assert check_view(tuning_form.confirm(most, Preview(*[10**6] * 6), per_day=7)) == []
    carried = json.loads(tuning_form.confirm(most, Preview(*[0] * 6))["private_metadata"])
    assert from_plain(carried) == most
    assert len(tuning.typed(most)) < 3000
