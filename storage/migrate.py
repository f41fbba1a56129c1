"""Bringing a database to the schema of this version; safe when several processes start together."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.engine import Database

ADVISORY_KEY = 0x6B61687669  # "kahvi", the lock that only one migrating process holds


def migrate(database: Database) -> None:
    """Apply every missing migration, all in one transaction; the second of two processes finds nothing to do."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_KEY})
        command.upgrade(config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database has exactly the schema of this version."""
    with database.engine.connect() as connection:
        stored = MigrationContext.configure(connection).get_current_revision()
    return stored == ScriptDirectory(str(_folder())).get_current_head()


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(_folder()))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _folder() -> Path:
    return Path(__file__).parent / "migrations"
