"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# Where a spreadsheet takes a cell for a formula, in letters of any width; some divide a line at semicolons as well.
FORMULA = re.compile(r"(^|;)(?=[\s\u200b\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
BREAKS = re.compile("[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")  # each begins a line or a cell somewhere
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # these would show the rest of the line backwards

Cell = int | str | None


def as_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A head line and rows, each of them one line that ends with a line feed; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: Cell) -> str:
    """A cell; what a spreadsheet would run in it, also behind spaces, begins with an apostrophe."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = TURNS.sub("", BREAKS.sub(" ", value))
    return text if _is_number(text) else FORMULA.sub(r"\1'", text)


def _is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdecimal() and value.isascii()
