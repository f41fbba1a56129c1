"""The builders: foreign text is inert, and whatever they make fits Slack's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import blocks
from bot.playground.slack.validate import check_message_blocks


@pytest.mark.parametrize(
    ("name", "inert"),
    [
        ("R&D <Ltd>", "R&amp;D &lt;Ltd&gt;"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("*Big*", "∗Big∗"),
        ("a\nb\u202ec", "a b c"),
        ("חברה", "\u2068חברה\u2069"),
        ("Nordlys ApS", "Nordlys ApS"),
        ("ann_b.c+d@we.example", "ann_b.c+d@we.example"),
        ("(cus_9aF_x)", "(cus_9aF_x)"),
        ("see https://x.example:80/a_b?c=d&e=1.", "see https://x.example:80/a_b?c=d&amp;e=1."),
        ("_a_@b.example", "ˍaˍ@\u2060b.example"),
        ("_cus_1_", "ˍcus_1ˍ"),
        ("https://x.example/_a_", "https:\u2060//x.example/ˍaˍ"),
        ("a@here", "a@\u2060here"),
        (":fire_x:", ":\u2060fire_x:\u2060"),
    ],
)
def test_names_are_escaped(name: str, inert: str) -> None:
    assert inert == blocks.escape(name)


def test_text_never_links_what_only_looks_like_a_link() -> None:
    section, context, fields = blocks.section("acme.com"), blocks.context("acme.com"), blocks.fields(["acme.com"])

    assert section["text"]["verbatim"]
    assert context["elements"][0]["verbatim"]
    assert fields["fields"][0]["verbatim"]


def test_long_lists_of_lines_are_cut_between_lines() -> None:
    assert blocks.cut_lines(["one", "two"], 7) == "one\ntwo"
    assert blocks.cut_lines(["one", "two"], 6) == "one\n…"
    assert blocks.cut_lines(["onetwo"], 4) == "on\n…"


@given(st.lists(st.tuples(st.text(max_size=300), st.text(max_size=300)), min_size=1, max_size=4), st.integers(1, 60))
def test_a_table_of_any_size_is_taken(rows: list[tuple[str, str]], times: int) -> None:
    table = blocks.table(rows * times, numeric=[1])

    assert check_message_blocks([table]) == []
