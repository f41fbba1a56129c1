"""The table and data_table blocks. Cells must not be empty; Slack refuses an empty one, so apps send a dash."""

from typing import Any

from bot.playground.slack.validate.objects import ID
from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.rich_text import MOST_ELEMENTS, PARTS, not_blank, rich_text_length
from bot.playground.slack.validate.spec import (
    Bool,
    ByType,
    ListOf,
    Nullable,
    Num,
    Obj,
    OneOf,
    Problems,
    Spec,
    Str,
)

MOST_CHARACTERS = 10_000
COLUMNS = 20

_CELL_TEXT = Obj({"text": Str(MOST_CHARACTERS)})
_CELL_RICH = Obj({"elements": ListOf(ByType(PARTS), MOST_ELEMENTS)}, {"block_id": ID}, (not_blank,))
_CELL_NUMBER = Obj({"value": Num()}, {"text": Str(255)})
_TABLE_CELLS: dict[str, Spec] = {"raw_text": _CELL_TEXT, "rich_text": _CELL_RICH}
_DATA_CELLS: dict[str, Spec] = {**_TABLE_CELLS, "raw_number": _CELL_NUMBER}


def cell_characters(block: dict[str, Any]) -> int:
    """Characters in all cells of one table, of rows already known to be lists of objects."""
    return sum(_cell_length(cell) for row in block["rows"] for cell in row)


def _cell_length(cell: dict[str, Any]) -> int:
    if cell["type"] == "raw_number":
        return len(str(cell.get("text", cell["value"])))
    return rich_text_length(cell)


def _equal_rows(block: dict[str, Any], path: Path) -> Problems:
    for number, row in enumerate(block["rows"]):
        if len(row) != len(block["rows"][0]):
            yield Problem((*path, "rows", number), "must have as many cells as the first row")


def _plain_header(block: dict[str, Any], path: Path) -> Problems:
    for number, cell in enumerate(block["rows"][0]):
        if cell["type"] == "rich_text":
            yield Problem((*path, "rows", 0, number, "type"), "rich_text is not allowed in the header")


_COLUMN = Obj({}, {"align": OneOf(("left", "center", "right")), "is_wrapped": Bool()})
TABLE = Obj(
    {"rows": ListOf(ListOf(ByType(_TABLE_CELLS), COLUMNS), 100)},
    {"block_id": ID, "column_settings": ListOf(Nullable(_COLUMN), COLUMNS)},
)
DATA_TABLE = Obj(
    {"caption": Str(2000), "rows": ListOf(ListOf(ByType(_DATA_CELLS), COLUMNS), 101, least=2)},
    {
        "block_id": ID,
        "page_size": Num(1, 100, whole=True),
        "row_header_column_index": Num(0, COLUMNS - 1, whole=True),
    },
    (_equal_rows, _plain_header),
)
