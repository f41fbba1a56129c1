"""A migration only adds, so that replicas of the release before go on working on the new schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from storage.engine import Database
from storage.migrate import FOLDER, config

RELEASED = "0008"  # the newest migration of the latest release; before the first one, of those that may do more

Schema = dict[str, dict[str, bool]]  # of each table its columns, and whether each may be left out of an insert


def schema(connection: Connection) -> Schema:
    found = inspect(connection)
    return {
        table: {
            column["name"]: bool(column["nullable"] or column["default"] is not None)
            for column in found.get_columns(table)
        }
        for table in found.get_table_names()
    }


def keys(connection: Connection) -> set[tuple[str, tuple[str, ...]]]:
    """By table, the sets of columns that must be unique."""
    found: Any = inspect(connection)  # its constraints are told as dictionaries of anything
    return {
        (table, tuple(sorted(str(name) for name in columns)))
        for table in found.get_table_names()
        for columns in [
            found.get_pk_constraint(table)["constrained_columns"],
            *(one["column_names"] for one in found.get_unique_constraints(table)),
            *(one["column_names"] for one in found.get_indexes(table) if one["unique"]),
        ]
    }


def taken_away(before: Schema, after: Schema) -> list[str]:
    """What code that knows only the old schema would miss, or could not fill."""
    found = []
    for table, columns in before.items():
        here = after.get(table, {})
        found += [f"{table}.{name} is gone" for name in columns if name not in here]
        found += [
            f"{table}.{name} must be filled" for name, free in here.items() if not free and columns.get(name, True)
        ]
    return found


def steps(database: Database) -> Iterator[tuple[str, list[str]]]:
    """Each migration on an empty database, with what it takes away."""
    with database.engine.connect() as connection:
        script = ScriptDirectory(str(FOLDER))
        for revision in sorted(one.revision for one in script.walk_revisions()):
            before, unique = schema(connection), keys(connection)
            command.upgrade(config(connection), revision)
            changed = sorted(one for one in unique ^ keys(connection) if one[0] in before)
            yield (
                revision,
                [
                    *taken_away(before, schema(connection)),
                    *(f"{table}: {columns} unique" for table, columns in changed),
                ],
            )
            connection.commit()


def test_every_migration_since_the_first_release_only_adds(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'kahvi.db'}")
    try:
        found = dict(steps(database))
    finally:
        database.close()

    assert {revision: wrong for revision, wrong in found.items() if revision > RELEASED and wrong} == {}


def test_one_that_does_more_is_found() -> None:
    before = {"notes": {"id": False, "text": True}, "old": {"id": False}}
    after = {"notes": {"id": False, "text": False, "author": False, "mood": True}}

    assert taken_away(before, after) == ["notes.text must be filled", "notes.author must be filled", "old.id is gone"]
