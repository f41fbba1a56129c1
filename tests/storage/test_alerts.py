"""Alerts in the database: one for each cause, one person on each."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from storage import alerts
from storage.alerts import Alert
from storage.engine import Database
from storage.states import AlertState

PAID = {"ending": "paid", "at": "2026-11-24T12:00:00+00:00"}


def alert(morning: datetime, id_: str = "a", cause: str = "payment_failed:in_1") -> Alert:
    return Alert(
        id=id_,
        cause_key=cause,
        account_id="acme",
        rule="payment_failed",
        object_id="in_1",
        evidence={"amount": 5},
        since=morning,
        opened_at=morning,
    )


async def test_a_cause_has_one_alert_for_good(database: Database, morning: datetime) -> None:
    assert await database.write(alerts.add, alert(morning))
    await database.write(alerts.close, "a", PAID, morning)

    assert not await database.write(alerts.add, alert(morning, "b"))

    assert await database.read(alerts.with_id, "b") is None
    known = await database.read(alerts.with_causes, ["payment_failed:in_1", "other"])
    closed = replace(alert(morning), state=AlertState.CLOSED, outcome=PAID, closed_at=morning)
    assert known == {"payment_failed:in_1": closed}


async def test_of_many_presses_at_once_one_wins(database: Database, morning: datetime) -> None:
    await database.write(alerts.add, alert(morning))

    users = [f"U{number}" for number in range(8)]
    won = await asyncio.gather(*(database.write(alerts.claim, "a", user, morning) for user in users))

    assert sum(won) == 1
    taken = await database.read(alerts.with_id, "a")
    assert taken is not None
    assert (taken.state, taken.claimed_by) == (AlertState.CLAIMED, users[won.index(True)])


async def test_only_an_open_alert_is_taken_on(database: Database, morning: datetime) -> None:
    await database.write(alerts.add, alert(morning))
    await database.write(alerts.close, "a", PAID, morning)

    assert not await database.write(alerts.claim, "a", "U1", morning)
    assert not await database.write(alerts.claim, "unknown", "U1", morning)


async def test_a_person_is_on_what_they_took_on_until_it_is_over(database: Database, morning: datetime) -> None:
    for id_ in ("a", "b", "c"):
        await database.write(alerts.add, alert(morning, id_, f"payment_failed:{id_}"))
    for id_, user in (("a", "U1"), ("b", "U1"), ("c", "U2")):
        await database.write(alerts.claim, id_, user, morning)
    await database.write(alerts.close, "b", PAID, morning)

    assert [one.id for one in await database.read(alerts.claimed_by, "U1")] == ["a"]


async def test_a_cause_that_came_back_starts_anew(database: Database, morning: datetime) -> None:
    await database.write(alerts.add, alert(morning))
    await database.write(alerts.claim, "a", "U1", morning)
    await database.write(alerts.close, "a", PAID, morning + timedelta(hours=1))
    assert await database.read(alerts.live) == []

    later = morning + timedelta(days=1)
    await database.write(
        alerts.reopen, "a", alerts.Part("payment_failed", "x", "in_1", {"amount": 7}), later, later, anew=True
    )

    assert await database.read(alerts.live) == [
        replace(alert(morning), evidence={"amount": 7}, since=later, free_since=later)
    ]
