"""Nothing goes to where another company reads it, and all goes on by itself once it has left."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot import owed
from bot.messages.trouble import SHARED
from bot.playground.slack import SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.schedule import tick
from bot.slack.delivery import Delivery
from bot.slack.posting import SHARED_ELSEWHERE, Later
from bot.slack.sharing import REMEMBERED, Sharing
from storage import channels, outbox
from storage.channels import Channel
from storage.engine import Database
from storage.outbox import Outgoing, Rank
from storage.slots import slot_key
from tests.bot.slack.delivery.seen import CS, rounds, texts
from tests.clock import Clock

SCOPES = ("chat:write", "channels:read", "channels:history")
GRACE = timedelta(hours=4)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 23, 7, 30, tzinfo=UTC))


@pytest.fixture
def scopes() -> tuple[str, ...]:
    return SCOPES


@pytest.fixture
def put(database: Database, clock: Clock) -> Callable[..., None]:
    with database.writing() as session:
        owed.set_up(
            session,
            CS,
            at=time(8, 30),
            zone=ZoneInfo("UTC"),
            weekdays=frozenset(range(1, 8)),
            alerts=True,
            user="U1",
            now=clock(),
        )

    def write(key: str, reply_to: str | None = None) -> None:
        with database.writing() as session:
            outbox.put(session, key, CS, key, [], now=clock(), reply_to=reply_to, rank=Rank.CARD)

    return write


def share(slack: SlackServer, *, shared: bool) -> None:
    slack.state.workspace.channels[CS].is_ext_shared = shared


def found(database: Database) -> Channel:
    with database.reading() as session:
        channel = channels.find(session, CS)
        assert channel is not None
        return channel


Put = Callable[..., None]


async def test_no_message_and_no_thread_goes_to_a_shared_channel(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    share(slack, shared=True)
    put("digest")
    put("digest:1", reply_to="digest")
    put("card")
    await rounds(delivery, clock, 3)

    assert texts(slack) == []
    assert {call["args"]["channel"] for call in slack.state.calls.listed("chat.postMessage")} == {"U1"}  # who is told
    assert (found(database).problem, found(database).shared) == (SHARED, True)


async def test_a_channel_shared_later_gets_no_replies_and_no_updates(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("digest")
    await rounds(delivery, clock, 3)
    share(slack, shared=True)
    clock.forward(REMEMBERED)
    put("digest:1", reply_to="digest")
    with database.writing() as session:
        outbox.revise(session, "digest", "newer", [], now=clock())
    await rounds(delivery, clock, 3)

    (digest,) = slack.state.messages.timeline(CS)
    assert digest.text == "digest"
    assert len(slack.state.messages.thread(CS, digest.ts)) == 1
    assert slack.state.calls.listed("chat.update") == []
    assert found(database).shared


def cup(_session: object, one: Channel, day: date, _due_at: datetime, _now: datetime) -> list[Outgoing]:
    return [Outgoing(slot_key(one.channel_id, day), one.channel_id, f"{day}", [])]


async def test_digests_stop_while_it_is_shared_and_the_next_comes_by_itself(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    share(slack, shared=True)
    written = []
    for day in range(4):
        clock.now = datetime(2026, 11, 23 + day, 8, 30, tzinfo=UTC)
        if day == 2:
            share(slack, shared=False)
        written.append(await tick(database, clock(), GRACE, cup))
        await rounds(delivery, clock, 3)
        await delivery.look_at_shared()

    assert written == [1, 0, 0, 1]  # on the third morning it is still thought to be shared
    assert texts(slack) == ["2026-11-26"]
    assert found(database).problem is None


async def test_slack_is_asked_once_in_a_few_minutes(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put
) -> None:
    for number in range(3):
        put(f"card {number}")
    await rounds(delivery, clock, 3)
    assert len(slack.state.calls.listed("conversations.info")) == 1
    clock.forward(REMEMBERED)
    put("later")
    await rounds(delivery, clock, 3)

    assert len(slack.state.calls.listed("conversations.info")) == 2
    assert len(texts(slack)) == 4


@pytest.mark.parametrize("scopes", [("chat:write",)], ids=["no channels:read"])
async def test_where_the_app_may_not_ask_messages_are_posted(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put
) -> None:
    put("card")
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["card"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("conversations.info", "500"),
        Fault("conversations.info", "429", retry_after=2),
        Fault("conversations.info", "drop_after_accept"),
    ],
    ids=lambda fault: fault.kind,
)
async def test_while_slack_cannot_tell_a_message_waits(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put, fault: Fault
) -> None:
    slack.state.faults.order(fault)
    put("card")
    await rounds(delivery, clock, 1)
    assert texts(slack) == []
    clock.forward(timedelta(seconds=5))
    await rounds(delivery, clock, 1)

    assert texts(slack) == ["card"]


class Told(AsyncWebClient):
    """Slack, as it describes channels that the local one does not have."""

    channel: dict[str, object]

    async def api_call(self, *_: Any, **__: Any) -> Any:
        return {"ok": True, "channel": self.channel}


@pytest.mark.parametrize(
    ("channel", "objects"),
    [
        ({"is_pending_ext_shared": True}, True),
        ({"is_org_shared": True, "context_team_id": "T1"}, False),
        ({"is_org_shared": True, "context_team_id": "T2"}, True),
        ({"is_org_shared": True}, False),
        ({}, False),
    ],
)
async def test_what_counts_as_shared(clock: Clock, channel: dict[str, object], objects: bool) -> None:
    client = Told()
    client.channel = channel
    told = await Sharing(client, clock, "T1").objection(CS)

    assert not isinstance(told, Later)
    assert (told == SHARED_ELSEWHERE) is objects


async def test_what_slack_does_not_know_of_a_channel_is_no_leave_to_post_there(
    slack: SlackServer, client: AsyncWebClient, clock: Clock
) -> None:
    """Thrown out of a channel, and taken in again when another company had come."""
    sharing = Sharing(client, clock)
    slack.state.faults.order(Fault("conversations.info", "error", error="channel_not_found", channel=CS, times=2))
    assert await sharing.objection(CS) is None  # the message itself meets what is wrong
    assert not await sharing.is_shared_no_more(CS)

    slack.state.workspace.channels[CS].is_ext_shared = True

    assert await sharing.objection(CS) == SHARED_ELSEWHERE
    assert not await sharing.is_shared_no_more(CS)
    slack.state.workspace.channels[CS].is_ext_shared = False
    assert await sharing.is_shared_no_more(CS)
