"""CSV of what anybody may have typed: a row is one line, and no cell is run."""

import csv
import io
import string

from hypothesis import given
from hypothesis import strategies as st

from bot.messages.exports import as_messages
from bot.spreadsheet import as_csv

TRICKS = st.sampled_from("=+-@\t\r\n\v\f\x85\u2028\u2029\u202e\u3000\u200b\uff1d;\",' ")
RUN = ("=", "+", "-", "@", "\uff1d")
TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), TRICKS))


@given(st.lists(st.tuples(TEXTS, TEXTS, st.integers()), max_size=5))
def test_each_row_is_one_line_and_no_cell_begins_as_a_formula(rows: list[tuple[str, str, int]]) -> None:
    made = as_csv(("a", "b", "c"), rows)

    assert len(made.splitlines()) == made.count("\n") == len(rows) + 1
    read = list(csv.reader(io.StringIO(made)))[1:]
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        assert cells[2] == str(row[2])
        for cell in cells[:2]:
            number = cell.removeprefix("-").replace(".", "", 1)
            runs = [one for one in cell.split(";") if one.strip(f"{string.whitespace}\u3000\u200b").startswith(RUN)]
            assert not runs or (number.isascii() and number.isdecimal())
            assert not {"\t", "\u202e"} & set(cell)


def test_what_is_pasted_is_divided_nowhere_but_at_its_commas() -> None:
    """A pasted line is divided at tabs, and where commas are decimal points at semicolons."""
    cells = ("SSO; =cmd|x", "a\t=1+1", "\u202e5.00", "\uff1dcmd|x", "\u3000+1", "-5", "a; b", "x@y.z; Jo")
    assert as_csv(("a",), [[cell] for cell in cells]).splitlines() == [
        *("a", "SSO;' =cmd|x", "a =1+1", "5.00", "'\uff1dcmd|x", "'\u3000+1", "-5", "a; b", "x@y.z; Jo"),
    ]


def test_a_row_that_fits_into_no_message_is_said() -> None:
    (shown, said) = as_messages("Names", as_csv(("name",), [["x" * 40_000], ["Acme"]]), "Shorten it.")
    assert shown.blocks[1]["elements"][0]["elements"][0]["text"] == "name\nAcme"
    assert said.text == "1 more row does not fit into a message. Shorten it."


def test_a_name_of_several_lines_stays_in_its_row() -> None:
    (message,) = as_messages("Names", as_csv(("name",), [["Acme\u2028=1+1"], ["Globex\n=2"]]), "")

    assert message.text == "Names: 2 rows."
    assert "Acme =1+1\nGlobex =2" in str(message.blocks[1]["elements"][0]["elements"][0]["text"])
