"""A running bot with every door open, on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot import app as application
from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer
from bot.settings import Settings
from storage import syncs
from tests.bot.sources.stripe.kettle import Kettle, open_kettle
from tests.waiting import HANGS

WEBHOOK_SECRET = "whsec_test"
SIGNALS_SECRET = "a secret of some length"
CS = "C00000001"
COMMANDS = tuple(CommandSeed(command=name) for name in ("/coffee", "/account", "/at-risk", "/exit-interview"))


@dataclass
class Open:
    """The bot, what it talks to, and a client of its doors; its clock is that of the local Stripe."""

    bot: application.Bot
    slack: SlackServer
    kettle: Kettle
    http: aiohttp.ClientSession
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str) -> tuple[int, str]:
        async with self.http.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.text()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def opened(folder: Path, mode: str = "socket", **more: Any) -> AsyncIterator[Open]:
    """`mode` is how Slack reaches the bot; the bot has read its Stripe."""
    slack = SlackServer(SlackConfig(channels=(ChannelSeed(name="cs", bot_is_member=True),), commands=COMMANDS))
    async with AsyncExitStack() as stack:
        await slack.start()
        stack.push_async_callback(slack.stop)
        kettle = await stack.enter_async_context(open_kettle(accounts=6, months=2))
        settings = Settings(
            **{
                "slack_bot_token": slack.bot_token,
                "slack_app_token": slack.app_token,
                "slack_base_url": slack.api_url,
                "slack_mode": mode,
                "slack_signing_secret": slack.config.signing_secret,
                "stripe_api_key": kettle.server.api_key,
                "stripe_base_url": kettle.server.url,
                "stripe_pace": 0,
                "stripe_webhook_secret": WEBHOOK_SECRET,
                "signals_secret": SIGNALS_SECRET,
                "database_url": f"sqlite:///{folder / 'kahvi.db'}",
                "heartbeat_seconds": 300,
                "sync_seconds": 3600,
                "http_port": free_port(),
                "_env_file": None,
                **more,
            }
        )
        bot = application.build(settings, clock=lambda: kettle.now, child=False, pace=timedelta(0))
        await bot.start()
        stack.push_async_callback(bot.stop)
        async with asyncio.timeout(HANGS):
            while not (await bot.services.database.read(syncs.state, "stripe")).succeeded_at:  # noqa: ASYNC110 - only the database tells
                await asyncio.sleep(0.01)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Open(bot, slack, kettle, http, settings.http_port)
