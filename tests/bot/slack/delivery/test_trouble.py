"""Who is told when messages do not get through, how often, and what a person can do where nobody can know."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlmodel import Session

from bot import owed
from bot.messages.trouble import DIGEST_IN_DOUBT, SHARED
from bot.playground.slack import SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.slack import outcomes
from bot.slack.delivery import FIRST_LOOK, LEASE, Delivery
from bot.sweep import sweep
from storage import channels, doubtful, outbox, outbox_claims, slots
from storage.channels import Channel
from storage.doubtful import Doubtful
from storage.engine import Database
from storage.health import standing
from storage.outbox import Outgoing, Rank
from storage.slots import slot_key
from storage.states import OutboxState, SlotState
from storage.tables import OutboxRow
from storage.upsert import table_of
from tests.bot.slack.delivery.seen import CS, OTHER, SCOPES, rounds, texts
from tests.clock import Clock

AINO = "U00000001"
GRACE = timedelta(hours=6)
SETTLED = "This one is settled already: somebody was faster, it was found, or it is too long ago."


@pytest.fixture
def scopes() -> tuple[str, ...]:
    return SCOPES


@pytest.fixture
def delivery(database: Database, client: AsyncWebClient, clock: Clock) -> Delivery:
    with database.writing() as session:
        for channel in (CS, OTHER):
            set_up(session, channel, clock)
    return Delivery(database, client, clock)


def set_up(session: Session, channel_id: str, clock: Clock) -> None:
    owed.set_up(
        session,
        channel_id,
        at=time(8),
        zone=ZoneInfo("UTC"),
        weekdays=frozenset(range(1, 8)),
        alerts=True,
        user=AINO,
        now=clock(),
    )


def put(database: Database, key: str, clock: Clock, channel: str = CS, rank: Rank = Rank.CARD) -> None:
    with database.writing() as session:
        outbox.put(session, key, channel, f"text of {key}", [], now=clock(), rank=rank)


def put_digest(database: Database, clock: Clock) -> str:
    """Today's digest and its thread, as the tick writes them; its key."""
    now = clock()
    key = slot_key(CS, now.date())
    with database.writing() as session:
        slots.take(session, key, due_at=now, state=SlotState.DONE, now=now)
        messages = [Outgoing(key, CS, "Coffee", []), Outgoing(f"{key}:1", CS, "More", [], reply_to=key)]
        outbox.put_digest(session, messages, now=now, expires_at=now + GRACE)
    return key


def told(slack: SlackServer) -> list[str]:
    """What stands in the direct message with the person who set the channels up."""
    return texts(slack, slack.state.workspace.direct_message(AINO).id)


def channel(database: Database, channel_id: str = CS) -> Channel:
    with database.reading() as session:
        found = channels.find(session, channel_id)
    assert found is not None
    return found


def in_doubt(database: Database, clock: Clock) -> list[Doubtful]:
    with database.reading() as session:
        return list(doubtful.in_channel(session, CS, clock()))


def missed(database: Database, clock: Clock) -> int:
    with database.reading() as session:
        return len(slots.missed_before(session, slots.slot_prefix(CS), clock()))


async def test_who_set_a_channel_up_is_told_once_what_to_do(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "error", error="not_in_channel", channel=CS, times=3))
    put(database, "card", clock)
    for _ in range(3):
        await rounds(delivery, clock, 3)
        clock.forward(timedelta(minutes=15))
    put(database, "elsewhere", clock, OTHER)
    await rounds(delivery, clock, 3)

    (said,) = told(slack)
    assert said == (
        f":warning: What I have for <#{CS}> does not get through. I am not in this channel; invite me with /invite."
        " I try again by myself every few minutes, and go on as soon as it works."
    )
    assert texts(slack) == ["text of card"]
    assert texts(slack, OTHER) == ["text of elsewhere"]
    assert channel(database).problem is None


async def test_a_trouble_that_comes_again_is_told_again(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    for key in ("monday", "tuesday"):
        slack.state.faults.order(Fault("chat.postMessage", "error", error="is_archived", channel=CS))
        put(database, key, clock)
        await rounds(delivery, clock, 3)
        clock.forward(FIRST_LOOK)
        await rounds(delivery, clock, 3)

    assert texts(slack) == ["text of monday", "text of tuesday"]
    assert len(told(slack)) == 2


@pytest.mark.parametrize("error", ["missing_scope", "token_revoked"])
async def test_what_is_wrong_with_the_whole_app_is_logged_and_told_to_nobody_when_it_is_over(
    error: str, slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "error", error=error, times=2))
    for name in (CS, OTHER):
        put(database, f"card {name}", clock, name)
    await rounds(delivery, clock, 3)
    assert {channel(database, name).problem is None for name in (CS, OTHER)} == {False}
    clock.forward(FIRST_LOOK)
    await rounds(delivery, clock, 5)

    assert (texts(slack), texts(slack, OTHER)) == ([f"text of card {CS}"], [f"text of card {OTHER}"])
    assert told(slack) == []


