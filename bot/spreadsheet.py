"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

FORMULA = tuple("=+-@\t")  # a spreadsheet takes a cell that begins so for a formula
BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")  # each begins a line somewhere

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
    """A cell; text that a spreadsheet would run, also behind spaces, begins with an apostrophe."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = BREAKS.sub(" ", value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) and not _is_number(text) else text


def _is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdecimal() and value.isascii()
