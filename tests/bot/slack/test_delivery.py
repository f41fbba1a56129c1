"""Messages reach a Slack over real sockets: once each, whatever that Slack answers, or does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot import owed
from bot.messages.trouble import CARD_IN_DOUBT, DIGEST_IN_DOUBT, REMEDIES, SHARED, THREAD_IN_DOUBT
from bot.playground.slack import ChannelSeed, SlackConfig, SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.settings import Settings
from bot.slack import posting
from bot.slack.connection import close_client, open_client
from bot.slack.delivery import AT_ONCE, FIRST_LOOK, FIRST_WAIT, LEASE, PACE, Delivery
from bot.slack.posting import EVENT_TYPE
from storage import channels, outbox, outbox_claims
from storage.engine import Database
from storage.outbox import Rank
from storage.outbox_claims import Claimed
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import table_of
from tests.bot.playground.slack.helpers import until
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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[HISTORY], ids=["history"])
async def slack(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(channels=SEEDS, scopes=request.param))
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


Put = Callable[..., None]


@pytest.fixture
def put(database: Database, clock: Clock) -> Put:
    def write(key: str, channel: str = CS, blocks: list[dict[str, Any]] | None = None, **more: Any) -> None:
        with database.writing() as session:
            outbox.put(session, key, channel, f"text of {key}", blocks or [], now=clock(), **more)

    return write


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


async def test_a_message_and_its_thread_come_in_order(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("digest", blocks=[WORDS])
    put("digest:1", reply_to="digest")
    put("digest:2", reply_to="digest")
    put("next")
    await rounds(delivery, clock, 4)

    assert texts(slack) == ["text of digest", "text of next"]
    parent = slack.state.messages.timeline(CS)[0]
    thread = slack.state.messages.thread(CS, parent.ts)
    assert [message.text for message in thread] == ["text of digest", "text of digest:1", "text of digest:2"]
    assert row(database, "digest")["ts"] == parent.ts
    assert all(state(database, key) is OutboxState.SENT for key in ("digest", "digest:1", "digest:2", "next"))


async def test_what_is_sent_holds_nothing_but_the_message_and_a_random_word(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("digest:C00000001:2026-11-23", blocks=[WORDS])
    await rounds(delivery, clock)
    receipt = row(database, "digest:C00000001:2026-11-23")["receipt"]

    (message,) = slack.state.messages.timeline(CS)
    assert message.metadata == {"event_type": EVENT_TYPE, "event_payload": {"key": receipt}}
    (call,) = called(slack)
    sent = call["args"]
    assert {name: sent[name] for name in ("unfurl_links", "unfurl_media", "link_names", "parse")} == {
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "parse": "none",
    }


async def test_a_living_message_is_updated_in_its_place(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("card", blocks=[WORDS])
    await rounds(delivery, clock)
    for text in ("Ann is on it", "Closed"):
        with database.writing() as session:
            outbox.revise(session, "card", text, [], now=clock())
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["Closed"]
    assert len(called(slack, "chat.update")) == 1


async def test_a_lost_answer_is_found_in_the_history(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "drop_after_accept"))
    put("digest")
    put("digest:1", reply_to="digest")
    await rounds(delivery, clock, 3)
    assert state(database, "digest") is OutboxState.SENDING
    clock.forward(LEASE)
    await rounds(delivery, clock, 3)

    assert len(called(slack)) == 2
    assert texts(slack) == ["text of digest"]
    assert state(database, "digest:1") is OutboxState.SENT


async def test_a_lost_answer_in_a_thread_is_found_there(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("digest")
    put("digest:1", reply_to="digest")
    await rounds(delivery, clock)
    slack.state.faults.order(Fault("chat.postMessage", "drop_after_accept"))
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock, 2)

    assert len(called(slack)) == 2
    assert state(database, "digest:1") is OutboxState.SENT


async def test_a_message_that_never_arrived_is_posted_after_all(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "500"))
    put("digest")
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock, 2)

    assert texts(slack) == ["text of digest"]
    assert state(database, "digest") is OutboxState.SENT


@pytest.mark.parametrize("slack", [SCOPES], indirect=True, ids=["no-history"])
async def test_without_the_history_a_doubtful_message_is_called_unconfirmed(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "drop_after_accept"))
    put("digest")
    put("digest:1", reply_to="digest")
    put("next")
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["text of digest", "text of next"]
    assert state(database, "digest") is OutboxState.UNCONFIRMED  # nobody set the channel up, so nobody can be asked
    assert state(database, "digest:1") is OutboxState.PENDING


@pytest.mark.parametrize("slack", [SCOPES], indirect=True, ids=["no-history"])
async def test_the_channel_says_that_a_digest_may_be_lost_until_the_next_comes(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    set_up(database, clock)
    slack.state.faults.order(Fault("chat.postMessage", "500"))
    put("monday", rank=Rank.DIGEST)
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock)
    put("card")
    await rounds(delivery, clock)
    assert (texts(slack), problem(database)) == (["text of card"], DIGEST_IN_DOUBT)
    put("tuesday", rank=Rank.DIGEST)
    await rounds(delivery, clock)

    assert (texts(slack), problem(database)) == (["text of card", "text of tuesday"], None)


@pytest.mark.parametrize("slack", [SCOPES], indirect=True, ids=["no-history"])
async def test_a_reply_in_doubt_does_not_pass_for_its_digest(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    set_up(database, clock)
    put("monday", rank=Rank.DIGEST)
    put("monday:1", reply_to="monday", rank=Rank.DIGEST)
    await rounds(delivery, clock)
    slack.state.faults.order(Fault("chat.postMessage", "500"))
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock)

    assert problem(database) == THREAD_IN_DOUBT


@pytest.mark.parametrize("slack", [SCOPES], indirect=True, ids=["no-history"])
async def test_a_card_that_was_lost_comes_with_its_next_content(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    set_up(database, clock)
    slack.state.faults.order(Fault("chat.postMessage", "500"))
    put("card")
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock)
    assert (texts(slack), problem(database)) == ([], CARD_IN_DOUBT)
    with database.writing() as session:
        outbox.revise(session, "card", "Ann is on it", [], now=clock())
    await rounds(delivery, clock, 3)

    assert (texts(slack), problem(database)) == (["Ann is on it"], None)


async def test_the_history_that_cannot_be_read_now_is_read_later(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "drop_after_accept"))
    slack.state.faults.order(Fault("conversations.history", "500"))
    put("digest")
    await rounds(delivery, clock)
    clock.forward(LEASE)
    await rounds(delivery, clock)
    assert state(database, "digest") is OutboxState.SENDING
    clock.forward(LEASE)
    await rounds(delivery, clock)

    assert texts(slack) == ["text of digest"]
    assert state(database, "digest") is OutboxState.SENT


async def test_an_update_whose_answer_was_lost_is_sent_again(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("card")
    await rounds(delivery, clock)
    slack.state.faults.order(Fault("chat.update", "drop_after_accept"))
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
    await rounds(delivery, clock, 4)

    assert texts(slack) == ["Closed"]
    assert state(database, "card") is OutboxState.SENT


@pytest.mark.parametrize(
    "fault",
    [
        Fault("chat.postMessage", "429", retry_after=30, channel=CS),
        Fault("chat.postMessage", "error", error="ratelimited", channel=CS),
        Fault("chat.postMessage", "error", error="message_limit_exceeded", channel=CS),
    ],
    ids=["429", "ratelimited", "message_limit_exceeded"],
)
async def test_a_busy_channel_waits_alone(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put, *, fault: Fault
) -> None:
    slack.state.faults.order(fault)
    put("first")
    put("second")
    put("elsewhere", OTHER)
    await rounds(delivery, clock, 29)
    assert texts(slack) == []
    assert texts(slack, OTHER) == ["text of elsewhere"]
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["text of first", "text of second"]
    assert row(database, "first")["error"] is None


async def test_a_refused_connection_is_no_doubt_and_is_tried_again(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    client = delivery._client
    there, client.base_url = client.base_url, "http://127.0.0.1:1/api/"
    put("digest")
    await rounds(delivery, clock)
    assert state(database, "digest") is OutboxState.PENDING
    client.base_url = there
    clock.forward(FIRST_WAIT)
    await rounds(delivery, clock)

    assert texts(slack) == ["text of digest"]


@pytest.mark.parametrize("refused", ["data_visualization", None], ids=["chart", "all blocks"])
async def test_refused_blocks_are_left_out_and_the_message_comes(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put, refused: str | None
) -> None:
    for kind in [refused] if refused else ["section"]:
        slack.state.faults.order(
            Fault("chat.postMessage", "error", error="invalid_blocks", block_type=kind, times=None)
        )
    put("digest", blocks=[WORDS, CHART])
    await rounds(delivery, clock)

    (message,) = slack.state.messages.timeline(CS)
    assert message.text == "text of digest"
    assert [block["type"] for block in message.blocks] == (["section"] if refused else [])


@pytest.mark.parametrize(
    ("channel", "error"), [(OUTSIDE, "not_in_channel"), (OLD, "is_archived"), ("C0NOWHERE", "channel_not_found")]
)
async def test_what_a_person_must_mend_fails_with_the_reason(
    delivery: Delivery, database: Database, clock: Clock, put: Put, *, channel: str, error: str
) -> None:
    put("digest", channel)
    await rounds(delivery, clock)

    assert (row(database, "digest")["state"], row(database, "digest")["error"]) == (OutboxState.FAILED, error)


@pytest.mark.parametrize("error", sorted(REMEDIES.keys() - {SHARED}))
async def test_a_channel_waits_until_a_person_has_mended_it(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put, *, error: str
) -> None:
    set_up(database, clock)
    slack.state.faults.order(Fault("chat.postMessage", "error", error=error, channel=CS))
    put("monday")
    put("tuesday")
    await rounds(delivery, clock, 3)
    assert problem(database) == error
    assert texts(slack) == []
    clock.forward(FIRST_LOOK)
    await rounds(delivery, clock, 3)

    assert problem(database) is None
    assert texts(slack) == ["text of monday", "text of tuesday"]


async def test_a_deleted_card_is_not_posted_anew(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("card")
    await rounds(delivery, clock)
    (message,) = slack.state.messages.timeline(CS)
    slack.state.messages.delete(message)
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
    await rounds(delivery, clock, 3)

    assert texts(slack) == []
    assert (row(database, "card")["state"], row(database, "card")["error"]) == (OutboxState.FAILED, "message_not_found")


async def test_an_unknown_refusal_is_tried_three_times_and_then_told(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    set_up(database, clock)
    slack.state.faults.order(Fault("chat.postMessage", "error", error="something_new", times=None))
    put("digest")
    await rounds(delivery, clock, 2, apart=60)
    assert state(database, "digest") is OutboxState.PENDING
    await rounds(delivery, clock, 4, apart=60)

    assert len([call for call in called(slack) if call["args"]["channel"] == CS]) == 3
    assert (row(database, "digest")["state"], row(database, "digest")["error"]) == (OutboxState.FAILED, "something_new")
    assert problem(database) == "something_new"


async def test_outages_do_not_count_as_tries_of_an_unknown_refusal(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    client = delivery._client
    there, client.base_url = client.base_url, "http://127.0.0.1:1/api/"
    put("digest")
    await rounds(delivery, clock, 5, apart=60)
    client.base_url = there
    slack.state.faults.order(Fault("chat.postMessage", "error", error="something_new"))
    await rounds(delivery, clock, 5, apart=60)

    assert texts(slack) == ["text of digest"]


async def test_a_message_refused_for_its_own_sake_lets_others_pass(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "error", error="something_new"))
    put("odd")
    put("odd:1", reply_to="odd")
    put("next")
    await rounds(delivery, clock, 3)
    assert texts(slack) == ["text of next"]
    clock.forward(timedelta(seconds=30))
    await rounds(delivery, clock, 2)

    assert texts(slack) == ["text of next", "text of odd"]
    assert len(slack.state.messages.thread(CS, slack.state.messages.timeline(CS)[1].ts)) == 2


async def test_a_long_pause_is_asked_for_again_after_an_hour(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "429", retry_after=86_400))
    put("digest")
    await rounds(delivery, clock)
    clock.forward(timedelta(hours=1))
    await rounds(delivery, clock)

    assert texts(slack) == ["text of digest"]


async def test_a_clock_set_back_does_not_hold_up_a_channel(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put
) -> None:
    put("first")
    await rounds(delivery, clock)
    clock.forward(timedelta(hours=-2))
    put("second")
    await rounds(delivery, clock)

    assert texts(slack) == ["text of first", "text of second"]


async def posted_long_ago(delivery: Delivery, clock: Clock, put: Put) -> None:
    put("card")
    await rounds(delivery, clock)
    clock.forward(timedelta(days=30))


async def test_an_update_of_an_old_card_is_tried_again(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    await posted_long_ago(delivery, clock, put)
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
    slack.state.faults.order(Fault("chat.update", "error", error="something_new", times=2))
    await rounds(delivery, clock, 5, apart=600)

    assert (texts(slack), state(database, "card")) == (["Closed"], OutboxState.SENT)


async def test_an_update_that_slack_does_not_answer_is_given_up_after_a_day(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    await posted_long_ago(delivery, clock, put)
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
    slack.state.faults.order(Fault("chat.update", "500", times=None))
    await rounds(delivery, clock)
    clock.forward(timedelta(hours=23))
    await rounds(delivery, clock)
    assert state(database, "card") is OutboxState.PENDING
    clock.forward(timedelta(hours=2))
    await rounds(delivery, clock)

    assert (state(database, "card"), row(database, "card")["error"]) == (OutboxState.FAILED, "HTTP 500")


async def test_no_pause_that_slack_wants_ends_an_update(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    await posted_long_ago(delivery, clock, put)
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
    slack.state.faults.order(Fault("chat.update", "429", retry_after=60, times=5))
    await rounds(delivery, clock, 6, apart=24 * 3600)

    assert (texts(slack), state(database, "card")) == (["Closed"], OutboxState.SENT)


async def test_a_pause_holds_back_updates_of_that_channel_too(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("card")
    await rounds(delivery, clock)
    slack.state.faults.order(Fault("chat.postMessage", "429", retry_after=30))
    put("limited")
    await rounds(delivery, clock)
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
    await rounds(delivery, clock, 29)
    assert called(slack, "chat.update") == []
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["Closed", "text of limited"]


async def test_what_comes_while_old_content_is_refused_is_tried(
    slack: SlackServer,
    delivery: Delivery,
    database: Database,
    clock: Clock,
    put: Put,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really = posting.send

    async def revised_meanwhile(client: AsyncWebClient, message: Claimed) -> posting.Outcome:
        outcome = await really(client, message)
        if message.revision == 1:
            await database.write(outbox.revise, "card", "shorter", [], now=clock())
        return outcome

    monkeypatch.setattr("bot.slack.delivery.send", revised_meanwhile)
    slack.state.faults.order(Fault("chat.postMessage", "error", error="msg_too_long"))
    put("card")
    await rounds(delivery, clock, 2)

    assert texts(slack) == ["shorter"]


# --- what fails on our side ------------------------------------------------------------------------------------


class Busy:
    """A database whose next writes of an outcome find it locked."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        self.error: Exception = OperationalError("update outbox", {}, Exception("database is locked"))
        self._write = database.write
        monkeypatch.setattr(database, "write", self.write)
        monkeypatch.setattr("bot.slack.delivery.WRITE_AGAIN", 0.0)

    async def write(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if work not in (outbox_claims.claim, outbox_claims.tidy) and self.times > 0:
            self.times -= 1
            raise self.error
        return await self._write(work, *args, **kwargs)


@pytest.fixture
def busy(database: Database, monkeypatch: pytest.MonkeyPatch) -> Busy:
    return Busy(database, monkeypatch)


async def test_an_outcome_outlasts_a_busy_database(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put, *, busy: Busy
) -> None:
    put("digest")
    busy.times = 3
    with capture_logs() as logged:
        await rounds(delivery, clock)

    assert state(database, "digest") is OutboxState.SENT
    assert row(database, "digest")["ts"] == slack.state.messages.timeline(CS)[0].ts
    assert [entry["error"] for entry in logged if "cannot be written" in entry["event"]] == ["OperationalError"] * 3


async def test_a_database_that_stays_away_leaves_the_message_to_its_lease(
    slack: SlackServer, database: Database, client: AsyncWebClient, clock: Clock, put: Put, *, busy: Busy
) -> None:
    delivery = Delivery(database, client, clock, lease=timedelta(0))
    busy.times = 1
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logged:
        patch.setattr("bot.slack.delivery.WRITE_AGAIN", 1.0)  # longer than this lease
        put("digest")
        await rounds(delivery, clock)
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == [
        "the outcome of a message is lost; it is settled after its lease"
    ]
    await rounds(delivery, clock)

    assert (len(called(slack)), state(database, "digest")) == (1, OutboxState.SENT)


async def test_a_fault_of_ours_loses_no_message(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put, *, busy: Busy
) -> None:
    busy.times, busy.error = 2, ZeroDivisionError()
    put("digest")
    with capture_logs() as logged:
        await rounds(delivery, clock)
        clock.forward(LEASE)
        await rounds(delivery, clock)
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == [
        "the outcome of a message is lost; it is settled after its lease",
        "a message could not be settled; it is tried after its lease",
    ]
    clock.forward(LEASE)
    await rounds(delivery, clock)

    assert (len(called(slack)), state(database, "digest")) == (1, OutboxState.SENT)


async def test_an_update_left_by_a_process_that_ended_is_sent_again(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, put: Put
) -> None:
    put("card")
    await rounds(delivery, clock)
    with database.writing() as session:
        outbox.revise(session, "card", "Closed", [], now=clock())
        outbox_claims.claim(session, now=clock(), lease=LEASE, pace=PACE)
    clock.forward(LEASE)
    await rounds(delivery, clock, 3)

    assert (texts(slack), state(database, "card")) == (["Closed"], OutboxState.SENT)


async def test_no_more_than_so_many_are_sent_at_once(
    delivery: Delivery, database: Database, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asyncio.Event()
    sending = 0

    async def send(_client: AsyncWebClient, _message: Claimed) -> posting.Outcome:
        nonlocal sending
        sending += 1
        await answer.wait()
        return posting.Sent("1.0")

    monkeypatch.setattr("bot.slack.delivery.send", send)
    for number in range(AT_ONCE + 1):
        put(f"m{number}", f"C{number:08}")
    for _ in range(2):
        await delivery.round()
        await until(lambda: sending >= AT_ONCE)
    assert sending == AT_ONCE
    answer.set()
    await delivery.idle()
    await delivery.round()
    await delivery.idle()

    assert sending == AT_ONCE + 1


async def test_a_round_that_fails_does_not_end_the_delivery(
    slack: SlackServer, database: Database, client: AsyncWebClient, clock: Clock, put: Put
) -> None:
    delivery = Delivery(database, client, clock)
    put("digest")
    whole, database._writer = database._writer, None  # type: ignore[assignment]  # as if it could not be reached
    with capture_logs() as logged:
        running = asyncio.create_task(delivery.run())
        await until(lambda: logged)
        database._writer = whole
        delivery.nudge()
        await until(lambda: texts(slack))
    delivery.stop()
    await running

    assert logged[0]["event"] == "delivery failed; it goes on"
    assert state(database, "digest") is OutboxState.SENT


async def test_a_nudge_has_it_delivered_at_once_and_a_stop_ends_the_loop(
    slack: SlackServer, database: Database, client: AsyncWebClient, clock: Clock, put: Put
) -> None:
    delivery = Delivery(database, client, clock)
    running = asyncio.create_task(delivery.run())
    put("digest")
    delivery.nudge()
    async with asyncio.timeout(5):
        await until(lambda: texts(slack))
        delivery.stop()
        await running
    assert state(database, "digest") is OutboxState.SENT


@pytest.mark.parametrize("turns", range(5))
async def test_a_cancelled_delivery_ends_even_when_it_was_nudged_just_then(
    database: Database, client: AsyncWebClient, clock: Clock, turns: int
) -> None:
    """A cancellation that is lost keeps the event loop from ever closing."""

    class Resting(Delivery):
        async def round(self) -> None:
            return None

    delivery = Resting(database, client, clock)
    delivering = asyncio.create_task(delivery.run())
    for _ in range(5):
        await asyncio.sleep(0)  # now it rests
    delivery.nudge()
    for _ in range(turns):
        await asyncio.sleep(0)
    delivering.cancel()
    done, _ = await asyncio.wait([delivering], timeout=10)

    assert delivering in done


async def test_a_digest_that_waited_for_slack_says_so_and_its_thread_does_not(
    slack: SlackServer, delivery: Delivery, clock: Clock, put: Put
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "500", times=2))
    put("digest:1", rank=Rank.DIGEST, blocks=[WORDS] * 50)
    put("digest:1:reply", rank=Rank.DIGEST, reply_to="digest:1")
    put("card", OTHER)
    await rounds(delivery, clock)
    clock.forward(timedelta(minutes=40) - timedelta(seconds=1))
    await rounds(delivery, clock, 4)

    first = slack.state.messages.timeline(CS)[0]
    note = "This digest waited 40 min for Slack: its figures are those of when it was due."
    assert first.text == f"text of digest:1\n{note}"
    assert len(first.blocks) == 50
    assert first.blocks[-1]["elements"][0]["text"] == note
    assert [one.text for one in slack.state.messages.thread(CS, first.ts)][1:] == ["text of digest:1:reply"]
    assert texts(slack, OTHER) == ["text of card"]
