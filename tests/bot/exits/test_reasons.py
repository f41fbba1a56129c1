"""The registry of reasons keeps its ids, and knows the words of billing sources."""

import pytest

from bot.exits.reasons import REASONS, label_of, told_by_billing
from storage.facts import CancelKind


def test_ids_never_change() -> None:
    assert set(REASONS) == {
        *("price", "missing_feature", "competitor", "built_in_house", "low_usage_no_value", "too_complex_onboarding"),
        *("quality_bugs", "support", "other", "involuntary_payment", "dispute", "champion_left", "consolidation"),
        *("budget_cut", "compliance", "acquired", "shut_down", "project_ended", "not_icp"),
    }


def test_labels_are_short_and_told_apart() -> None:
    labels = [reason.label for reason in REASONS.values()]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 75 for label in labels)


@pytest.mark.parametrize(
    ("word", "kind", "expected"),
    [
        ("too_expensive", CancelKind.VOLUNTARY, "price"),
        ("switched_service", None, "competitor"),
        ("champion_left", None, "champion_left"),
        ("a word of next year", CancelKind.VOLUNTARY, None),
        (None, CancelKind.PAYMENT_FAILED, "involuntary_payment"),
        (None, CancelKind.DISPUTED, "dispute"),
        (None, CancelKind.UNKNOWN, None),
        (None, None, None),
    ],
)
def test_what_billing_says(word: str | None, kind: CancelKind | None, expected: str | None) -> None:
    reason = told_by_billing(word, kind)

    assert (reason.id if reason else None) == expected


def test_a_reason_that_was_retired_is_still_shown() -> None:
    assert (label_of("price"), label_of("gone_away")) == ("Too expensive", "gone away")
