"""What every test may ask for: a migrated database on each engine, and a fixed moment."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from bot.collector import collect_seldom
from storage.engine import Database
from storage.migrate import migrate, newest
from storage.tables import metadata
from tests import examples
from tests.postgresql import admin, server, temporary_database

pytest_plugins = ["tests.log_watch"]
os.environ["KAHVI_HTTP_PORT"] = "0"  # bots of several tests run at a time; a test of what is answered sets its own

collect_seldom()  # as every command of Kahvi does

settings.load_profile(examples.NAME)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking through it again and again took a fifth of all the time."""
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def collected() -> Iterator[None]:
    """What a module leaves behind in circles goes with it: of thousands of tests that would be gigabytes."""
    yield
    gc.collect()


@pytest.fixture
def morning() -> datetime:
    """A Monday, 08:30 UTC."""
    return datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "kahvi.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a real PostgreSQL: that of DATABASE_URL, or a server of the test run's own."""
    with server(durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A migrated database; whoever takes it empties it first, which is much cheaper than making another."""
    with temporary_database(postgresql_server) as url:
        database = Database(url)
        migrate(database)
        database.close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "kahvi.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield from opened(f"sqlite:///{path}")
        return
    url = request.getfixturevalue("postgresql_url")
    empty(url)
    yield from opened(url)


def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def empty(url: str) -> None:
    """Make a database as it was migrated: no rows, no one left in it by a failed test, the newest version noted."""
    others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
    with admin(url) as run:
        run(f"{others} pg_backend_pid()")
        run("; ".join(f'delete from "{name}"' for name in metadata.tables))
        run(f"update alembic_version set version_num = '{newest()}'")
