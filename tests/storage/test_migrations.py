"""The migrations make the tables of this version, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage.engine import Database
from storage.migrate import is_current, migrate
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
