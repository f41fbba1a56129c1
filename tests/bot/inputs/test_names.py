"""The registry of signals: what is shown of a value is what may be written, and the page tells every name."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inputs import names

PAGE = Path(__file__).parents[3] / "docs" / "csv.md"


@given(st.sampled_from(sorted(names.KNOWN)), st.data())
def test_a_value_is_shown_as_it_was_written(name: str, data: st.DataObject) -> None:
    kind = names.kind_of(name)
    texts = {
        "true or false": st.sampled_from(["true", "false"]),
        "a day, like 2026-11-02": st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)).map(str),
        "0 to 1": st.integers(0, 10_000).map(lambda part: f"{Decimal(part) / 10_000:f}"),
    }
    text = data.draw(texts.get(kind.words, st.integers(1, 5).map(str)))

    assert kind.read(kind.show(kind.read(text))) == kind.read(text)
    assert kind.show(kind.read(text)) == text


def test_the_page_tells_every_name() -> None:
    assert names.table() in PAGE.read_text(encoding="utf-8")


def test_an_alias_stands_for_one_name_only() -> None:
    aliases = [alias for one in names.KNOWN.values() for alias in one.aliases]

    assert len(aliases) == len({*aliases})
    assert not {*aliases} & names.KNOWN.keys()
    assert all(names.name_of(alias) in names.KNOWN for alias in aliases)


@pytest.mark.parametrize(("name", "near"), [("activ_users", "active_users"), ("csats", "csat"), ("reports", None)])
def test_a_misspelt_name_has_a_suggestion(name: str, near: str | None) -> None:
    assert names.like(name) == near
