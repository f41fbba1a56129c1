"""Taking time, and telling it: a figure beside its floor, measured in the same run."""

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from storage.engine import Database

Statement = tuple[str, Any]
ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
HEADINGS = ("", "figure", "floor", "", "ratio", "bound", "met")
LEFT = (True, False, False, True, False, False, True)  # which columns begin at their left


def _amount(whole: int, what: str) -> int:
    found: int = field(default=whole, metadata={"help": what})
    return found


@dataclass(frozen=True, slots=True)
class Size:
    """How much a bench takes on, of which it takes what it needs; this much when it counts."""

    runs: int = _amount(3, "the table shows medians of so many")
    accounts: int = _amount(100_000, "in the database; twice or a quarter of them where Stripe is read")
    months: int = _amount(36, "of movements of each account")
    commands: int = _amount(300, "typed while a first read runs")
    messages: int = _amount(5_000, "posted to the local Slack; taken from one outbox")
    channels: int = _amount(1_000, "whose coffee stats are due at once")
    looks: int = _amount(200, "at the card of an account; searches of each kind")
    shown: int = _amount(500, "messages on the page that is painted")
    warming: int = _amount(4, "rounds that go before those which count, as they warm what a browser keeps")
    starts: int = _amount(7, "of the bot")
    seconds: int = _amount(60, "for which an idle bot is watched")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: `floor` None for an absolute figure; `bound` is of the ratio, or of the figure then."""

    name: str
    figure: float
    unit: str
    floor: float | None = None
    bound: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.figure / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        if self.bound is None:
            return None
        return (self.figure if self.ratio is None else self.ratio) <= self.bound

    def cells(self) -> tuple[str, ...]:
        kept = {True: "yes", False: "NO", None: ""}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        floor = "" if self.floor is None else _figure(self.floor)
        bound = "" if self.bound is None else f"{self.bound:g}"
        return (self.name, _figure(self.figure), floor, self.unit, ratio, bound, kept)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process took, its children not included, and what it said."""

    seconds: float
    cpu: float
    peak_mb: float
    said: str


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(lines: Sequence[Line]) -> str:
    """The lines under their headings, and the notes that say what the floors are."""
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    drawn = ["  ".join(_aligned(*one) for one in zip(row, widths, LEFT, strict=True)).rstrip() for row in rows]
    notes = [f"- {line.name}: {line.note}" for line in lines if line.note]
    return "\n".join([*drawn, "", *notes])


def _aligned(cell: str, width: int, left: bool) -> str:
    return cell.ljust(width) if left else cell.rjust(width)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Ended:
    """Run Python with these arguments to its end; RuntimeError with its complaint when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None  # noqa: PT018 - both are asked for above
        complaint = process.stderr.read()
        said = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(complaint.decode(errors="replace"))
    taken = time.perf_counter() - started
    return Ended(taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MEGABYTE, said)


@contextmanager
def serving(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, log: int | None = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    """A Python process beside this one, ended at the exit; it talks by lines over its pipes, and logs to `log`."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        bufsize=1,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that a process writes."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended early")
    return line.strip()


def ready(process: subprocess.Popen[str], words: str) -> None:
    """Wait until a process logs these words."""
    assert process.stderr is not None
    if not any(words in line for line in process.stderr):
        raise RuntimeError(f"{process.args!r} ended early")


def environment(slack: dict[str, str], stripe: dict[str, str], database: Path) -> dict[str, str]:
    """The settings that lead a bot to the servers of the bench, asking Stripe without pause."""
    return {
        "SLACK_BOT_TOKEN": slack["bot_token"],
        "SLACK_APP_TOKEN": slack["app_token"],
        "KAHVI_SLACK_BASE_URL": slack["url"],
        "STRIPE_API_KEY": stripe["key"],
        "KAHVI_STRIPE_BASE_URL": stripe["url"],
        "KAHVI_STRIPE_PACE": "0",
        "KAHVI_DATABASE_URL": f"sqlite:///{database}",
    }


@contextmanager
def statements_of(database: Database) -> Iterator[list[Statement]]:
    """The queries that are made meanwhile, with their parameters."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: Any) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, parameters))

    engines = (database.engine, database._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def replay(bare: sqlite3.Connection, statements: list[Statement]) -> None:
    """The same by the driver alone, all rows fetched."""
    for statement, parameters in statements:
        bare.execute(statement, parameters).fetchall()
