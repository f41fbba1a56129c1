"""The migrations make the tables of this version, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage.engine import Database
from storage.migrate import FOLDER, is_current, migrate, newest
from storage.tables import metadata


def test_migrations_make_the_schema_of_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        difference = compare_metadata(context, metadata)

    assert difference == []
    assert is_current(database)


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)

    assert is_current(database)


def test_the_newest_migration_is_told_by_its_file() -> None:
    assert newest() == ScriptDirectory(str(FOLDER)).get_current_head()


def test_an_older_schema_is_not_current(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0000'"))

    assert not is_current(database)
