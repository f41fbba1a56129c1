"""Contacts as people type them, a line each, and a champion who has gone quiet."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.contacts import MOST, parse, quiet, written
from storage.contacts import Contact
from storage.inputs import Signal
from tests.bot.messages.hostile import texts

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
JANE = Contact("Jane Doe", "jane@acme.com", "CTO", champion=True)


def test_a_line_is_a_person_in_whatever_order() -> None:
    found = parse("Jane Doe, Jane@Acme.com, CTO, Champion\n\n  tom@acme.com \n Ann ,  buyer")
    assert found == [JANE, Contact("", "tom@acme.com"), Contact("Ann", "", "buyer")]
    assert isinstance(found, list)
    assert parse(written(found)) == found


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("Jane, jane@acme", "Line 1: write one address"),
        ("Ann\nJane, a@b.example, c@d.example", "Line 2: write one address"),
        ("champion", "Line 1: write a name"),
        ("a, b, c, d@e.example", "Line 1: write a name"),
        ("x" * 76, "Line 1: each part has up to 75 letters."),
        ("a, x@y.example\nb, X@Y.example", "Line 2: x@y.example stands twice"),
        ("a, champion\nb, champion", "Only one can be the champion: take the word away from the others."),
        (
            "\n".join(f"p{number}" for number in range(MOST + 1)),
            "20 people are the most, and these are 21: leave some out.",
        ),
    ],
)
def test_what_is_wrong_is_told_by_line(typed: str, wrong: str) -> None:
    found = parse(typed)
    assert isinstance(found, str)
    assert found.startswith(wrong)


@given(texts | st.text(max_size=500))
def test_any_text_is_taken_or_told_wrong(typed: str) -> None:
    found = parse(typed)
    if isinstance(found, list):
        assert parse(written(found)) == found


def test_a_champion_of_whom_nothing_was_heard_lately_is_quiet() -> None:
    def seen(ago: int, respondent: str = "Jane@acme.com") -> Signal:
        return Signal("acme", "nps", NOW - timedelta(days=ago), Decimal(9), respondent)

    heard = quiet([JANE], [seen(90), seen(61)], NOW)
    assert heard
    assert heard.at == NOW - timedelta(days=61)
    assert quiet([JANE], [seen(90), seen(60)], NOW) is None
    assert quiet([JANE], [seen(90, "tom@acme.com")], NOW) is None
    assert quiet([Contact("Jane", "jane@acme.com")], [seen(90)], NOW) is None
    assert quiet([], [], NOW) is None


def test_more_than_the_form_can_show_again_is_refused() -> None:
    """What the form shows cut would be lost with the next save; spaces are added between the parts."""
    line = ",".join(("x" * 75, "y" * 75))
    assert isinstance(parse("\n".join([line] * 19)), list)
    assert "more than the 3,000 letters" in str(parse("\n".join([line] * 20)))
