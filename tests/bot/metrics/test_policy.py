"""Policies: every axis is explained, presets say what they assume, wrong words are answered with the right ones."""

from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PolicyError
from bot.metrics.axes import ChurnDate, OnceDiscounts, PastDue
from bot.metrics.policy import AXES, KAHVI, Axis, MetricsPolicy, typed
from bot.metrics.presets import CHARTMOGUL, PRESETS, STRIPE, changed, own_axes, policy_of, written


def test_every_field_but_name_and_assumed_is_an_axis() -> None:
    assert [one.name for one in fields(MetricsPolicy)] == ["name", "assumed", *AXES]


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_every_value_is_one_plain_sentence(axis: Axis) -> None:
    sentences = [axis.kind.say(value) for value in axis.kind.samples]

    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        KAHVI.name = "mine"  # type: ignore[misc]  # that is the point


def test_presets_are_named_and_kahvi_assumes_nothing() -> None:
    assert list(PRESETS) == ["kahvi", "stripe", "chartmogul", "profitwell", "baremetrics"]
    assert KAHVI.assumed == frozenset()


def test_what_a_vendor_does_not_tell_is_assumed_with_kahvis_value() -> None:
    for preset in PRESETS.values():
        for name in preset.assumed:
            assert getattr(preset, name) == getattr(KAHVI, name)
    assert "refunds" in CHARTMOGUL.assumed
    assert "proration" not in CHARTMOGUL.assumed


def test_setting_an_axis_renames_and_no_longer_assumes_it() -> None:
    policy = policy_of("stripe once_discounts=subtract pause=zero")

    assert (policy.name, policy.once_discounts) == ("stripe+custom", OnceDiscounts.SUBTRACT)
    assert "pause" in STRIPE.assumed
    assert "pause" not in policy.assumed
    assert own_axes(policy) == {"once_discounts": "subtract", "pause": "zero"}


def test_setting_an_axis_back_gives_the_preset_its_name_back() -> None:
    policy = changed(policy_of("stripe churn_date=on_end"), {"churn_date": "on_request"})

    assert (policy.name, policy.churn_date) == ("stripe", ChurnDate.ON_REQUEST)


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("past_due=in_days(31)", "past_due", PastDue(31)),
        ("past_due=out", "past_due", PastDue(0)),
        ("week_factor=4.33", "week_factor", Decimal("4.33")),
        ("week_factor=52/12", "week_factor", Decimal(52) / 12),
        ("reactivation_gap_days=90", "reactivation_gap_days", 90),
        ("contraction_in_churned_mrr=no", "contraction_in_churned_mrr", False),
    ],
)
def test_values_are_read_as_they_are_typed(text: str, axis: str, value: object) -> None:
    assert getattr(policy_of(f"kahvi {text}"), axis) == value


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "strype",
            "'strype' is no preset; did you mean stripe? There are kahvi, stripe, chartmogul, profitwell, baremetrics.",
        ),
        (
            "kahvi churn_dat=on_end",
            "'churn_dat' is no axis of a policy; the nearest are churn_date, churn_denominator or churn_window.",
        ),
        (
            "kahvi churn_date=on_ende",
            "'on_ende' is no value of churn_date; did you mean on_end? It takes on_request, on_end or on_service_end.",
        ),
        (
            "kahvi past_due=in_days(91)",
            "'in_days(91)' is no value of past_due; did you mean in_days(1-90)? It takes in, in_days(1-90) or out.",
        ),
        ("kahvi week_factor=0", "'0' is no value of week_factor; it takes a number from 1 to 9."),
        ("kahvi week_factor=1/0", "'1/0' is no value of week_factor; it takes a number from 1 to 9."),
        (
            "kahvi merge_window_min=1.5",
            "'1.5' is no value of merge_window_min; it takes a whole number from 0 to 1440.",
        ),
        ("kahvi trials", "'trials' sets nothing; write it as axis=value."),
        ("", "'' is no preset; there are kahvi, stripe, chartmogul, profitwell, baremetrics."),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_right_ones(text: str, answer: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policy_of(text)

    assert str(refused.value) == answer


@given(st.text(max_size=40))
def test_any_other_text_is_a_policy_error_or_a_policy(text: str) -> None:
    for words in (text, f"kahvi {text}", f"kahvi past_due={text}", f"kahvi day_factor={text}"):
        try:
            policy_of(words)
        except PolicyError:
            continue


@given(
    preset=st.sampled_from(sorted(PRESETS)),
    values=st.fixed_dictionaries({}, optional={n: st.sampled_from(list(a.kind.samples)) for n, a in AXES.items()}),
)
def test_a_policy_written_down_is_read_back_the_same(preset: str, values: dict[str, object]) -> None:
    policy = changed(PRESETS[preset], {name: typed(value) for name, value in values.items()})

    again = policy_of(written(policy))

    assert (again.name, again.ledger_key) == (policy.name, policy.ledger_key)
    assert all(axis.value(again) == axis.value(policy) for axis in AXES.values())


def test_policies_that_count_alike_share_a_ledger() -> None:
    assert policy_of("kahvi churn_window=calendar_month").ledger_key == KAHVI.ledger_key
    assert policy_of("kahvi trials=in").ledger_key != KAHVI.ledger_key
