"""Filters as people type them: read whole, or refused with the word that is wrong."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.filter_words import FilterError
from bot.metrics.filters import Among, Compared, Filter, Measure, parse, written

DIMENSIONS = {"region": "region", "plan": "plan", "country": "country", "owner": "owner", "csm": "owner"}
TAGS = ("tier", "Favourite drink", 'odd:"key')


def read(text: str) -> Filter:
    return parse(text, DIMENSIONS, TAGS)


def test_a_whole_line() -> None:
    typed = (
        "region:EU plan:pro,team mrr>500 -country:US CSM:ann@we.com,bo@we.com since>2025-01"
        ' name:"Acme, Corp" tag.tier:gold'
    )

    assert read(typed) == (
        Among("region", ("EU",)),
        Among("plan", ("pro", "team")),
        Compared(Measure.MRR, ">", Decimal(500)),
        Among("country", ("US",), but=True),
        Among("owner", ("ann@we.com", "bo@we.com")),
        Compared(Measure.SINCE, ">", (date(2025, 1, 1), date(2025, 2, 1))),
        Among("name", ("Acme, Corp",)),
        Among("tag.tier", ("gold",)),
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ()),
        ("mrr>=$1.5k", (Compared(Measure.MRR, ">=", Decimal(1500)),)),
        ("mrr:>500", (Compared(Measure.MRR, ">", Decimal(500)),)),
        ("-tenure<2y", (Compared(Measure.TENURE, "<", 24, but=True),)),
        ("since:2025", (Compared(Measure.SINCE, "=", (date(2025, 1, 1), date(2026, 1, 1))),)),
        ("since<=2024-02-29", (Compared(Measure.SINCE, "<=", (date(2024, 2, 29), date(2024, 3, 1))),)),
        ("region=“Far East”", (Among("region", ("Far East",)),)),
        ("region:EU,EU", (Among("region", ("EU",)),)),
        ('tag."favourite drink":tea', (Among("tag.Favourite drink", ("tea",)),)),
        (r'name:"say \"hi\" \\o/"', (Among("name", ('say "hi" \\o/',)),)),
        ("plan:a:b", (Among("plan", ("a:b",)),)),
    ],
)
def test_what_can_be_typed(typed: str, expected: Filter) -> None:
    assert read(typed) == expected


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("regoin:EU", "“regoin:EU” (character 1 of the filter) begins with a name I do not know; did you mean region?"),
        (
            "region:EU  mood:sad",
            (
                "“mood:sad” (character 12 of the filter) begins with a name I do not know; I know country, owner, plan,"
                " region, mrr, tenure, since, name, tag.key."
            ),
        ),
        (
            "EU",
            "“EU” (character 1 of the filter) is no condition: write a name and a value, such as region:EU or mrr>500.",
        ),
        (
            "plan:shore freight",
            (
                "“freight” (character 12 of the filter) is no condition: write a name and a value, such as region:EU or"
                ' mrr>500, and quotes around words that belong together, as in name:"Acme Corp".'
            ),
        ),
        (
            "region>EU",
            "“region>EU” (character 1 of the filter) compares what has no size: > goes with mrr, tenure, since.",
        ),
        (
            "plan:pro,",
            (
                "“plan:pro,” (character 1 of the filter) lacks a value: write one behind the colon, with commas between"
                " several."
            ),
        ),
        ("mrr>lots", "“mrr>lots” (character 1 of the filter) needs an amount in whole units such as 500 or 1.5k."),
        (
            "tenure>long",
            "“tenure>long” (character 1 of the filter) needs a number of months such as 12, or years such as 2y.",
        ),
        (
            "since>2025-13",
            (
                "“since>2025-13” (character 1 of the filter) needs a year, month or day such as 2025, 2025-03 or"
                " 2025-03-31."
            ),
        ),
        (
            "tag.teir:gold",
            "“tag.teir:gold” (character 1 of the filter) names a tag I do not know; did you mean tag.tier?",
        ),
        ('region:EU name:"Acme', "The quotation mark at character 16 is never closed."),
    ],
)
def test_an_error_points_at_the_wrong_word(typed: str, sentence: str) -> None:
    with pytest.raises(FilterError) as error:
        read(typed)

    assert str(error.value) == sentence
    assert typed[error.value.at - 1] in 'rmERptsf"' + typed[:1]


def test_a_long_word_is_cut_in_the_error() -> None:
    with pytest.raises(FilterError, match=r"x…” \(character 1 "):
        read("x" * 900)
    with pytest.raises(FilterError, match="longer than 1000 characters"):
        read("x" * 1001)
    with pytest.raises(FilterError, match="More than 20 conditions"):
        read("region:EU " * 21)
    with pytest.raises(FilterError, match="more than 20 values"):
        read("region:" + ",".join(map(str, range(21))))


PIECES = st.sampled_from(
    [
        "region",
        "plan",
        "tag.",
        "tier",
        "mrr",
        "since",
        "tenure",
        "name",
        ":",
        ">",
        ">=",
        "<",
        "=",
        "-",
        ",",
        '"',
        "\\",
        " ",
        "“",
        "500",
        "2025-01",
        "EU",
        "ß",
        "\x00",
    ]
)
TYPED = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join))


@given(TYPED)
def test_whatever_is_typed_is_read_or_refused_and_what_is_read_can_be_written(typed: str) -> None:
    found = outcome(typed)
    if isinstance(found, FilterError):
        assert 1 <= found.at <= len(typed)
    else:
        assert read(written(found)) == found


def outcome(typed: str) -> Filter | FilterError:
    try:
        return read(typed)
    except FilterError as error:
        return error


VALUES = (
    st.text(min_size=1, max_size=20)
    .map(lambda text: text.translate({ord(c): "" for c in "“”„‟″«»"}).strip())
    .filter(bool)
)
CONDITIONS = st.one_of(
    st.builds(
        Among,
        st.sampled_from(("region", "plan", "name", "tag.tier", "tag.Favourite drink", 'tag.odd:"key')),
        st.lists(VALUES, min_size=1, max_size=3, unique=True).map(tuple),
        st.booleans(),
    ),
    st.builds(
        Compared,
        st.just(Measure.MRR),
        st.sampled_from((">", ">=", "<", "<=", "=")),
        st.decimals(0, 10**9, places=2),
        st.booleans(),
    ),
)


@given(st.lists(CONDITIONS, max_size=5).map(tuple))
def test_every_filter_can_be_written_and_read(found: Filter) -> None:
    assert read(written(found)) == found
