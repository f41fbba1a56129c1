"""The migrations make the tables of this version, on both engines."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import exit_interviews
from storage.engine import Database
from storage.migrate import FOLDER, config, is_current, migrate, newest
from storage.tables import metadata
from tests.conftest import opened
from tests.postgresql import temporary_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table, once on each engine."""
    if request.param == "sqlite":
        yield from opened(f"sqlite:///{tmp_path / 'empty.db'}")
        return
    with temporary_database(request.getfixturevalue("postgresql_server")) as url:
        yield from opened(url)


def at_version(database: Database, version: str, *statements: str) -> None:
    """Bring an empty database to an older schema, and fill it."""
    with database.engine.begin() as connection:
        command.upgrade(config(connection), version)
        for statement in statements:
            connection.execute(text(statement))


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


def test_a_newer_schema_is_left_to_those_who_know_it(database: Database) -> None:
    """While replicas are upgraded one by one, an old one starts again on the schema of the new."""
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    migrate(database)

    assert is_current(database)
    with database.engine.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalars().all() == ["9999"]


def test_an_older_schema_is_not_current(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0000'"))

    assert not is_current(database)


def test_movements_learn_when_their_account_began(empty: Database) -> None:
    at_version(
        empty,
        "0024",
        *(
            "insert into movements (account_id, day, subscription_id, price_id, product_id, currency, kind, amount,"
            f" accounts, cause, came, stay_start) values ('{account}', '{day}', 's', 'team', 'team', 'usd', 'new', 1,"
            f" 1, 'started', 'new', '{day}')"
            for account, day in (("acme", "2026-03-31"), ("acme", "2026-02-28"), ("beta", "2025-12-01"))
        ),
    )

    migrate(empty)

    with empty.engine.connect() as connection:
        rows = connection.execute(text("select account_id, began, cohort from movements order by account_id, day"))
        found = [tuple(map(str, row)) for row in rows]
    assert found == [
        ("acme", "2026-02-28", "2026-02"),
        ("acme", "2026-02-28", "2026-02"),
        ("beta", "2025-12-01", "2025-12"),
    ]


def test_movements_by_product_stand_until_they_are_made_anew_by_price(empty: Database) -> None:
    at_version(
        empty,
        "0002",
        "insert into movements values ('acme', '2026-01-01', 's', 'team', 'usd', 'new', 4900, 1, 'started')",
        "insert into movements values ('acme', '2026-01-01', 's', 'addon', 'usd', 'new', 100, 0, 'started')",
        "insert into syncs (source, objects, ledger_rules) values ('stripe', 0, 'kahvi')",
    )

    migrate(empty)

    with empty.engine.connect() as connection:
        rows = connection.execute(text("select price_id, product_id, amount from movements order by amount")).all()
        rules = connection.execute(text("select ledger_rules from syncs")).scalar_one()
    assert [tuple(row) for row in rows] == [("addon", "addon", 100), ("team", "team", 4900)]
    assert rules is None


def test_exit_notes_belong_to_the_stay_in_or_after_which_they_were_written(empty: Database) -> None:
    written = "insert into exit_notes values ('{id}', '{account}', 'price', '', 'x', 'U1', '{day} 12:00:00.000000')"
    came = (
        "insert into movements (account_id, subscription_id, day, price_id, product_id, currency, kind, amount,"
        " accounts, cause, came, stay_start)"
        " values ('acme', 's', '{day}', 'p', 'p', 'usd', 'new', 1, 1, 'started', 'new', '{day}')"
    )
    at_version(
        empty,
        "0024",
        *(came.format(day=day) for day in ("2026-01-01", "2026-06-01")),
        written.format(id="V1", account="acme", day="2026-05-02"),
        written.format(id="V2", account="acme", day="2026-07-02"),
        written.format(id="V3", account="never", day="2026-07-02"),
    )

    migrate(empty)

    with empty.reading() as session:
        found = exit_interviews.of_accounts(session, ["acme", "never"])
    assert {id_: [(one.stay.isoformat(), one.said.reason) for one in kept] for id_, kept in found.items()} == {
        "acme": [("2026-01-01", "price"), ("2026-06-01", "price")],
        "never": [("2026-07-02", "price")],
    }
    assert [one.entries[0].came for one in (*found["acme"], *found["never"])] == [
        date(2026, 1, 1),
        date(2026, 6, 1),
        None,
    ]
