"""A message whose answer was lost is found, posted after all, or called unconfirmed; never doubled."""

import pytest

from bot.messages.trouble import CARD_IN_DOUBT, DIGEST_IN_DOUBT, THREAD_IN_DOUBT
from bot.playground.slack import SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.slack.delivery import LEASE, Delivery
from storage import outbox
from storage.engine import Database
from storage.outbox import Rank
from storage.states import OutboxState
from tests.bot.slack.delivery.seen import SCOPES, Put, called, problem, rounds, set_up, state, texts
from tests.clock import Clock


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


@pytest.mark.parametrize("scopes", [SCOPES], ids=["no-history"])
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


@pytest.mark.parametrize("scopes", [SCOPES], ids=["no-history"])
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


@pytest.mark.parametrize("scopes", [SCOPES], ids=["no-history"])
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


@pytest.mark.parametrize("scopes", [SCOPES], ids=["no-history"])
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
