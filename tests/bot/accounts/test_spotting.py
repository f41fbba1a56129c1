"""Accounts are found in what colleagues write, by whole names only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.index import Index
from bot.accounts.spotting import MOST, spotted
from storage.accounts.names import Entry
from tests.bot.messages.hostile import texts

INDEX = Index(
    [
        Entry("a", "Acme Robotics, Inc.", "jane@acme.com"),
        Entry("b", "Will", "w@will.example"),
        Entry("c", "さくら商事", None),
        Entry("d", "The Very Long Name of One", None),
        Entry("cus_9", "Notion", None),
    ]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acme robotics paid", ["a"]),
        ("ACME ROBOTICS INC.", ["a"]),
        ("Robotics of Acme", []),
        ("they will pay", []),
        ("Will pays", ["b"]),
        ("さくら商事 wrote", ["c"]),
        ("so The Very Long Name of One, then Notion", ["d", "cus_9"]),
        ("look at cus_9", ["cus_9"]),
        ("<mailto:jane@acme.com|jane@acme.com>", ["a"]),
        ("", []),
    ],
)
def test_whole_names_addresses_and_ids_are_found(text: str, found: list[str]) -> None:
    assert spotted(INDEX, text) == found


@given(texts | st.text(max_size=3000))
def test_any_text_can_be_read(text: str) -> None:
    assert len(spotted(INDEX, text)) <= MOST