async def test_what_is_over_is_not_told(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    person = slack.state.workspace.direct_message(AINO).id
    slack.state.faults.order(Fault("chat.postMessage", "error", error="not_in_channel", channel=CS))
    slack.state.faults.order(Fault("chat.postMessage", "429", channel=AINO, retry_after=600))
    put(database, "card", clock)
    await rounds(delivery, clock, 3)
    clock.forward(FIRST_LOOK)
    await rounds(delivery, clock, 3)
    clock.forward(timedelta(minutes=15))
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["text of card"]
    assert texts(slack, person) == []


async def test_setting_the_channel_up_again_tries_at_once(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "error", error="not_in_channel", channel=CS))
    put(database, "card", clock)
    await rounds(delivery, clock, 3)
    with database.writing() as session:
        set_up(session, CS, clock)
        outbox.release(session, CS, now=clock())
    await rounds(delivery, clock, 3)

    assert texts(slack) == ["text of card"]


async def test_a_digest_that_cannot_be_posted_in_time_counts_as_missed(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "error", error="not_in_channel", channel=CS, times=None))
    put_digest(database, clock)
    await rounds(delivery, clock, 3)
    assert missed(database, clock) == 0
    clock.forward(GRACE)
    slack.state.faults.reset()
    await rounds(delivery, clock, 3)

    assert texts(slack) == []
    assert missed(database, clock) == 1
    with database.reading() as session:
        assert standing(session, "csv").missed == 1


async def test_a_digest_left_over_by_a_bot_that_was_down_is_not_posted_hours_late(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    put_digest(database, clock)
    clock.forward(GRACE)
    await rounds(delivery, clock, 3)

    assert texts(slack) == []
    assert missed(database, clock) == 1


async def test_a_digest_refused_for_good_counts_as_missed(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "error", error="msg_too_long", channel=CS))
    put_digest(database, clock)
    await rounds(delivery, clock, 3)

    assert missed(database, clock) == 1


# --- in doubt --------------------------------------------------------------------------------------------------


@pytest.fixture
async def doubt(slack: SlackServer, delivery: Delivery, database: Database, clock: Clock) -> Doubtful:
    """A digest whose answer was lost, where the history may not be read."""
    slack.state.faults.order(Fault("chat.postMessage", "500", channel=CS))
    put_digest(database, clock)
    await rounds(delivery, clock, 1)
    clock.forward(LEASE)
    await rounds(delivery, clock, 3)
    (found,) = in_doubt(database, clock)
    return found


def settle(database: Database, doubt: Doubtful, clock: Clock, *, again: bool, user: str = AINO) -> str:
    with database.writing() as session:
        return outcomes.settle(session, doubt.id, user, again=again, now=clock()).text


async def test_who_set_it_up_is_asked_to_look(slack: SlackServer, database: Database, doubt: Doubtful) -> None:
    (question,) = slack.state.messages.timeline(slack.state.workspace.direct_message(AINO).id)

    assert question.text.startswith("Slack gave no answer to the coffee stats of <!date^")
    assert [button["text"]["text"] for button in question.blocks[-1]["elements"]] == ["Post again", "It is there"]
    assert channel(database).problem == DIGEST_IN_DOUBT


async def test_post_again_brings_it_with_its_thread_once(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, doubt: Doubtful
) -> None:
    clock.forward(GRACE)  # however late: a person wants it
    first = settle(database, doubt, clock, again=True)
    second = settle(database, doubt, clock, again=True, user="U00000002")
    await rounds(delivery, clock, 5)

    assert first.startswith(f"<@{AINO}> had me post the coffee stats of")
    assert second == SETTLED
    assert texts(slack) == ["Coffee\nThis digest waited 6 h for Slack: its figures are those of when it was due."]
    (head,) = slack.state.messages.timeline(CS)
    assert [reply.text for reply in slack.state.messages.thread(CS, head.ts)][1:] == ["More"]
    assert told(slack) == [first]  # the question became the answer
    assert (channel(database).problem, in_doubt(database, clock)) == (None, [])


async def test_one_that_a_person_found_is_not_posted_again(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, doubt: Doubtful
) -> None:
    first = settle(database, doubt, clock, again=False)
    await rounds(delivery, clock, 3)

    assert first.startswith(f"<@{AINO}> found the coffee stats of")
    assert first.endswith("Its details do not follow: `/coffee` shows them.")
    assert texts(slack) == []
    assert (channel(database).problem, in_doubt(database, clock)) == (None, [])
    assert missed(database, clock) == 0


