"""Kahvi's listeners in a real Bolt app, on a real socket to the local Slack, over a stored company."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot.app import register_handlers
from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer
from bot.services import Services
from bot.settings import Settings
from bot.slack import connection
from bot.slack.delivery import Delivery
from bot.sources.base import Check
from bot.tasks import Tasks
from storage.engine import Database
from tests.company import READ_AS, stored

CHANNELS = (
    ChannelSeed(name="cs", bot_is_member=True),
    ChannelSeed(name="quiet"),
    ChannelSeed(name="leads", is_private=True, members=("aino",)),
)
COMMANDS = tuple(CommandSeed(command=name) for name in ("/account", "/coffee", "/exit-interview"))
HERE, ELSEWHERE, PRIVATE = "C00000001", "C00000002", "C00000003"


class Books:
    """A billing source that was read before."""

    name = READ_AS
    stages: Sequence[str] = ()

    def account_url(self, account_id: str) -> str | None:
        return f"https://billing.example/customers/{account_id}"

    async def check(self) -> Sequence[Check]:
        return ()


@dataclass
class Stage:
    """The running app and a person at the page; `now` is what Kahvi's clock says."""

    server: SlackServer
    services: Services
    delivery: Delivery
    http: aiohttp.ClientSession
    now: datetime
    channel: str = HERE

    async def post(self, path: str, **body: Any) -> Any:
        async with self.http.post(f"{self.server.url}{path}", json=body) as answer:
            return await answer.json()

    async def types(self, text: str) -> None:
        """The person types; what was started by it ends."""
        assert await self.post("/_page/send", channel=self.channel, text=text) == {"ok": True}
        await self.services.tasks.drain(20)

    async def is_now(self, name: str) -> str:
        """Another person sits down at the page; their id."""
        user = next(user.id for user in self.server.state.workspace.users.values() if user.name == name)
        await self.post("/_page/as", user=user)
        return user

    async def sees(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.server.url}/_page/messages", params={"channel": self.channel}) as answer:
            return list((await answer.json())["messages"])

    async def last(self) -> dict[str, Any]:
        return (await self.sees())[-1]

    async def presses(self, message: dict[str, Any], label: str) -> None:
        """Press a button of a message, and let what it started end."""
        block, button = find_button(message["blocks"], label)
        container = {"type": "message", "channel": self.channel, "message_ts": message["ts"]}
        await self._press(container, block, button)

    async def presses_in_view(self, label: str) -> None:
        view = self.view()
        block, button = find_button(view["blocks"], label)
        await self._press({"type": "view", "view_id": view["id"]}, block, button)

    async def _press(self, container: dict[str, Any], block: dict[str, Any], button: dict[str, Any]) -> None:
        action = {"action_id": button["action_id"], "type": "button"}
        done = await self.post("/_page/action", container=container, block_id=block["block_id"], action=action)
        assert done == {"ok": True}
        await self.services.tasks.drain(20)

    def view(self) -> dict[str, Any]:
        """The window that is open."""
        state = self.server.state
        return state.view_shape(state.views.stack(state.me)[-1])

    async def submits(self, **values: dict[str, Any]) -> Any:
        """Send the open form with these inputs; Slack's answer to the page."""
        state = {"values": {block_id: {"value": value} for block_id, value in values.items()}}
        answer = await self.post("/_page/view_submit", view_id=self.view()["id"], state=state)
        await self.services.tasks.drain(20)
        return answer

    async def deliver(self) -> None:
        """Send all that waits in the outbox, a few seconds later."""
        for _ in range(5):
            self.now += timedelta(seconds=5)
            await self.delivery.round()
            await self.delivery.idle()


def find_button(blocks: list[dict[str, Any]], label: str) -> tuple[dict[str, Any], dict[str, Any]]:
    for block in blocks:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if element.get("type") == "button" and element["text"]["text"] == label:
                return block, element
    raise AssertionError(f"no button {label!r}")


def words(message: dict[str, Any]) -> str:
    return str(message["text"])


@pytest.fixture
async def stage(tmp_path: Path, sqlite_template: Path, morning: datetime) -> AsyncIterator[Stage]:
    shutil.copy(sqlite_template, tmp_path / "kahvi.db")
    async with AsyncExitStack() as stack:
        database = Database(f"sqlite:///{tmp_path / 'kahvi.db'}")
        stack.callback(database.close)
        server = SlackServer(SlackConfig(channels=CHANNELS, commands=COMMANDS))
        await server.start()
        stack.push_async_callback(server.stop)
        settings = Settings(
            slack_bot_token=server.bot_token,
            slack_app_token=server.app_token,
            slack_base_url=server.api_url,
            timezone=ZoneInfo("UTC"),
            high_value_mrr=Decimal(1000),
            _env_file=None,
        )
        client, posts = connection.open_client(settings, 5), connection.open_client(settings, 5)
        for one in (client, posts):
            stack.push_async_callback(connection.close_client, one)
        stage: Stage
        delivery = Delivery(database, posts, lambda: stage.now)
        services = Services(settings, database, lambda: stage.now, Books(), client, Tasks(), delivery.nudge)
        stack.push_async_callback(services.tasks.drain, 1)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        stage = Stage(server, services, delivery, http, morning)
        app = connection.bolt_app(await connection.identify(client), client, services.tasks)
        register_handlers(app, services)
        socket = await connection.connect(app, settings, client)
        stack.push_async_callback(socket.close_async)
        await stored(database, morning)
        yield stage
