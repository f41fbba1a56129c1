"""CSV of what anybody may have typed: a row is one line, and no cell is run."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from bot.messages.exports import as_messages
from bot.spreadsheet import as_csv

TRICKS = st.sampled_from("=+-@\t\r\n\v\f\x85\u2028\u2029\",' ")
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
            assert not cell.lstrip().startswith(("=", "+", "-", "@")) or (number.isascii() and number.isdecimal())


def test_a_name_of_several_lines_stays_in_its_row() -> None:
    (message,) = as_messages("Names", as_csv(("name",), [["Acme\u2028=1+1"], ["Globex\n=2"]]), "")

    assert message.text == "Names: 2 rows."
    assert "Acme =1+1\nGlobex =2" in str(message.blocks[1]["elements"][0]["elements"][0]["text"])
