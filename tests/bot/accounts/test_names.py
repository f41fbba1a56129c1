"""The index in memory is as new as the database, on both engines."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.accounts.names import Names
from bot.accounts.search import find
from storage.accounts import names as stored
from storage.engine import Database
from storage.fact_store import store
from tests.company import fill
from tests.conftest import opened
from tests.factories import account


async def ids(database: Database, names: Names, typed: str) -> list[str]:
    return [match.id for match in (await find(database, names, typed)).matches]


async def test_it_knows_what_came_was_renamed_and_went(database: Database, morning: datetime) -> None:
    names = Names()
    await database.write(fill, [account("a", name="Acme"), account("b", name="Bluebird")], morning)
    assert await ids(database, names, "acme") == ["a"]

    await database.write(fill, [account("a", name="Zenith"), account("c", name="Cafe")], morning)
    await database.write(lambda session: session.connection().execute(text("delete from accounts where id = 'b'")))

    assert await ids(database, names, "acme") == []
    assert await ids(database, names, "zenith") == ["a"]
    assert await ids(database, names, "cafe") == ["c"]
    assert await ids(database, names, "bluebird") == []
    assert len(await names.refreshed(database)) == 2


async def test_it_is_made_anew_when_much_of_it_is_gone(database: Database, morning: datetime) -> None:
    names = Names()
    await database.write(fill, [account("a", name="Acme")], morning)
    first = await names.refreshed(database)
    for name in ("One", "Two"):
        await database.write(fill, [account("a", name=name)], morning)
        last = await names.refreshed(database)

    assert last is not first
    assert await ids(database, names, "two") == ["a"]


async def test_nothing_is_read_when_nothing_changed(
    database: Database, morning: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names()
    await database.write(fill, [account("a", name="Acme")], morning)
    first = await names.refreshed(database)
    for work in ("every", "changed_since"):
        monkeypatch.setattr(stored, work, None)

    assert await names.refreshed(database) is first


async def test_many_who_ask_at_once_share_one_reading(database: Database, morning: datetime) -> None:
    names = Names()
    await database.write(fill, [account("a", name="Acme")], morning)

    found = await asyncio.gather(*(names.refreshed(database) for _ in range(5)))

    assert all(index is found[0] for index in found)


async def test_a_change_that_becomes_visible_late_is_seen(
    postgresql_url: str, database: Database, morning: datetime
) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    names = Names()
    await names.refreshed(database)
    for other in opened(postgresql_url):
        with Session(other.engine) as slow, slow.begin():
            store(slow, [account("early", name="Early")], morning)
            await database.write(fill, [account("late", name="Late")], morning)
            assert await ids(database, names, "late") == ["late"]
            assert await ids(database, names, "early") == []

    assert await ids(database, names, "early") == ["early"]
