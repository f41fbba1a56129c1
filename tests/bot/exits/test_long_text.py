"""A long text goes into a form's inputs and comes out of them as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.exits.long_text import LONGEST, PART, PARTS, parts_of, whole


def width(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


PIECES = ["a", "\n", " ", "字", "🙂", "🙂" * 1501, "b" * 700, "c" * 2998, "c" * 2999, "d" * 3000]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_the_parts_make_the_text_again(text: str) -> None:
    parts = parts_of(text)

    assert whole(parts) == text
    assert all(width(part) <= PART for part in parts)


@pytest.mark.parametrize("sign", ["a", "字", "🙂", "\n", "a\n", "🙂b", "b" * 1600 + "\n"])
def test_the_longest_text_fits_the_form(sign: str) -> None:
    text = (sign * LONGEST)[:LONGEST]

    assert len(parts_of(text)) <= PARTS
    assert whole(parts_of(text)) == text


def test_lines_stay_whole_where_they_can() -> None:
    assert parts_of("first\n" + "x" * 2998) == ["first", "x" * 2998]
    assert parts_of("x" * 3001) == ["x" * 3000, "x"]
    assert parts_of("") == [""]


def test_what_is_typed_into_one_part_after_another_is_told_in_lines() -> None:
    assert whole(["one", "", "two"]) == "one\ntwo"
    assert whole(["a" * 3000, "b"]) == "a" * 3000 + "b"
    assert whole(["", ""]) == ""
