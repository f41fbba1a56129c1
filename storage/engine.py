"""One door to the database: short units of work, on SQLite or PostgreSQL.

Query functions are plain and synchronous, and run in a thread; so nothing can be awaited, and nothing posted,
while a transaction is open.
"""

import asyncio
import fcntl
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TextIO, TypeVar

from sqlalchemy import Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 15  # seconds, for others who write to the same file
TURN = 30  # seconds, for others of this process
CACHE = 64  # MiB
ON_POSTGRESQL = (  # whatever the server or the role say otherwise
    "statement_timeout=600000",
    "idle_in_transaction_session_timeout=60000",
    "timezone=UTC",
    "datestyle=ISO",
)


class DatabaseHeldError(Exception):
    """Another process runs on this SQLite file."""


class Database:
    """Units of work over one database.

    `read` and `write` run a query function in a thread, in a transaction of its own; writes on SQLite take the
    write lock at once, since a read that turns into a write there fails under load. `name` is that of this process, by
    which PostgreSQL tells who is connected; `cache` how many MiB of a SQLite file each connection keeps at hand.
    """

    def __init__(self, url: str, *, application: str = "kahvi", cache: int = CACHE) -> None:
        self.url = normalised(url)
        self.name = f"{application}/{socket.gethostname()}:{os.getpid()}"[:63]  # PostgreSQL cuts there
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer, self._reader = (_sqlite(self.url, writer=one, cache=cache) for one in (True, False))
        else:
            self._writer, self._reader = _postgresql(self.url, self.name), _postgresql(self.url, self.name)
        self._turn = threading.RLock()  # of who writes on SQLite: at the close, the pool forgets those who wait in it
        self._held: TextIO | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with (
            self._in_turn() if self.is_sqlite else nullcontext(),
            Session(self._writer, expire_on_commit=False, autoflush=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=TURN):
            raise exc.TimeoutError(f"others have written for {TURN} s")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database and cannot write."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            if not self.is_sqlite:
                session.connection(
                    execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                )
            yield session

    async def write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def unit() -> T:
            with self.writing() as session:
                return work(session, *args, **kwargs)

        return await asyncio.to_thread(unit)

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def unit() -> T:
            with self.reading() as session:
                return work(session, *args, **kwargs)

        return await asyncio.to_thread(unit)

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer

    def hold(self) -> None:
        """Be the only running bot on this SQLite file until closed; commands of the admin may still come in."""
        if not self.is_sqlite or not self.url.database:
            return
        file = Path(self.url.database).resolve()  # by whatever name or link it is reached
        lock = Path(f"{file}.lock").open("w")  # noqa: SIM115 - held for life
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise DatabaseHeldError(self.url.database) from None
        self._held = lock

    def scrub(self) -> bool:
        """Leave no byte of what was deleted in the database's own files; False where others or a full disk prevent it.

        The log of SQLite is emptied as well. Logs and backups of a PostgreSQL server are its administrator's.
        """
        with self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("vacuum full")
                return True
            driver: Any = connection.connection.driver_connection
            driver.rollback()  # a vacuum stands alone
            driver.execute("pragma secure_delete=on")
            try:
                driver.execute("vacuum")
                busy, *_ = driver.execute("pragma wal_checkpoint(truncate)").fetchone()
            except sqlite3.OperationalError:
                return False
            finally:
                driver.execute("pragma secure_delete=fast")
            return not busy

    def close(self) -> None:
        """Close all connections; one that a thread still works with is closed once its unit of work ends."""
        for engine in (self._writer, self._reader):
            event.listen(engine, "checkin", _end)
        self._reader.dispose()
        if self._turn.acquire(blocking=False):
            self._writer.dispose()
            self._turn.release()
        if self._held:
            self._held.close()
            self._held = None


def _end(_connection: Any, record: Any) -> None:
    record.invalidate()


def normalised(url: str) -> URL:
    """The URL with Kahvi's drivers: sqlite3 and psycopg 3."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _sqlite(url: URL, *, writer: bool, cache: int) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # One writing connection: threads queue for it instead of polling for SQLite's lock.
    engine = create_engine(
        url,
        pool_size=1 if writer else 4,
        max_overflow=0,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

    @event.listens_for(engine, "connect")
    def recipe(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"pragma busy_timeout={1000 * PATIENCE}")
        _write_ahead(connection)
        for pragma in (
            "synchronous=full",  # an acknowledged note survives a power cut
            "foreign_keys=on",
            "trusted_schema=off",
            f"cache_size=-{1024 * cache}",
            "secure_delete=fast" if writer else "query_only=on",
        ):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _write_ahead(connection: Any) -> None:
    """Have the file written ahead; SQLite does not wait for others who do the same to a new one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _postgresql(url: URL, application: str) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=4,
        connect_args={
            "application_name": application,
            "options": " ".join(f"-c {one}" for one in ON_POSTGRESQL),
            "prepare_threshold": None,  # safe behind a pooler that hands out connections per transaction
        },
    )
