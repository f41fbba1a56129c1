"""A name that is on the list is offered before it is added once more."""

from hypothesis import given
from hypothesis import strategies as st

from bot.exits.naming import suggested
from storage.exit_names import id_of

NAMES = [
    (id_of(name), name) for name in ("100 things", "100%", "API", "Big API", "C#", "C++", "Single Sign-On", "漢字")
]


def offered(typed: str, most: int = 9) -> list[str]:
    return [name for _, name in suggested(NAMES, typed, most)]


def test_names_that_begin_with_it_come_first_then_those_that_hold_it() -> None:
    assert offered("a-pi") == ["API", "Big API"]
    assert offered("100%") == ["100%", "100 things"]
    assert offered("c#") == ["C#"]
    assert offered("漢 字") == ["漢字"]


def test_slips_of_the_pen_are_forgiven() -> None:
    for typed in ("sinlge sign on", "singel signon", "Sign-On Single", "SINGLE  SIGN"):
        assert "Single Sign-On" in offered(typed)
    assert offered("audit log") == []


def test_all_are_offered_when_nothing_is_typed() -> None:
    assert offered(" ") == [name for _, name in NAMES]
    assert offered("", 2) == ["100 things", "100%"]


@given(st.text(max_size=80))
def test_whatever_is_typed_the_name_itself_is_offered(name: str) -> None:
    if name.strip():
        assert (id_of(name), name) in suggested([*NAMES, (id_of(name), name)], name, 20)
