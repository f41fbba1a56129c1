"""This version's code on the schema of a later one, as while replicas are upgraded one after another."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from sqlalchemy import inspect
from sqlmodel import Session

from bot import app as application
from bot import owed
from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer
from bot.settings import Settings
from storage import syncs
from storage.engine import Database
from storage.migrate import migrate
from tests.bot.playground.slack.helpers import Person, until
from tests.postgresql import temporary_database
from tests.waiting import HANGS

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "csv"
CS = "C00000001"
MONDAY = datetime(2026, 11, 23, 7, 1, tzinfo=UTC)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    commands = tuple(CommandSeed(command=name) for name in ("/coffee", "/account", "/exit-interview"))
    server = SlackServer(SlackConfig(channels=(ChannelSeed(name="cs", bot_is_member=True),), commands=commands))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def later(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that a later version has migrated: tables and columns that nobody here knows."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'kahvi.db'}"
        migrate_further(url)
        yield url
        return
    with temporary_database(request.getfixturevalue("postgresql_server")) as url:
        migrate_further(url)
        yield url


def migrate_further(url: str) -> None:
    database = Database(url)
    migrate(database)
    with database.engine.begin() as connection:
        for table in inspect(connection).get_table_names():
            connection.exec_driver_sql(f'alter table "{table}" add column of_the_future varchar')
            connection.exec_driver_sql(f'create index "ix_{table}_future" on "{table}" (of_the_future)')
        connection.exec_driver_sql("create table of_the_future (id varchar primary key)")
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    database.close()


async def test_a_bot_starts_reads_posts_and_answers_on_it(slack: SlackServer, later: str) -> None:
    settings = Settings(
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_base_url=slack.api_url,
        source="csv",
        csv_folder=EXAMPLE,
        database_url=later,
        heartbeat_seconds=300,
        sync_seconds=3600,
        _env_file=None,
    )
    bot = application.build(settings, clock=lambda: MONDAY, child=False, pace=timedelta(0))
    await bot.start()
    try:
        await read(bot)
        await bot.services.database.write(set_up)
        assert await bot.beat() == 1
        await until(lambda: slack.state.messages.timeline(CS))
        await until(lambda: slack.state.sockets.count == 1)
        async with aiohttp.ClientSession() as session:
            await Person(slack, session).say("/account Acme", CS)
            await until(lambda: slack.state.messages.seen_by(CS, slack.state.me, None)[1:])
    finally:
        await bot.stop()

    assert "MRR is $" in slack.state.messages.timeline(CS)[0].text


async def read(bot: application.Bot) -> None:
    async with asyncio.timeout(HANGS):
        while not (await bot.services.database.read(syncs.state, "csv")).succeeded_at:  # noqa: ASYNC110 - only the database tells
            await asyncio.sleep(0.01)


def set_up(session: Session) -> None:
    owed.set_up(
        session,
        CS,
        at=time(8),
        zone=ZoneInfo("Europe/Berlin"),
        weekdays=frozenset((1,)),
        alerts=True,
        user="U00000001",
        now=MONDAY - timedelta(hours=1),
    )
