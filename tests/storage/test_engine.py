"""The one door to the database: what it promises about errors, readers and processes."""

import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.engine import Database, DatabaseHeldError
from tests.postgresql import admin


async def test_an_error_never_quotes_what_was_to_be_written(database: Database) -> None:
    def fails(session: Session) -> None:
        session.connection().execute(text("insert into nothing (note) values (:note)"), {"note": "Zebra-4711"})

    with pytest.raises(DBAPIError) as error:
        await database.write(fails)

    assert "Zebra-4711" not in str(error.value)


async def test_a_reader_cannot_write(database: Database) -> None:
    def writes(session: Session) -> None:
        session.connection().execute(text("delete from audit"))

    with pytest.raises(DBAPIError):
        await database.read(writes)


async def test_work_that_fails_leaves_nothing(database: Database) -> None:
    def half(session: Session) -> None:
        session.connection().execute(
            text("insert into products (id, source, name, read_at) values ('p', 's', 'n', '2026-01-01')")
        )
        raise ValueError

    with pytest.raises(ValueError):
        await database.write(half)

    with database.reading() as session:
        assert session.connection().execute(text("select count(*) from products")).scalar() == 0


def test_work_that_outlives_the_close_leaves_no_connection_open(database: Database) -> None:
    with database.reading() as read, database.writing() as write:
        used = [one.connection().connection.driver_connection for one in (read, write)]
        database.close()
    for connection in used:
        assert connection is not None
        with pytest.raises(Exception, match="closed"):
            connection.execute("select 1")


def test_a_close_between_two_who_write_keeps_nobody_waiting(sqlite_template: Path, tmp_path: Path) -> None:
    """The pool took the connection away from whoever waited for it, who then waited for half a minute more."""
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with database.writing() as session:
            session.connection()

    switching = sys.getswitchinterval()
    sys.setswitchinterval(60)  # the close follows the end of the first at once
    try:
        with ThreadPoolExecutor(1) as pool:
            with database.writing() as session:
                session.connection()
                work = pool.submit(second)
                waits.wait()
                time.sleep(0.1)  # a pool tells nobody that somebody waits
            database.close()
            work.result(timeout=20)
    finally:
        sys.setswitchinterval(switching)


def test_one_bot_at_a_time_runs_on_a_file(tmp_path: Path) -> None:
    one, two = (Database(f"sqlite:///{tmp_path / 'kahvi.db'}") for _ in range(2))
    one.hold()
    with pytest.raises(DatabaseHeldError):
        two.hold()
    one.close()
    two.hold()
    two.close()


def test_a_file_is_held_by_whatever_name_it_is_reached(tmp_path: Path) -> None:
    first = Database(f"sqlite:///{tmp_path / 'kahvi.db'}")
    first.hold()
    with first.writing() as session:
        session.connection()
    (tmp_path / "link.db").symlink_to(tmp_path / "kahvi.db")

    for name in ("link.db", "x/../kahvi.db"):
        (tmp_path / "x").mkdir(exist_ok=True)
        second = Database(f"sqlite:///{tmp_path / name}")
        with pytest.raises(DatabaseHeldError):
            second.hold()
        second.close()
    first.close()


def test_days_and_times_read_alike_whatever_a_server_makes_of_them(postgresql_url: str) -> None:
    name = make_url(postgresql_url).database
    with admin(postgresql_url) as run:
        run(f"alter database {name} set datestyle to 'German'; alter database {name} set timezone to 'Asia/Tokyo'")
        try:
            database = Database(postgresql_url)
            with database.reading() as session:
                told = session.connection().execute(
                    text("select cast(date '2026-01-31' as varchar), cast(timestamptz '2026-01-31Z' as varchar)")
                )
                assert tuple(told.one()) == ("2026-01-31", "2026-01-31 00:00:00+00")
            database.close()
        finally:
            run(f"alter database {name} reset datestyle; alter database {name} reset timezone")
