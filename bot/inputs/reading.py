"""signals.csv, spend.csv and targets.csv, checked row by row.

Wrong rows of signals are left out and the others count: one customer who is gone must not stop all answers. Spend and
targets are lists that people keep, each taken whole or not at all.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.errors import ImportRejected
from bot.inputs import names, rules
from bot.inputs.rules import Terms
from bot.sources.csv.columns import FILES, INPUTS, SIGNALS, SPEND, TARGETS, File
from bot.sources.csv.problems import CHANGED, Problems
from bot.sources.csv.reading import fingerprint
from bot.sources.csv.rows import Folder, Row
from storage.inputs import Signal, Spend, Target

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """What the files say; `spend` and `targets` are None where their file is wrong and what is kept stays."""

    signals: Sequence[Signal]
    spend: Sequence[Spend] | None
    targets: Sequence[Target] | None
    counts: Mapping[str, int]
    problems: Problems

    @property
    def left_out(self) -> list[str]:
        """What of the files does not count, in words."""
        wrong = [file.name for file in INPUTS if self.problems.by_file[file.name]]
        named = [
            f"{self.counts.get(name, 0) - len(self.signals):,} of {self.counts.get(name, 0):,} rows of {name}"
            if name == SIGNALS.name and self.signals
            else f"all of {name}"
            for name in wrong
        ]
        return named + [name for name in self.problems.by_file if name not in wrong]


def read(
    path: Path, terms: Terms, accounts: Collection[str], dimensions: tuple[Mapping[str, str], Sequence[str]]
) -> Told:
    """All three files, where they are there; `accounts` are the ids that billing knows.

    `dimensions` are the names by which segments may be named, and the keys of the accounts' tags.

    Raises SourceRefused or ImportRejected when the folder cannot be read.
    """
    before = fingerprint(path, INPUTS)
    problems = Problems()
    folder = Folder(path, terms.zone, problems, INPUTS, guest=is_billing(path))
    signals = list(_built(folder, SIGNALS, lambda row: _signal(row, terms, accounts)))
    spend = _spend(folder, terms)
    targets = list(_built(folder, TARGETS, lambda row: _target(row, terms, dimensions)))
    if fingerprint(path, INPUTS) != before:
        raise ImportRejected([CHANGED])
    broken = problems.by_file
    return Told(
        signals,
        None if broken[SPEND.name] else spend,
        None if broken[TARGETS.name] else targets,
        folder.counts,
        problems,
    )


def is_billing(path: Path) -> bool:
    """Whether a folder holds billing data too."""
    return any((path / file.name).exists() for file in FILES)


def _built(folder: Folder, file: File, build: Callable[[Row], T | None]) -> Iterator[T]:
    for row in folder.rows(file):
        made = build(row)
        if made is not None:
            yield made


class _Cells:
    """The values of one row by the rules; what is against them is told, and spoils the row."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.sound = True

    def take(self, column: str, value: Callable[[], T]) -> T | None:
        try:
            return value()
        except ValueError as error:
            self._row.reject(str(error), column)
            self.sound = False
            return None


def _signal(row: Row, terms: Terms, accounts: Collection[str]) -> Signal | None:
    taken = _Cells(row)
    account = taken.take("account_id", lambda: rules.account_of(row["account_id"], accounts))
    at = taken.take("at", lambda: rules.observed(row["at"], terms.now))
    name = taken.take("name", lambda: names.name_of(row["name"]))
    value = taken.take("value", lambda: names.value_of(name, row["value"], terms.today)) if name else None
    if account is None or at is None or name is None or value is None:
        return None
    return Signal(account, name, at, value, row["respondent"] or "")


def _spend(folder: Folder, terms: Terms) -> list[Spend]:
    seen: defaultdict[tuple[str, str], list[tuple[Spend, int]]] = defaultdict(list)

    def build(row: Row) -> Spend | None:
        taken = _Cells(row)
        start, end = row["period"]
        taken.take("period", lambda: rules.begun(start, terms.today))
        currency = taken.take("currency", lambda: rules.known_currency(row["currency"]))
        amount = taken.take("amount", lambda: rules.minor_units(row["amount"], currency)) if currency else None
        if not taken.sound or amount is None or currency is None:
            return None
        made = Spend(row["kind"], start, end, amount, currency, row["note"] or "")
        same = seen[made.kind, made.note]
        if other := rules.overlapping(made, (one for one, _ in same)):
            line = next(line for one, line in same if one is other)
            row.reject(f"overlaps that of line {line}; keep one, or give one of them a note of its own", "period")
            return None
        same.append((made, row.line))
        return made

    return list(_built(folder, SPEND, build))


def _target(row: Row, terms: Terms, dimensions: tuple[Mapping[str, str], Sequence[str]]) -> Target | None:
    taken = _Cells(row)
    metric = taken.take("metric", lambda: rules.metric_of(row["metric"]))
    currency = row["currency"] or terms.currency
    taken.take("currency", lambda: rules.known_currency(currency))
    if metric is None or not taken.sound:
        return None
    made = taken.take("value", lambda: rules.target_of(metric, row["value"], currency))
    segment = taken.take("segment", lambda: rules.segment_in(row["segment"] or "", dimensions))
    return None if made is None or segment is None else Target(metric.id, row["month"], *made, segment=segment)
