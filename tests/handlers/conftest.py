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

import pytest

from bot.app import register_handlers
from bot.playground.slack import ChannelSeed, CommandSeed, ShortcutSeed, SlackConfig, SlackServer
from bot.playground.slack.client import Control, Person
from bot.services import Services
from bot.settings import Settings
from bot.slack import connection
from bot.slack.delivery import Delivery
from bot.tasks import Tasks
from handlers import mentions
from storage.engine import Database
from tests.company import READ_AS, stored
from tests.quiet_source import QuietSource

CHANNELS = (
    ChannelSeed(name="cs", bot_is_member=True),
    ChannelSeed(name="quiet"),
    ChannelSeed(name="leads", is_private=True, members=("aino",)),
)
PLAYGROUND = "bot.playground.slack"
UNHURRIED = 60.0  # seconds; what takes longer on the local Slack's clock is too late
ESCAPED = ("/account", "/exit-interview")  # as in the manifest
NAMES = ("/account", "/at-risk", "/coffee", "/exit-interview")
COMMANDS = tuple(CommandSeed(command=name, should_escape=name in ESCAPED) for name in NAMES)
HERE, ELSEWHERE, PRIVATE = "C00000001", "C00000002", "C00000003"


class Books(QuietSource):
    """A billing source that was read before."""

    name = READ_AS
    stages: Sequence[str] = ()

    def account_url(self, account_id: str) -> str | None:
        return f"https://billing.example/customers/{account_id}"


@dataclass
class Stage:
    """The running app, its Slack, and a person there; `now` is what Kahvi's clock says."""

    server: SlackServer
    services: Services
    delivery: Delivery
    slack: Control
    person: Person
    now: datetime

    @property
    def channel(self) -> str:
        return self.person.channel

    @channel.setter
    def channel(self, channel: str) -> None:
        self.person.channel = channel

    async def types(self, text: str) -> None:
        """The person types; what was started by it ends."""
        await self.person.types(text)
        await self.services.tasks.drain(UNHURRIED)

    async def is_now(self, name: str) -> str:
        """Another person sits down at the page; their id."""
        self.person = self.slack.person(name, self.channel)
        user = next(user for user in self.server.state.workspace.users.values() if name in (user.id, user.name))
        self.server.state.me = user.id
        return user.id

    async def sees(self) -> list[dict[str, Any]]:
        return await self.person.sees()

    async def last(self) -> dict[str, Any]:
        return await self.person.last()

    async def presses(self, message: dict[str, Any], label: str) -> None:
        """Press a button of a message, and let what it started end."""
        await self.person.presses(message, label)
        await self.services.tasks.drain(UNHURRIED)

    async def presses_in_view(self, label: str) -> None:
        await self.presses(self.view(), label)

    def view(self) -> dict[str, Any]:
        """The window that is open."""
        state = self.server.state
        return state.view_shape(state.views.stack(state.me)[-1])

    async def submits(self, **values: dict[str, Any]) -> Any:
        """Send the open form with these inputs; Slack's answer to the page."""
        filled = {block_id: {"value": value} for block_id, value in values.items()}
        answer = await self.person.sends(self.view(), filled)
        await self.services.tasks.drain(UNHURRIED)
        return answer

    async def deliver(self) -> None:
        """Send all that waits in the outbox once what was begun has ended, a few seconds later."""
        await self.services.tasks.drain(UNHURRIED)
        for _ in range(5):
            self.now += timedelta(seconds=5)
            await self.delivery.round()
            await self.delivery.idle()


def words(message: dict[str, Any]) -> str:
    return str(message["text"])


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack and Kahvi wait for as long as a busy machine needs: these tests ask what is said, not how soon."""
    noting = (f"bot.slack.incoming.{name}" for name in ("SHORT_SECONDS", "LONG_SECONDS", "FORM_SECONDS"))
    others = (
        "handlers.saving.PATIENCE",
        "handlers.saving.QUICK",
        "handlers.suggesting.PATIENCE",
        "handlers.windows.PATIENCE",
        "bot.slack.connection.CONNECT_SECONDS",
        f"{PLAYGROUND}.doors.outbound.ACK_WITHIN",
    )
    for limit in (*others, *noting):
        monkeypatch.setattr(limit, UNHURRIED)
    monkeypatch.setattr(f"{PLAYGROUND}.world.triggers.LIFETIME", UNHURRIED)


@pytest.fixture
async def stage(tmp_path: Path, sqlite_template: Path, morning: datetime, unhurried: None) -> AsyncIterator[Stage]:
    shutil.copy(sqlite_template, tmp_path / "kahvi.db")
    async with AsyncExitStack() as stack:
        database = Database(f"sqlite:///{tmp_path / 'kahvi.db'}")
        stack.callback(database.close)
        shortcut = ShortcutSeed(name="Look up account", callback_id=mentions.SHORTCUT, type="message")
        server = SlackServer(SlackConfig(channels=CHANNELS, commands=COMMANDS, shortcuts=(shortcut,)))
        await server.start()
        stack.push_async_callback(server.stop)
        settings = Settings(
            slack_bot_token=server.bot_token,
            slack_app_token=server.app_token,
            slack_base_url=server.api_url,
            timezone=ZoneInfo("UTC"),
            high_value_mrr=Decimal(1000),
            alert_settle_minutes=0,
            _env_file=None,
        )
        client, posts = connection.open_client(settings, UNHURRIED), connection.open_client(settings, UNHURRIED)
        for one in (client, posts):
            stack.push_async_callback(connection.close_client, one)
        stage: Stage
        delivery = Delivery(database, posts, lambda: stage.now)
        services = Services(settings, database, lambda: stage.now, Books(), client, Tasks(), delivery.nudge)
        stack.push_async_callback(services.tasks.drain, 1)
        slack = await stack.enter_async_context(Control(server.url))
        stage = Stage(server, services, delivery, slack, slack.person("aino", HERE), morning)
        app = connection.bolt_app(await connection.identify(client), client, services.tasks, database, services.clock)
        register_handlers(app, services)
        socket = await connection.connect(app, settings, client)
        stack.push_async_callback(socket.close_async)
        await stored(database, morning)
        yield stage
