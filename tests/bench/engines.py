"""Empty databases on both engines, and each engine's driver alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy import URL

from storage.engine import Database
from tests.postgresql import for_psycopg, server, temporary_database

ENGINES = ("SQLite", "PostgreSQL")
DRIVERS = {"SQLite": "sqlite3", "PostgreSQL": "psycopg"}


@contextmanager
def databases(engine: str, count: int) -> Iterator[list[str]]:
    """The URLs of so many empty databases."""
    with ExitStack() as stack:
        if engine == "SQLite":
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="kahvi-bench-")))
            yield [f"sqlite:///{folder / f'{number}.db'}" for number in range(count)]
        else:
            url = stack.enter_context(server())
            yield [stack.enter_context(temporary_database(url)) for _ in range(count)]


@contextmanager
def driver(url: URL) -> Iterator[Any]:
    """A connection of the driver alone, with as much memory for pages as Kahvi's have."""
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as connection:
            connection.execute("pragma cache_size=-65536")
            yield connection
    else:
        with psycopg.connect(for_psycopg(url.render_as_string(hide_password=False)), autocommit=True) as connected:
            yield connected


def settle(database: Database) -> None:
    """Do what a running database does in time: move what was written from the log into the file; count the rows."""
    with driver(database.url) as connection:
        connection.execute("pragma wal_checkpoint(truncate)" if database.is_sqlite else "vacuum analyze")
