"""Messages reach a Slack over real sockets, in their order and as they were written."""

from datetime import timedelta

from bot.playground.slack import SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.slack.delivery import Delivery
from bot.slack.posting import EVENT_TYPE
from storage import outbox
from storage.engine import Database
from storage.outbox import Rank
from storage.states import OutboxState
from tests.bot.slack.delivery.seen import CS, OTHER, WORDS, Put, called, rounds, row, state, texts
from tests.clock import Clock


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
