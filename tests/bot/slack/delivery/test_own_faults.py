"""What fails on our side loses no message and doubles none."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.playground.slack import SlackServer
from bot.slack import posting
from bot.slack.delivery import AT_ONCE, LEASE, PACE, Delivery
from storage import outbox, outbox_claims
from storage.engine import Database
from storage.outbox_claims import Claimed
from storage.states import OutboxState
from tests.bot.playground.slack.helpers import until
from tests.bot.slack.delivery.seen import (
    CS,
    Put,
    called,
    rounds,
    row,
    state,
    texts,
)
from tests.clock import Clock
from tests.waiting import HANGS


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
    async with asyncio.timeout(HANGS):
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
