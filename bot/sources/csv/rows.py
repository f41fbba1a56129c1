"""From the records of a file to checked rows, one at a time; what is wrong goes to `Problems`, never up."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import SourceRefused
from bot.money import exponent, to_minor
from bot.sources.csv.columns import ATTRIBUTE, FILES, KNOWN, REFERRED, Column, File, apart
from bot.sources.csv.problems import Problems, quoted, unreadable
from bot.sources.csv.records import LONGEST_CELL, UnreadableFile, records
from bot.spelling import nearest


@dataclass(frozen=True, slots=True)
class Row:
    """One sound row: values by column (None where the cell is empty or the column absent), attributes by name."""

    file: File
    line: int
    values: Mapping[str, Any]
    attributes: Mapping[str, str]
    problems: Problems

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column)

    def reject(self, reason: str, column: str | None = None) -> None:
        self.problems.add(self.file.name, reason, line=self.line, column=column)

    def minor(self, column: str, currency: str) -> int:
        """Whole minor units of a money cell, 0 where it is empty; too many places are a problem."""
        amount: Decimal | None = self[column]
        try:
            return to_minor(f"{amount or 0:f}", currency)
        except ValueError:
            places = f"{exponent(currency)} decimal places that {currency.upper()} has"
            self.reject(f'"{amount}" has more than the {places}; round it', column)
            return 0


class Folder:
    """Those of the CSV files directly in a folder that are asked for; `counts` says how many rows each had.

    A file that nobody knows is a problem, unless the folder belongs to another reading (`guest`).
    """

    def __init__(
        self, path: Path, zone: ZoneInfo, problems: Problems, files: Sequence[File] = FILES, *, guest: bool = False
    ) -> None:
        self.problems = problems
        self._files = files
        self._guest = guest
        self.counts: dict[str, int] = {}
        self.zone = zone
        self._paths = self._find(path)
        self._keys: dict[str, dict[Any, int]] = {}

    def has(self, file: File) -> bool:
        return file.name in self._paths

    def has_key(self, file: str, key: Any) -> bool:
        """Whether a row has this key; True as well when the file is absent or broken: one fault is told once."""
        return file not in self._keys or key in self._keys[file]

    def rows(self, file: File) -> Iterator[Row]:
        """The sound rows of a file, none when it is not there."""
        if not self.has(file):
            return
        self.counts[file.name] = 0
        try:
            with self._paths[file.name].open("rb") as stream:
                yield from self._checked(file, records(stream, file, self.problems))
        except OSError as error:
            raise unreadable(file.name, error) from error
        except UnreadableFile:
            return

    def _find(self, folder: Path) -> dict[str, Path]:
        found = {}
        for path in entries(folder, apart(self._files)):
            if path.name not in KNOWN:
                if not self._guest:
                    self.problems.add(path.name, _unknown_file(path.name))
            elif path.is_symlink() or not path.is_file():
                self.problems.add(path.name, "is not a plain file; put the file itself here")
            else:
                found[path.name] = path
        for file in self._files:
            if file.required and file.name not in found and not self.problems.by_file[file.name]:
                self.problems.add(file.name, "is missing; it is required")
            if file.name in found and file.needs and file.needs not in found:
                self.problems.add(file.name, f"is of no use without {file.needs}; add that file")
        return found

    def _checked(self, file: File, found: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
        keys: dict[Any, int] = {}
        header = _Header(file, *next(found, (1, [])), self.problems)
        all_known = header.whole
        for line, record in found:
            self.counts[file.name] += 1
            row = self._row(header, line, record)
            all_known = all_known and file.key[0] in row.values
            sound = self._in_order(row) & self._refers(row)
            if header.whole and self._is_first(header, row, keys) and sound and len(row.values) == header.width:
                yield row
        if all_known and file.name in REFERRED:
            self._keys[file.name] = keys

    def _row(self, header: "_Header", line: int, record: list[str]) -> Row:
        """Parses what can be; a bad cell is left out of the values, which is how a bad row is told."""
        row = Row(header.file, line, {}, {}, self.problems)
        values: dict[str, Any] = {}
        attributes = {}
        if len(record) != len(header.names):
            names = len(header.names)
            row.reject(f"number of cells is {len(record)}, the header has {names}; is a comma or quote missing?")
            return row
        for name, text in zip(header.names, record, strict=True):
            if len(text) > LONGEST_CELL:
                row.reject(f"is longer than {LONGEST_CELL:,} characters; shorten it", name)
            elif name.startswith(ATTRIBUTE) and text:
                attributes[name.removeprefix(ATTRIBUTE)] = text
            elif column := header.columns.get(name):
                self._cell(row, column, text, values)
        return Row(header.file, line, values, attributes, self.problems)

    def _cell(self, row: Row, column: Column, text: str, values: dict[str, Any]) -> None:
        if not text:
            if column.required:
                row.reject("is empty; it is required", column.name)
            else:
                values[column.name] = None
            return
        try:
            values[column.name] = column.kind.read(text, self.zone)
        except ValueError as error:
            row.reject(str(error), column.name)

    def _in_order(self, row: Row) -> bool:
        wrong = [(a, b) for a, b in row.file.order if row[a] is not None and row[b] is not None and row[b] < row[a]]
        for earlier, later in wrong:
            row.reject(f"is before {earlier}; swap or mend them", later)
        return not wrong

    def _refers(self, row: Row) -> bool:
        wrong = [
            column
            for column in row.file.columns
            if column.refers and row[column.name] is not None and not self.has_key(column.refers, row[column.name])
        ]
        for column in wrong:
            row.reject(
                f"{quoted(row[column.name])} is not in {column.refers}; add it there or mend the id", column.name
            )
        return not wrong

    def _is_first(self, header: "_Header", row: Row, keys: dict[Any, int]) -> bool:
        if any(name in header.columns and name not in row.values for name in row.file.key):
            return False
        parts = tuple(row[name] for name in row.file.key)
        first = keys.setdefault(parts[0] if len(parts) == 1 else parts, row.line)
        if first != row.line:
            row.reject(f"stands already in line {first}; keep one of the two rows", ", ".join(row.file.key))
        return first == row.line


class _Header:
    """The first record: which known column stands where."""

    def __init__(self, file: File, line: int, names: Sequence[str], problems: Problems) -> None:
        self.file = file
        self.names = names
        self.columns = {column.name: column for column in file.columns if column.name in names}
        self.width = len(self.columns)
        missing = [column.name for column in file.columns if column.required and column.name not in names]
        self.whole = not missing
        if not names:
            problems.add(file.name, "is empty; its first line must name the columns")
            raise UnreadableFile
        if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
            mark = "semicolons" if ";" in names[0] else "tabs"
            problems.add(file.name, f"its cells are split by {mark}; save it with commas", line=line)
            raise UnreadableFile
        for name in missing:
            problems.add(file.name, "is missing; it is required", line=line, column=name)
        for name in {name: None for name in names if names.count(name) > 1}:
            problems.add(file.name, "stands twice in the header; keep one", line=line, column=quoted(name))
        for name in names:
            if name not in self.columns and not name.startswith(ATTRIBUTE):
                problems.add(file.name, self._unknown(name), line=line)

    def _unknown(self, name: str) -> str:
        like = nearest(name, [column.name for column in self.file.columns])
        advice = f"did you mean {like}?" if like else f"leave it out, or call it {ATTRIBUTE}… to keep it as a label"
        return f"column {quoted(name)} is not known; {advice}"


def _unknown_file(name: str) -> str:
    like = nearest(name, sorted(KNOWN))
    return "is not a file Kahvi knows; " + (f"is it {like}?" if like else "remove it")


def entries(folder: Path, others: Collection[str]) -> list[Path]:
    """What lies directly in the folder and is called a CSV file, by name, but for the files of other readings."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise SourceRefused(f"The CSV folder {folder} cannot be read ({error.strerror}); name another.") from error
    return [path for path in found if path.suffix == ".csv" and path.name not in others]
