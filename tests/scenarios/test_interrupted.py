"""A press that was acked when the machine was killed: it is done after the restart, once."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer
from bot.playground.slack.client import Control, Person
from bot.settings import Settings, environment
from storage import inbox, syncs
from storage.engine import Database
from tests.waiting import HANGS

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "csv"
CS = "C00000001"
STUCK = """
import asyncio, time
from bot import app, log, settings
from storage import outbox

def stuck(session, *_, **__):
    print("at work", flush=True)
    time.sleep(600)

outbox.put = stuck
loaded = settings.load()
log.configure("json")
asyncio.run(app.build(loaded, child=False).run())
"""


@asynccontextmanager
async def running(settings: Settings, *arguments: str) -> AsyncIterator[Process]:
    """A bot's process; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**os.environ, **environment(settings)}, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_press_that_was_acked_survives_a_kill(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kahvi.db'}"
    channels, commands = (ChannelSeed(name="cs", bot_is_member=True),), (CommandSeed(command="/account"),)
    async with AsyncExitStack() as stack:
        server = SlackServer(SlackConfig(channels=channels, commands=commands))
        await server.start()
        stack.push_async_callback(server.stop)
        person = (await stack.enter_async_context(Control(server.url))).person("aino", CS)
        settings = Settings(
            slack_bot_token=server.bot_token,
            slack_app_token=server.app_token,
            slack_base_url=server.api_url,
            source="csv",
            csv_folder=EXAMPLE,
            database_url=url,
            _env_file=None,
        )
        async with running(settings, "-c", STUCK) as first:
            database = Database(url)
            stack.callback(database.close)
            await read(database, server)
            await person.presses(await account_card(person), "Share here")  # it is acked, or this raises
            assert first.stdout is not None
            assert await first.stdout.readline() == b"at work\n"
        assert posted(server) == []
        async with running(settings, "-m", "bot", "run"), asyncio.timeout(HANGS):
            while await database.read(inbox.waiting, "slack") or not posted(server):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)

    (shared,) = posted(server)
    assert "Acme" in shared


async def read(database: Database, server: SlackServer) -> None:
    """The source was read, and the bot is connected."""
    async with asyncio.timeout(HANGS):
        while server.state.sockets.count == 0:  # noqa: ASYNC110 - the process tells nobody
            await asyncio.sleep(0.02)
        while not (await database.read(syncs.state, "csv")).succeeded_at:  # noqa: ASYNC110 - only the database tells
            await asyncio.sleep(0.02)


async def account_card(person: Person) -> dict[str, Any]:
    await person.types("/account acme")
    async with asyncio.timeout(HANGS):
        while not (seen := await person.sees()):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
    return dict(seen[-1])


def posted(server: SlackServer) -> list[str]:
    return [message.text for message in server.state.messages.timeline(CS) if message.ephemeral_to is None]
