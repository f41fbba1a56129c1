"""The registry of reasons keeps its ids, and knows the words of billing sources."""

import pytest

from bot.exits.reasons import REASONS, Avoidable, Nature, in_words, label_of, told_by_billing
from bot.telling.reasons import stated
from bot.telling.told import Foreign
from storage.facts import CancelKind


def test_ids_never_change() -> None:
    assert set(REASONS) == {
        *("price", "missing_feature", "competitor", "built_in_house", "low_usage_no_value", "too_complex_onboarding"),
        *("quality_bugs", "support", "other", "involuntary_payment", "dispute", "champion_left", "consolidation"),
        *("budget_cut", "compliance", "acquired", "shut_down", "project_ended", "not_icp", "would_not_adopt"),
    }


def test_what_is_natural_churn_could_not_be_kept() -> None:
    natural = {reason.id: reason.nature for reason in REASONS.values() if reason.nature is not Nature.NONE}
    assert set(natural.values()) == set(Nature) - {Nature.NONE}
    assert not [id_ for id_ in natural if REASONS[id_].avoidable is Avoidable.YES]


def test_labels_are_short_and_told_apart() -> None:
    labels = [reason.label for reason in REASONS.values()]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 75 for label in labels)


def test_each_reason_but_the_unsaid_one_goes_into_a_sentence() -> None:
    phrases = {reason.id: reason.phrase for reason in REASONS.values()}
    assert [id_ for id_, phrase in phrases.items() if not phrase] == ["other"]
    assert all(phrase == phrase.lower() for phrase in phrases.values())
    assert [stated(word) for word in ("too_expensive", "other", "", None)] == ["too expensive", None, None, None]
    assert stated("a_word_of_next_year") == Foreign("a word of next year")


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


def test_words_that_are_no_reason_of_ours_stay_as_they_are() -> None:
    assert [in_words("unused", None), in_words("odd word", None), in_words(None, CancelKind.DISPUTED)] == [
        *("Not used, no value seen", "odd word", "Payment disputed"),
    ]
    assert in_words(None, None) is None
