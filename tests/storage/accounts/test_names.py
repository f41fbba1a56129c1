"""What changed of the accounts' names is noted by the database itself, on both engines, whoever changes it."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session

from storage import facts as f
from storage.accounts import names
from storage.accounts.names import Entry
from storage.engine import Database
from storage.fact_store import add_missing_accounts, store
from tests.conftest import opened
from tests.factories import account, subscription

RAW = """
    insert into accounts (id, source, name, search, read_at)
    values ('raw', 'test', 'Raw', 'raw', '2026-01-01 00:00:00')
"""


def run(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for statement in statements:
            session.connection().execute(text(statement))


def kept(database: Database, *found: f.Account, at: datetime) -> None:
    with database.writing() as session:
        store(session, found, at)


def mark(database: Database) -> names.Mark:
    with database.reading() as session:
        return names.mark(session)


def since(database: Database, no: int) -> list[Entry]:
    with database.reading() as session:
        return sorted(names.changed_since(session, no), key=lambda entry: entry.id)


def rows(database: Database) -> list[str | None]:
    with database.reading() as session:
        found = session.connection().execute(text("select account_id from name_changes order by no")).scalars()
        return list(found)


@pytest.fixture
def before(database: Database, morning: datetime) -> int:
    """The latest change, after which two accounts are known."""
    run(database, "delete from accounts", "delete from name_changes")
    kept(database, account("a", name="Acme", email="a@acme.example"), account("b", name="Bluebird"), at=morning)
    return mark(database).no


def test_a_new_name_or_address_is_a_change_and_nothing_else(database: Database, before: int, morning: datetime) -> None:
    kept(database, account("a", name="Acme", email="a@acme.example", region="EU"), at=morning)
    run(database, "update accounts set assigned_user = 'U1'", "update accounts set name = name")
    assert mark(database) == names.Mark(before, settled=True)

    kept(database, account("a", name="Acme Oy", email="a@acme.example"), at=morning)
    kept(database, account("b", name="Bluebird", email="b@blue.example"), at=morning)

    assert since(database, before) == [
        Entry("a", "Acme Oy", "a@acme.example"),
        Entry("b", "Bluebird", "b@blue.example"),
    ]
    assert rows(database) == ["a", "b"]


def test_whoever_writes_accounts_need_not_know(database: Database, before: int) -> None:
    """As the release before, which runs on this schema while replicas are upgraded."""
    run(database, RAW)

    assert since(database, before) == [Entry("raw", "Raw", None)]


def test_accounts_that_only_subscriptions_tell_of_are_changes_too(
    database: Database, before: int, morning: datetime
) -> None:
    with database.writing() as session:
        store(session, [subscription("s", account_id="lost")], morning)
        add_missing_accounts(session, "test", morning)

    assert [entry.id for entry in since(database, before)] == ["lost"]


def test_what_is_gone_is_told_and_leaves_no_id(database: Database, before: int) -> None:
    run(database, "delete from accounts where id = 'a'")
    run(database, "delete from accounts where id = 'b'")

    with database.reading() as session:
        assert names.has_lost_since(session, before)
        assert not names.has_lost_since(session, names.mark(session).no)
    assert since(database, before) == []
    assert rows(database) == [None]


def test_no_number_is_given_twice(database: Database, before: int, morning: datetime) -> None:
    run(database, "delete from name_changes")

    kept(database, account("c", name="Cafe"), at=morning)

    assert mark(database).no > before


def test_all_are_read_at_first(database: Database, before: int) -> None:
    assert before
    with database.reading() as session:
        assert sorted(entry.id for entry in names.every(session)) == ["a", "b"]


def test_while_somebody_is_in_the_middle_of_a_change_nothing_is_settled(
    postgresql_url: str, database: Database, before: int, morning: datetime
) -> None:
    """A change that took its number early becomes visible late."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    for other in opened(postgresql_url):
        with Session(other.engine) as slow, slow.begin():
            store(slow, [account("early", name="Early")], morning)
            kept(database, account("late", name="Late"), at=morning)

            between = mark(database)

            assert (between.no > before, between.settled) == (True, False)
            assert [entry.id for entry in since(database, before)] == ["late"]
    assert mark(database) == names.Mark(between.no, settled=True)
    assert [entry.id for entry in since(database, before)] == ["early", "late"]


def test_writers_do_not_wait_for_one_another(
    postgresql_url: str, database: Database, before: int, morning: datetime
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    assert before
    for other in opened(postgresql_url):
        with Session(other.engine) as one, one.begin():
            store(one, [account("one", name="One")], morning)
            run(database, "set local statement_timeout = 2000", "delete from accounts where id = 'a'")
            store(one, [account("b", name="Two")], morning)
