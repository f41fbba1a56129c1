"""A Socket Mode connection that looks alive and is silent is replaced, and people notice nothing."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncAck

from bot.clock import utc_now
from bot.playground.slack import CommandSeed, SlackConfig, SlackServer
from bot.settings import Settings
from bot.slack import connection
from bot.slack.socket import Socket
from bot.tasks import Tasks
from storage.engine import Database
from tests.bot.playground.slack.helpers import until

LOOK = {"command": "/look", "trigger_id": "1.2.b", "user_id": "U1", "team_id": "T1", "text": "x"}


class Between:
    """A network between two ends; once frozen, what is open stays open and passes nothing on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._frozen: set[asyncio.Event] = set()
        self._open: set[asyncio.Event] = set()
        self.port = 0

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def freeze(self) -> None:
        """What is open now; new connections pass."""
        for flowing in self._open:
            flowing.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        flowing = asyncio.Event()
        flowing.set()
        self._open.add(flowing)
        ways = [asyncio.create_task(self._pass(*way, flowing)) for way in ((reader, back), (there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(flowing)
            for way in ways:
                way.cancel()
            writer.close()
            back.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event) -> None:
        while data := await reader.read(65536):
            await flowing.wait()
            writer.write(data)
            await writer.drain()


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(commands=(CommandSeed(command="/look"),)))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def own_database(sqlite_template: Path, tmp_path: Path) -> Path:
    """A migrated database file that no other test sees."""
    return Path(shutil.copy(sqlite_template, tmp_path / "kahvi.db"))


async def watched(
    stack: AsyncExitStack, slack: SlackServer, between: Between, path: Path, **seconds: float
) -> tuple[Socket, list[str]]:
    """A socket through `between`, looked after; and what its app was asked."""
    network = await between.start()
    stack.callback(network.close)
    settings = Settings(
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_base_url=f"http://127.0.0.1:{between.port}/api/",
        _env_file=None,
    )
    client = connection.open_client(settings, 5)
    stack.push_async_callback(connection.close_client, client)
    database, tasks, asked = Database(f"sqlite:///{path}"), Tasks(), list[str]()
    stack.callback(database.close)
    stack.push_async_callback(tasks.drain, 5)
    app = connection.bolt_app(await connection.identify(client), client, tasks, database, utc_now)

    @app.command("/look")
    async def look(ack: AsyncAck) -> None:
        asked.append("look")
        await ack()

    socket = Socket(app, settings, client, look=0.05, **seconds)
    await socket.open()
    stack.push_async_callback(socket.close)
    watching = asyncio.create_task(socket.watch())
    stack.callback(watching.cancel)
    await until(lambda: slack.state.sockets.count == 1)
    return socket, asked


async def test_a_silent_connection_is_replaced(slack: SlackServer, own_database: Path) -> None:
    async with AsyncExitStack() as stack:
        between = Between(int(slack.url.rsplit(":", 1)[1]))
        socket, asked = await watched(stack, slack, between, own_database, silent=2)
        first = socket._handler
        assert first is not None
        assert socket.connected
        between.freeze()
        await until(lambda: not socket.connected)
        assert await first.client.is_connected()  # as far as the client can tell
        await until(lambda: socket.connected)

        assert socket._handler is not first
        slack.state.sockets._open[:] = slack.state.sockets._open[-1:]  # Slack notices the dead one in its own time
        await slack.state.outbound.deliver("slash_commands", LOOK)
        assert asked == ["look"]


async def test_a_connection_over_which_nothing_comes_is_renewed_without_a_gap(
    slack: SlackServer, own_database: Path
) -> None:
    async with AsyncExitStack() as stack:
        between = Between(int(slack.url.rsplit(":", 1)[1]))
        socket, _ = await watched(stack, slack, between, own_database, silent=60, quiet=0.3)
        first, least = socket._handler, [1]

        def renewed() -> bool:
            least[0] = min(least[0], slack.state.sockets.count)
            return socket._handler is not first and slack.state.sockets.count == 1

        await until(renewed)
        assert least == [1]


async def test_while_slack_is_away_it_is_tried_again(slack: SlackServer, own_database: Path) -> None:
    async with AsyncExitStack() as stack:
        between = Between(int(slack.url.rsplit(":", 1)[1]))
        socket, _ = await watched(stack, slack, between, own_database, silent=2)
        port = between._port
        between._port = 1  # nobody is there
        between.freeze()
        await until(lambda: not socket.connected)
        between._port = port

        await until(lambda: socket.connected)
