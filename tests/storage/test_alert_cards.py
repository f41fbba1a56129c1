"""The cards of alerts in the outbox: written or not, and whose they are."""

from datetime import datetime

from sqlmodel import Session

from storage import alert_cards, alerts, outbox
from storage.alert_cards import Card
from storage.alerts import Alert
from storage.engine import Database
from tests.storage.test_alerts import alert


async def test_cards_that_were_never_written_are_known(database: Database, morning: datetime) -> None:
    await database.write(outbox.put, "alert:x:C1", "C1", "text", [], now=morning)

    assert await database.read(alert_cards.without_card, ["alert:x:C1", "alert:x:C2"]) == ["alert:x:C2"]


def card(session: Session, of: Alert, channel: str, now: datetime, *, known: bool) -> None:
    key = alert_cards.card_key(of, channel)
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
        found = alert_cards.written(session, [one])
        assert alert_cards.written(session, []) == {}

    assert found == {"a": [Card(alert_cards.card_key(one, channel), channel, morning) for channel in ("C1", "D9")]}


async def test_the_account_of_a_card_is_known_where_it_stands(database: Database, morning: datetime) -> None:
    with database.writing() as session:
        one = alert(morning)
        alerts.add(session, one)
        for channel in ("C1", "C2"):
            card(session, one, channel, morning, known=True)
            of_channel = alert_cards.outbox.c.channel_id == channel
            session.connection().execute(alert_cards.outbox.update().where(of_channel).values(ts=f"1.{channel}"))

    with database.reading() as session:
        found = [alert_cards.account_of_card(session, *at) for at in (("C1", "1.C1"), ("C1", "1.C2"), ("C3", "1.C1"))]

    assert found == ["acme", None, None]


async def test_cards_of_an_earlier_release_get_their_alert(database: Database, morning: datetime) -> None:
    with database.writing() as session:
        alerts.add(session, alert(morning))
        card(session, alert(morning), "C1", morning, known=False)
        card(session, alert(morning, "lost", "cause:of:nobody"), "C1", morning, known=False)
        assert alert_cards.written(session, [alert(morning)]) == {}
        assert alert_cards.lacks_cards(session)

        alert_cards.fill_cards(session)

        assert [one.channel_id for one in alert_cards.written(session, [alert(morning)])["a"]] == ["C1"]
        assert not alert_cards.lacks_cards(session)
