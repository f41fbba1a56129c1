"""A Slack with its channels, and what came to it."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot import owed
from bot.playground.slack import ChannelSeed, SlackServer
from bot.slack.delivery import Delivery
from storage import channels
from storage.engine import Database
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import table_of
from tests.clock import Clock

CS = "C00000001"
OTHER = "C00000002"
OUTSIDE = "C00000003"
OLD = "C00000004"
SEEDS = (
    ChannelSeed(name="cs", bot_is_member=True),
    ChannelSeed(name="other", bot_is_member=True),
    ChannelSeed(name="outside"),
    ChannelSeed(name="old", bot_is_member=True, is_archived=True),
)
SCOPES = ("chat:write", "commands")
HISTORY = (*SCOPES, "channels:history")
CHART: dict[str, Any] = {
    "type": "data_visualization",
    "title": "MRR",
    "chart": {
        "type": "line",
        "series": [{"name": "MRR", "data": [{"label": "Nov", "value": 1.0}]}],
        "axis_config": {"categories": ["Nov"]},
    },
}
WORDS: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "Good morning"}}
Put = Callable[..., None]


async def rounds(delivery: Delivery, clock: Clock, count: int = 1, apart: float = 1) -> None:
    for _ in range(count):
        await delivery.round()
        await delivery.idle()
        clock.forward(timedelta(seconds=apart))


def texts(slack: SlackServer, channel: str = CS) -> list[str]:
    return [message.text for message in slack.state.messages.timeline(channel)]


def called(slack: SlackServer, method: str = "chat.postMessage") -> list[dict[str, Any]]:
    return list(slack.state.calls.listed(method))


def state(database: Database, key: str) -> OutboxState:
    return OutboxState(row(database, key)["state"])


def row(database: Database, key: str) -> dict[str, Any]:
    with database.reading() as session:
        table = table_of(OutboxRow)
        return dict(session.execute(select(table).where(table.c.key == key)).mappings().one())


def problem(database: Database) -> str | None:
    with database.reading() as session:
        found = channels.find(session, CS)
        assert found is not None
        return found.problem


def set_up(database: Database, clock: Clock) -> None:
    with database.writing() as session:
        owed.set_up(
            session,
            CS,
            at=time(8),
            zone=ZoneInfo("UTC"),
            weekdays=frozenset((1,)),
            alerts=True,
            user="U1",
            now=clock(),
        )
