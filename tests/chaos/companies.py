"""What R5 and R6 share: small companies that live on while Kahvi reads, and whether it ends with what is so."""

import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import make_url
from sqlmodel import SQLModel

from storage.engine import Database
from tests.chaos.harness import fork, sqlite
from tests.chaos.replica import quiet

FACTS = (
    *("accounts", "products", "prices", "subscriptions", "schedules", "items", "discounts", "invoices"),
    *("invoice_lines", "payments", "payment_methods", "refunds", "disputes", "exchange_rates"),
    *("movements", "quarantine"),
)
OURS = ("read_at", "changed_at", "told_at", "since")  # when we read, and found what is wrong, is no fact
WORKERS = 2

Facts = dict[str, list[str]]
Blank = Callable[[], Database]


def facts(database: Database) -> Facts:
    """The rows of each table as text in one order, the same from both engines."""
    found = {}
    with database.reading() as session:
        for name in FACTS:
            table = SQLModel.metadata.tables[name]
            columns = [column for column in table.columns if column.name not in OURS]
            rows: list[Any] = list(session.connection().execute(table.select().with_only_columns(*columns)))
            found[name] = sorted(repr(tuple(row)) for row in rows)
    return found


def different(ours: Facts, theirs: Facts) -> list[str]:
    """A word on the tables that differ, none when none does."""
    tables = [name for name in FACTS if ours[name] != theirs[name]]
    return [f"{', '.join(tables)} differ"] * bool(tables)


Proof = Callable[[int, Blank], Awaitable[tuple[list[str], dict[str, int]]]]


def each(seeds: Sequence[int], proof: Proof) -> tuple[list[str], dict[str, int]]:
    """Run a proof for every seed, several at once: what was wrong, and its counts added up."""
    wrong: list[str] = []
    counts: dict[str, int] = {}
    with sqlite() as url:
        template = Path(str(make_url(url).database))
        pipes = [_worker(list(seeds[number::WORKERS]), template, proof) for number in range(WORKERS)]
        for child, pipe in pipes:
            with os.fdopen(pipe) as told:
                for line in told:
                    found, counted = json.loads(line)
                    wrong += found
                    counts |= {name: counts.get(name, 0) + count for name, count in counted.items()}
            wrong += ["a worker failed"] * bool(child.wait())
    return wrong, counts


def _worker(seeds: list[int], template: Path, proof: Proof) -> tuple[Any, int]:
    reading, writing = os.pipe()
    child = fork(lambda: asyncio.run(_all(seeds, template, proof, writing)))
    os.close(writing)
    return child, reading


async def _all(seeds: list[int], template: Path, proof: Proof, writing: int) -> None:
    quiet()
    for seed in seeds:
        with _blanks(template) as blank:
            found, counts = await proof(seed, blank)
        told = json.dumps([[f"seed {seed}: {one}" for one in found], counts])
        os.write(writing, f"{told}\n".encode())


@contextmanager
def _blanks(template: Path) -> Iterator[Blank]:
    """New databases, without the time that it takes to migrate one."""
    opened: list[Database] = []
    with TemporaryDirectory(prefix="kahvi-chaos-") as folder:

        def blank() -> Database:
            file = Path(folder) / f"{len(opened)}.db"
            shutil.copy(template, file)
            opened.append(Database(f"sqlite:///{file}"))
            return opened[-1]

        try:
            yield blank
        finally:
            for database in opened:
                database.close()
