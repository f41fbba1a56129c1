"""Alerts in the database: one for each cause, one person on each."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from storage import alerts, outbox
from storage.alerts import Alert, Card
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


async def test_cards_that_were_never_written_are_known(database: Database, morning: datetime) -> None:
    await database.write(outbox.put, "alert:x:C1", "C1", "text", [], now=morning)

    assert await database.read(alerts.without_card, ["alert:x:C1", "alert:x:C2"]) == ["alert:x:C2"]


def card(session: Session, of: Alert, channel: str, now: datetime, *, known: bool) -> None:
    key = alerts.card_key(of, channel)
    outbox.put(session, key, channel, "text", [], now=now, card_of=of.id if known else None)
    outbox.put(session, f"{key}:worse", channel, "text", [], now=now, reply_to=key)


async def test_cards_are_found_by_their_alert(database: Database, morning: datetime) -> None:
    one, other = alert(morning), alert(morning, "b", "at_risk:acme")
    with database.writing() as session:
        for of in (one, other):
            alerts.add(session, of)
            for channel in ("C1", "D9"):
                card(session, of, channel, morning, known=True)

    with database.reading() as session:
        found = alerts.written(session, [one])
        assert alerts.written(session, []) == {}

    assert found == {"a": [Card(alerts.card_key(one, channel), channel, morning) for channel in ("C1", "D9")]}


async def test_the_account_of_a_card_is_known_where_it_stands(database: Database, morning: datetime) -> None:
    with database.writing() as session:
        one = alert(morning)
        alerts.add(session, one)
        for channel in ("C1", "C2"):
            card(session, one, channel, morning, known=True)
            of_channel = alerts.outbox.c.channel_id == channel
            session.connection().execute(alerts.outbox.update().where(of_channel).values(ts=f"1.{channel}"))

    with database.reading() as session:
        found = [alerts.account_of_card(session, *at) for at in (("C1", "1.C1"), ("C1", "1.C2"), ("C3", "1.C1"))]

    assert found == ["acme", None, None]


async def test_cards_of_an_earlier_release_get_their_alert(database: Database, morning: datetime) -> None:
    with database.writing() as session:
        alerts.add(session, alert(morning))
        card(session, alert(morning), "C1", morning, known=False)
        card(session, alert(morning, "lost", "cause:of:nobody"), "C1", morning, known=False)
        assert alerts.written(session, [alert(morning)]) == {}
        assert alerts.lacks_cards(session)

        alerts.fill_cards(session)

        assert [one.channel_id for one in alerts.written(session, [alert(morning)])["a"]] == ["C1"]
        assert not alerts.lacks_cards(session)
