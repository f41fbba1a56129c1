"""Bringing a database to the schema of this version; safe when several processes start together.

While replicas are upgraded one after another, older ones run on a newer schema: a migration only adds, and what
nobody needs any more is taken away one release later (docs/operate.md).

Alembic takes a tenth of a start to import, so it is left alone where nothing is missing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

ADVISORY_KEY = 0x6B61687669  # "kahvi", the lock that only one migrating process holds
FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Apply every missing migration, all in one transaction; the second of two processes finds nothing to do.

    A schema newer than this version's is left as it is.
    """
    if is_current(database):
        return
    from alembic import command  # noqa: PLC0415 - see the module's docstring

    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_KEY})
        if not _has_all(connection):
            command.upgrade(config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database has the schema of this version, or of a newer one, which keeps what this one uses."""
    with database.engine.connect() as connection:
        return _has_all(connection)


def _has_all(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    stored = connection.execute(text("select version_num from alembic_version")).scalars().all()
    return bool(stored) and max(stored) >= newest()


def newest() -> str:
    """The newest migration, by the number that its file's name begins with."""
    return max(path.name for path in (FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]


def config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see the module's docstring

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
