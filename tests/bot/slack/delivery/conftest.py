"""A delivery between a database and a local Slack."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackConfig, SlackServer
from bot.settings import Settings
from bot.slack.connection import close_client, open_client
from bot.slack.delivery import Delivery
from storage import outbox
from storage.engine import Database
from tests.bot.slack.delivery.seen import CS, HISTORY, SEEDS, Put
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scopes() -> tuple[str, ...]:
    return HISTORY


@pytest.fixture
async def slack(clock: Clock, scopes: tuple[str, ...]) -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(channels=SEEDS, scopes=scopes))
    await server.start()
    server.state.clock.set(clock())
    yield server
    await server.stop()


@pytest.fixture
async def client(slack: SlackServer) -> AsyncIterator[AsyncWebClient]:
    settings = Settings(
        slack_bot_token=slack.bot_token, slack_app_token=slack.app_token, slack_base_url=slack.api_url, _env_file=None
    )
    client = open_client(settings, 10)
    yield client
    await close_client(client)


@pytest.fixture
def delivery(database: Database, client: AsyncWebClient, clock: Clock) -> Delivery:
    return Delivery(database, client, clock)


@pytest.fixture
def put(database: Database, clock: Clock) -> Put:
    def write(key: str, channel: str = CS, blocks: list[dict[str, Any]] | None = None, **more: Any) -> None:
        with database.writing() as session:
            outbox.put(session, key, channel, f"text of {key}", blocks or [], now=clock(), **more)

    return write
