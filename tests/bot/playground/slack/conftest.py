"""A running local Slack, clients for it, and a person at its page."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer, UserSeed
from bot.playground.slack.world.config import DEFAULT_USERS
from tests.bot.playground.slack.helpers import Connect, Person, until

USERS = (*DEFAULT_USERS, UserSeed(name="dora", real_name="Dora Gone", email="dora@example.com", deleted=True))
CHANNELS = (
    ChannelSeed(name="general"),
    ChannelSeed(name="cs", bot_is_member=True),
    ChannelSeed(name="secret", is_private=True, members=("aino",)),
    ChannelSeed(name="old", is_archived=True, bot_is_member=True),
    ChannelSeed(name="leads", is_private=True, members=("aino",), bot_is_member=True),
)
COMMANDS = (
    CommandSeed(command="/coffee", description="Coffee stats", usage_hint="[metric]"),
    CommandSeed(command="/who", should_escape=True),
)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(users=USERS, channels=CHANNELS, commands=COMMANDS))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def person(server: SlackServer, http: aiohttp.ClientSession) -> Person:
    return Person(server, http)


@pytest.fixture
def client(server: SlackServer) -> AsyncWebClient:
    return AsyncWebClient(token=server.bot_token, base_url=server.api_url, timeout=60)


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, signing_secret="unused", process_before_response=True)


@pytest.fixture
async def connect(server: SlackServer, app: AsyncApp) -> AsyncIterator[Connect]:
    """Connects the app; call it once its listeners are registered."""
    handlers: list[AsyncSocketModeHandler] = []

    async def connected() -> None:
        handler = AsyncSocketModeHandler(app, server.app_token)
        handlers.append(handler)
        await handler.connect_async()
        await until(lambda: server.state.sockets.count == len(handlers))

    yield connected
    for handler in handlers:
        await handler.close_async()