async def lost_message(slack: SlackServer, delivery: Delivery, clock: Clock) -> None:
    """Slack gives no answer to what goes to a person, and nobody may look there."""
    slack.state.faults.order(Fault("chat.postMessage", "500", channel=AINO))
    await rounds(delivery, clock, 1)
    clock.forward(LEASE)
    await rounds(delivery, clock, 3)


async def test_a_person_is_asked_about_a_direct_message_in_doubt(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    put(database, "owner's card", clock, AINO)
    await lost_message(slack, delivery, clock)
    (question,) = slack.state.messages.timeline(slack.state.workspace.direct_message(AINO).id)
    assert question.text.startswith("Slack gave no answer to a message to you of <!date^")
    with database.writing() as session:
        number = int(question.blocks[-1]["elements"][0]["value"])
        said = outcomes.settle(session, number, AINO, again=True, now=clock()).text
    await rounds(delivery, clock, 4)

    assert told(slack) == [said, "text of owner's card"]


async def test_a_question_in_doubt_is_asked_again_for_a_day(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    put(database, "owner's card", clock, AINO)
    slack.state.faults.order(Fault("chat.postMessage", "500", channel=AINO, times=2))
    for _ in range(3):
        await rounds(delivery, clock, 3)
        clock.forward(LEASE)
    assert told(slack) == []
    clock.forward(outcomes.ASK_AGAIN)
    await rounds(delivery, clock, 3)
    assert [text[:40] for text in told(slack)] == ["Slack gave no answer to a message to you"]


async def test_who_cannot_be_asked_for_a_day_is_not_asked_for_ever(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    put(database, "owner's card", clock, AINO)
    slack.state.faults.order(Fault("chat.postMessage", "500", channel=AINO, times=None))
    for _ in range(60):
        await rounds(delivery, clock, 2)
        clock.forward(outcomes.ASK_AGAIN)

    with database.reading() as session:
        found = standing(session, "csv")
    assert (found.unconfirmed, found.oldest_pending) == (0, None)


async def test_what_nobody_settled_is_let_go_with_what_replies_to_it(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock, doubt: Doubtful
) -> None:
    with database.reading() as session:
        assert standing(session, "csv").oldest_pending is None  # its thread cannot be sent, and holds nothing up
    clock.forward(doubtful.ASKED_ABOUT)
    await sweep(database, clock())
    await rounds(delivery, clock, 3)

    with database.reading() as session:
        found = standing(session, "csv")
        replies = session.connection().execute(
            select(table_of(OutboxRow).c.state).where(table_of(OutboxRow).c.reply_to.is_not(None))
        )
        assert set(replies.scalars()) == {OutboxState.FAILED}
    assert (found.unconfirmed, found.oldest_pending) == (0, None)
    assert channel(database).problem is None
    assert told(slack) == [SETTLED]  # what the question became


async def test_a_doubt_does_not_end_what_keeps_a_channel_silent(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    slack.state.faults.order(Fault("chat.postMessage", "500", channel=CS))
    put(database, "card", clock)
    await rounds(delivery, clock, 1)
    with database.writing() as session:
        assert channels.note_problem(session, CS, SHARED, shared=True)
    clock.forward(LEASE)
    await rounds(delivery, clock, 3)

    assert (channel(database).problem, channel(database).shared) == (SHARED, True)


def test_a_button_of_nothing_known_is_answered(database: Database, clock: Clock) -> None:
    with database.writing() as session:
        said = outcomes.settle(session, 4711, AINO, again=True, now=clock())

    assert said.text == SETTLED


async def test_what_an_earlier_claim_learned_changes_nothing(
    slack: SlackServer, delivery: Delivery, database: Database, clock: Clock
) -> None:
    """One that froze while another process settled the message and posted it has nothing more to say."""
    key = put_digest(database, clock)
    lease = timedelta(seconds=90)
    with database.writing() as session:
        ((frozen,), _) = outbox_claims.claim(session, now=clock(), lease=lease, pace=timedelta(0), most=1)
    clock.forward(2 * lease)
    with database.writing() as session:
        (again,) = outbox_claims.claim_overdue(session, now=clock(), lease=lease)
        outcomes.sent(session, [(again, "1.0")])

    with database.writing() as session:
        outcomes.refused(session, frozen, "not_in_channel", by_channel=True, now=clock())
        outcomes.held(session, frozen, "not_in_channel", until=clock(), now=clock())
        outcomes.unconfirmed(session, frozen, now=clock())

    assert frozen.key == key
    assert missed(database, clock) == 0
    assert channel(database).problem is None
    await rounds(delivery, clock, 3)
    assert told(slack) == []
