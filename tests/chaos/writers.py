"""R10: several write at once, and nobody's change is lost: revisions, notes, the record, where a read stands."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from storage import audit, exit_interviews, outbox, syncs
from storage.engine import Database
from storage.exit_interviews import Entry, Said
from tests.chaos.harness import ROOT, Result, fork, lines_of, opened, postgres, sqlite
from tests.chaos.replica import quiet

WRITERS, CARDS = 6, 3
SOURCE = "books"
# Each writer notes a field of its own: one that wrote back what it had read would undo the others.
FIELDS: tuple[tuple[str, Callable[[int], Any]], ...] = (
    ("cursor", str),
    ("stage", str),
    ("objects", int),
    ("error", str),
    ("ledger_rules", str),
    ("ledger_day", lambda number: date.fromordinal(700_000 + number)),
)


def run(times: int) -> list[Result]:
    return [on_postgresql(times), on_sqlite(times)]


def on_postgresql(times: int) -> Result:
    began = time.monotonic()
    with postgres() as server:
        _prepare(server.url)
        children = [fork(partial(_alone, server.url, writer, times)) for writer in range(WRITERS)]
        errors = sum(child.wait() != 0 for child in children)
        wrong = _judged(server.url, times)
    return _result("R10 PostgreSQL, 6 processes", times, errors, wrong, began)


def on_sqlite(times: int) -> Result:
    began = time.monotonic()
    with sqlite() as url:
        _prepare(url)
        with _commands(url) as failed:
            child = fork(lambda: asyncio.run(_together(url, times)))
            errors = int(child.wait() != 0)
        wrong = _judged(url, times)
        errors += len(failed)
    return _result("R10 SQLite, 6 tasks beside kahvi import", times, errors, wrong, began)


def _result(name: str, times: int, errors: int, wrong: list[str], began: float) -> Result:
    figure = f"{len(wrong)} lost updates, {errors} errors"
    broken = [*wrong, *([f"{errors} errors"] if errors else [])]
    return Result(name, f"{WRITERS} x {times:,}", figure, broken, time.monotonic() - began)


def _prepare(url: str) -> None:
    with opened(url) as database, database.writing() as session:
        for number in range(CARDS):
            outbox.put(session, f"card{number}", "C1", "card", [], now=datetime.now(UTC))


def _alone(url: str, writer: int, times: int) -> None:
    asyncio.run(_one(url, writer, times))


async def _one(url: str, writer: int, times: int) -> None:
    quiet()
    database = Database(url)
    await _write(database, writer, times)


async def _together(url: str, times: int) -> None:
    quiet()
    database = Database(url)
    await asyncio.gather(*(_write(database, writer, times) for writer in range(WRITERS)))


async def _write(database: Database, writer: int, times: int) -> None:
    for number in range(1, times + 1):
        await database.write(_turn, writer, number)


def _turn(session: Session, writer: int, number: int) -> None:
    now = datetime.now(UTC)
    field, value = FIELDS[writer]
    match number % 4:
        case 0:
            syncs.note(session, SOURCE, **{field: value(number)})
        case 1:
            outbox.revise(session, f"card{number % CARDS}", f"card {writer} {number}", [], now=now)
        case 2:
            entry = Entry(f"{writer}-{number}", "a", None, "U1", now, Said(reason="price"))
            exit_interviews.save(session, entry)
        case _:
            audit.record(session, audit.Entry(now, f"U{writer}", "look", str(number), granted=True))


def _judged(url: str, times: int) -> list[str]:
    """What is not as it must be once all have written."""
    turns = {turn: sum(number % 4 == turn for number in range(1, times + 1)) for turn in range(4)}
    last = max((number for number in range(1, times + 1) if number % 4 == 0), default=0)
    found = {
        "revisions": lines_of(url, "select sum(revision - 1) from outbox where key like 'card%'")[0][0],
        "notes": lines_of(url, "select count(*) from exit_notes where account_id = 'a'")[0][0],
        "records": lines_of(url, "select count(*) from audit where action = 'look'")[0][0],
    }
    expected = {"revisions": turns[1], "notes": turns[2], "records": turns[3]}
    wrong = [
        f"{WRITERS * expected[name] - count} {name} lost"
        for name, count in found.items()
        if count != WRITERS * expected[name]
    ]
    if last:
        with opened(url) as database, database.reading() as session:
            state = syncs.state(session, SOURCE)
        wrong += [f"{field} undone" for field, value in FIELDS if getattr(state, field) != value(last)]
    return wrong


@contextmanager
def _commands(url: str) -> Iterator[list[bytes]]:
    """An administrator imports a folder again and again meanwhile; what those commands complained of."""
    complaints: list[bytes] = []
    stop = fork(lambda: _import_for_ever(url))
    try:
        yield complaints
    finally:
        if os.waitpid(stop.pid, os.WNOHANG)[0]:
            stop.alive = False
            complaints.append(b"an import failed")
        else:
            stop.kill()


def _import_for_ever(url: str) -> None:
    folder = str(ROOT / "docs" / "examples" / "csv")
    given = {**os.environ, "KAHVI_DATABASE_URL": url}
    while True:
        subprocess.run(
            [sys.executable, "-m", "bot", "import", folder], cwd=ROOT, env=given, check=True, capture_output=True
        )
