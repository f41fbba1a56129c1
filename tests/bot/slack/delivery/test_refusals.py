"""What Slack refuses or puts off is told, tried again or left, and holds nobody else up."""

from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.trouble import REMEDIES, SHARED
from bot.playground.slack import SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.slack import posting
from bot.slack.delivery import FIRST_LOOK, FIRST_WAIT, Delivery
from storage import outbox
from storage.engine import Database
from storage.outbox_claims import Claimed
from storage.states import OutboxState
from tests.bot.slack.delivery.seen import (
    CHART,
    CS,
    OLD,
    OTHER,
    OUTSIDE,
    WORDS,
    Put,
    called,
    problem,
    rounds,
    row,
    set_up,
    state,
    texts,
)
from tests.clock import Clock


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
