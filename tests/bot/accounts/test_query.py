"""What people type and paste, as look-ups read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.query import LONGEST, parse


@pytest.mark.parametrize(
    ("typed", "text", "ids", "domain"),
    [
        ("  Acme\u00a0 Robotics ", "acme robotics", ("Acme Robotics",), None),
        ("“Acme”", "acme", ("Acme",), None),
        ("O’Neill", "o'neill", ("O'Neill",), None),
        ("ÅNGSTRÖM", "angstrom", ("ÅNGSTRÖM",), None),
        ("<mailto:jane@acme.com|jane@acme.com>", "jane@acme.com", ("jane@acme.com",), "acme.com"),
        ("<http://acme.com|acme.com>", "acme.com", ("acme.com",), "acme.com"),
        ("&lt;http://acme.com|acme.com&gt;", "acme.com", ("acme.com",), "acme.com"),
        ("<https://www.acme.com>", "acme.com", (), "acme.com"),
        ("https://pay.example/test/customers/cus_1", "pay.example", ("cus_1", "customers", "test"), "pay.example"),
        ("<@U123|ann>", "ann", ("ann",), None),
        ("AT&amp;T", "at&t", ("AT&T",), None),
        ("cus_ABC", "cus_abc", ("cus_ABC",), None),
        ("\u202eevil\u200b", "evil", ("evil",), None),
        ("https://[", "", (), None),
        ("   ", "", (), None),
    ],
)
def test_what_is_typed(typed: str, text: str, ids: tuple[str, ...], domain: str | None) -> None:
    query = parse(typed)

    assert (query.text, tuple(one for one in query.ids if one), query.domain) == (text, ids, domain)


@given(st.text(max_size=400))
def test_anything_can_be_typed(typed: str) -> None:
    assert len(parse(typed).shown) <= LONGEST


@pytest.mark.parametrize(
    ("typed", "shown", "person"),
    [
        ("<@U123ABC|ann>", "ann", "U123ABC"),
        ("<@W9|ann> note called", "ann note called", "W9"),
        ("<@U1>", "U1", "U1"),
        ("@ann", "@ann", None),
        ("<#C1|general>", "general", None),
    ],
)
def test_who_is_mentioned(typed: str, shown: str, person: str | None) -> None:
    query = parse(typed)

    assert (query.shown, query.person) == (shown, person)
