"""Whoever looks after an account that leaves is asked for the interview: once, and once more, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session

from bot.exits import prompts
from storage import exit_interviews, people
from storage import facts as f
from storage.engine import Database
from storage.exit_interviews import Entry, Said
from storage.people import Person
from storage.tables import OutboxRow, SyncRow
from storage.upsert import table_of
from tests.bot.risk.alerting import SETTINGS, set_up
from tests.company import LEAVING, fill, running, stored
from tests.factories import account

DAY = timedelta(days=1)
BEN = Person("ben@we.com", "U2", "D2", "UTC")


def asked(session: Session) -> list[tuple[str, str, str]]:
    outbox = table_of(OutboxRow)
    query = select(outbox.c.key, outbox.c.channel_id, outbox.c.text).where(outbox.c.key.startswith("exit_prompt:"))
    return [tuple(row) for row in session.connection().execute(query.order_by(outbox.c.id))]


async def left(database: Database, morning: datetime, days: int = 1) -> None:
    """Labs, which Ben looks after, left so many days ago; Kahvi runs since three weeks."""
    gone = morning - days * DAY
    ended = replace(running("labs", 10, ended_at=gone), status=f.Status.ENDED, status_word="canceled", ended_at=gone)
    await stored(database, morning, account("labs", name="Labs", owner_email="Ben@we.com"), ended)
    await database.write(set_up, "C1", morning - 30 * DAY)
    await database.write(people.keep, BEN, morning)
    await database.write(read_since, morning - 21 * DAY)


def read_since(session: Session, at: datetime | None) -> None:
    session.connection().execute(table_of(SyncRow).update().values(completed_at=at))


async def ask(database: Database, now: datetime) -> list[tuple[str, str, str]]:
    await database.write(prompts.ask, SETTINGS, now)
    return await database.read(asked)


async def test_an_owner_is_asked_once_and_once_more(database: Database, morning: datetime) -> None:
    await left(database, morning)

    for _ in range(2):
        (only,) = [one for one in await ask(database, morning) if "labs" in one[0]]
    assert only[1] == "U2"
    assert only[2].startswith("*Labs* left on 22 Nov 2026, with $500.00 MRR. Why?")
    for later in (2, 3, 5):
        found = [one for one in await ask(database, morning + later * DAY) if "labs" in one[0]]
    assert [one[2].endswith("I ask only this once more.") for one in found] == [False, True]


async def test_whoever_is_to_leave_is_asked_about_once_for_both(database: Database, morning: datetime) -> None:
    await left(database, morning)
    asked_for = replace(LEAVING, cancel_requested_at=morning - DAY)
    await database.write(fill, [asked_for], morning)
    await database.write(read_since, morning - 21 * DAY)
    keys = [one[0] for one in await ask(database, morning) if "globex" in one[0]]
    assert len(keys) == 1
    gone = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=morning + DAY)
    await database.write(fill, [gone], morning + DAY)
    await database.write(read_since, morning - 21 * DAY)

    assert [one[0] for one in await ask(database, morning + 3 * DAY / 2) if "globex" in one[0]] == keys


async def test_nobody_is_asked_about_old_news_or_what_was_told(database: Database, morning: datetime) -> None:
    await left(database, morning, days=16)
    assert [one for one in await ask(database, morning) if "labs" in one[0]] == []
    await database.write(read_since, morning)
    await left(database, morning)
    await database.write(read_since, morning)
    assert [one for one in await ask(database, morning) if "labs" in one[0]] == []  # before Kahvi was there
    await database.write(read_since, morning - 21 * DAY)
    entry = Entry("V1", "labs", None, "U1", morning, Said(reason="price"))
    await database.write(exit_interviews.save, entry)
    assert [one for one in await ask(database, morning) if "labs" in one[0]] == []


async def test_without_an_owner_whoever_set_the_channel_up_is_asked(database: Database, morning: datetime) -> None:
    await left(database, morning)
    await database.write(fill, [account("labs", name="<!channel> *x*")], morning)
    await database.write(read_since, morning - 21 * DAY)

    (only,) = [one for one in await ask(database, morning) if "labs" in one[0]]

    assert only[1] == "U1"
    assert "&lt;!channel&gt;" in only[2]
