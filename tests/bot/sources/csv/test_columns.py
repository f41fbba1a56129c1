"""The registry: each column's errors, and the page that documents it."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ImportRejected
from bot.sources.csv import cells, read
from bot.sources.csv.cells import Kind
from bot.sources.csv.columns import FILES, INPUTS, Column, File

PAGE = Path(__file__).parents[4] / "docs" / "csv.md"
AMOUNTS = ("4,90", "$4.90", "1e3", "NaN", "1_000", "٣", "1234567890123456")
TIMES = ("31.12.2026", "2026-02-30", "2026-01-31T09:00:00", "2026-01-31T25:00:00Z", "1026-01-01", "20260101")
BAD: dict[Kind, tuple[str, ...]] = {
    cells.ID: ("x" * 256,),
    cells.TEXT: ("x" * 10_001,),
    cells.EMAIL: ("ann", "ann@", "a b@example.com"),
    cells.CURRENCY: ("us", "usdt", "€", "u5d"),
    cells.COUNTRY: ("Finland", "F1"),
    cells.MONEY: AMOUNTS,
    cells.MONEY_FROM_ZERO: (*AMOUNTS, "-1"),
    cells.UNIT_PRICE: (*AMOUNTS, "-1", "0.1234567890123"),
    cells.PERCENT: ("20%", "101", "-1"),
    cells.QUANTITY: ("1.5", "-1", "many"),
    cells.COUNT: ("0", "1.5"),
    cells.NUMBER_SIGNED: ("1,5",),
    cells.MONTH: ("0", "13"),
    cells.YEAR: ("26",),
    cells.RATE: ("0", "-1", "1,1"),
    cells.DAY: ("31.12.2026", "2026-02-30", "2026-01-31T09:00:00Z"),
    cells.INSTANT: TIMES,
    cells.BOOLEAN: ("yes", "1"),
    cells.NAMES: ("x" * 10_001,),
}
WRONG_WORD = ("nonsense",)


def bad_cells() -> Iterator[tuple[File, Column, str]]:
    for file in FILES:
        for column in file.columns:
            for text in BAD.get(column.kind, WRONG_WORD):
                yield file, column, text


def with_cell(example: Path, to: Path, file: File, column: Column, text: str) -> Path:
    """The example folder with one cell changed in the first row of a file, its column added where it is absent."""
    shutil.copytree(example, to, dirs_exist_ok=True)
    with (to / file.name).open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    names = list(rows[0]) + ([] if column.name in rows[0] else [column.name])
    with (to / file.name).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names, restval="")
        writer.writeheader()
        writer.writerows([{**rows[0], column.name: text}, *rows[1:]])
    return to


def rejected(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ImportRejected) as error:
        read(folder, zone=ZoneInfo("UTC"))
    return error.value.problems


@pytest.mark.parametrize(
    ("file", "column", "text"),
    [pytest.param(*case, id=f"{case[0].name}-{case[1].name}-{case[2][:12]}") for case in bad_cells()],
)
def test_bad_cell_is_named_by_file_line_and_column(
    example: Path, tmp_path: Path, file: File, column: Column, text: str
) -> None:
    told = rejected(with_cell(example, tmp_path, file, column, text))

    assert any(problem.startswith(f"{file.name} line 2, column {column.name}: ") for problem in told), told
    assert all("\n" not in problem and len(problem) < 300 for problem in told)


@pytest.mark.parametrize(
    ("file", "column"),
    [
        pytest.param(file, column, id=f"{file.name}-{column.name}")
        for file in FILES
        for column in file.columns
        if column.required
    ],
)
def test_empty_required_cell_is_named(example: Path, tmp_path: Path, file: File, column: Column) -> None:
    told = rejected(with_cell(example, tmp_path, file, column, ""))

    assert f"{file.name} line 2, column {column.name}: is empty; it is required" in told


@pytest.mark.parametrize(
    ("file", "column"),
    [
        pytest.param(file, column, id=f"{file.name}-{column.name}")
        for file in FILES
        for column in file.columns
        if column.refers
    ],
)
def test_reference_to_nothing_is_named(example: Path, tmp_path: Path, file: File, column: Column) -> None:
    told = rejected(with_cell(example, tmp_path, file, column, "nowhere"))

    line = f'{file.name} line 2, column {column.name}: "nowhere" is not in {column.refers}; add it there or mend the id'
    assert line in told


@pytest.mark.parametrize(
    ("file", "earlier", "later"),
    [pytest.param(file, *pair, id=f"{file.name}-{'-'.join(pair)}") for file in FILES for pair in file.order],
)
def test_dates_that_run_backwards_are_named(
    example: Path, tmp_path: Path, file: File, earlier: str, later: str
) -> None:
    with_cell(example, tmp_path, file, file.column(earlier), "2026-06-02")
    told = rejected(with_cell(tmp_path, tmp_path / "changed", file, file.column(later), "2026-06-01"))

    assert f"{file.name} line 2, column {later}: is before {earlier}; swap or mend them" in told


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("4,90", '"4,90" is not a number; write 4.90'),
        ("$1,234.56", '"$1,234.56" is not a number; write 1234.56'),
        ("1.234,56 €", '"1.234,56 €" is not a number; write 1234.56'),
        ("1,234", '"1,234" is not a number; write plain digits, like 1234.50'),
        ("-4,90", '"-4,90" is not a number; write -4.90'),
        (
            "9999999999999999",
            '"9999999999999999" has more than 15 digits before the point; write a smaller number',
        ),
    ],
)
def test_number_written_otherwise_is_answered_with_how_to_write_it(text: str, advice: str) -> None:
    with pytest.raises(ValueError) as error:
        cells.decimal(text)

    assert advice == str(error.value)


@pytest.mark.parametrize("file", [*FILES, *INPUTS], ids=lambda file: file.name)
def test_page_documents_every_column(file: File) -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert f"### {file.name}\n\n{file.meaning}\n\n{file.table()}\n" in page


def test_keys_and_orders_name_columns_of_their_file() -> None:
    for file in (*FILES, *INPUTS):
        names = [column.name for column in file.columns]
        assert len(names) == len(set(names))
        assert set(names) >= {*file.key, *(name for pair in file.order for name in pair)}


@pytest.mark.parametrize("text", ["1899-12-31", "2200-01-01", "9999-12-31"])
def test_day_that_is_too_far_away_is_told_so(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" is out of range; write a day of the years 1900 to 2199'):
        cells.day(text)
