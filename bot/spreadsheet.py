"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = tuple("=+-@\t\r\n")  # a spreadsheet takes a cell that begins so for a formula

Cell = int | str | None


def as_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A head line and rows, each line ended by a line feed; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value).replace("\r", " ") for value in row])  # csv leaves it unquoted
    return out.getvalue()


def _cell(value: Cell) -> str:
    """A cell; text that a spreadsheet would run, also behind spaces, begins with an apostrophe."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{value}" if value.lstrip(" \u00a0").startswith(FORMULA) and not _is_number(value) else value


def _is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdecimal() and value.isascii()
