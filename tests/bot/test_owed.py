"""Which digests a channel is owed, in its own zone, when it is set up anew too."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import owed
from bot.owed import next_coffee
from storage import channels, slots
from storage.channels import Channel
from storage.engine import Database
from storage.states import SlotState

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)  # a Monday


def channel(at: time, zone: str = "UTC", weekdays: str = "12345", *, paused: bool = False) -> Channel:
    days = frozenset(int(day) for day in weekdays)
    return Channel(
        channel_id="C1",
        at=at,
        zone=ZoneInfo(zone),
        weekdays=days,
        alerts=True,
        paused=paused,
        set_up_by="U1",
        set_up_at=NOW,
        owed_since=NOW,
        problem=None,
    )


def test_later_today_or_on_the_next_of_its_days() -> None:
    assert next_coffee(channel(time(9)), NOW, ()) == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert next_coffee(channel(time(8, 29)), NOW, ()) == datetime(2026, 11, 24, 8, 29, tzinfo=UTC)
    assert next_coffee(channel(time(8), weekdays="1"), NOW, ()) == datetime(2026, 11, 30, 8, tzinfo=UTC)


def test_a_day_that_had_its_coffee_is_passed_over() -> None:
    taken = {"digest:C1:2026-11-23"}

    assert next_coffee(channel(time(9)), NOW, taken) == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert next_coffee(channel(time(9), weekdays="1"), NOW, taken) == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_one_that_is_owed_comes_now() -> None:
    moved = replace(channel(time(8)), owed_since=datetime(2026, 11, 23, tzinfo=UTC))

    assert next_coffee(moved, NOW, ()) == NOW
    assert next_coffee(moved, NOW, {"digest:C1:2026-11-23"}) == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_paused_channel_gets_none() -> None:
    assert next_coffee(channel(time(9), paused=True), NOW, ()) is None
    assert next_coffee(replace(channel(time(9)), shared=True), NOW, ()) is None


def test_the_day_is_that_of_the_channel() -> None:
    assert next_coffee(channel(time(8), "Asia/Tokyo"), NOW, ()) == datetime(2026, 11, 23, 23, tzinfo=UTC)


# --- set up anew -----------------------------------------------------------------------------------------------

LATER = NOW + timedelta(hours=1)


def set_up(session: Session, *, hour: int, now: datetime = NOW) -> None:
    owed.set_up(
        session,
        "C1",
        at=time(hour),
        zone=ZoneInfo("Europe/Berlin"),
        weekdays=frozenset((1, 3)),
        alerts=True,
        user="U1",
        now=now,
    )


def test_a_new_time_keeps_what_is_still_to_come_today(database: Database) -> None:
    with database.writing() as session:
        set_up(session, hour=12)
        set_up(session, hour=10, now=LATER)
        found = channels.find(session, "C1")

    assert found is not None
    assert (found.at, found.set_up_at, found.owed_since) == (time(10), LATER, NOW)


def test_a_new_set_up_owes_nothing_of_earlier_days(database: Database) -> None:
    with database.writing() as session:
        set_up(session, hour=12, now=NOW - timedelta(days=7))
        set_up(session, hour=10)
        found = channels.find(session, "C1")

    assert found is not None
    assert found.owed_since == datetime(2026, 11, 22, 23, tzinfo=UTC)  # the start of the day in Berlin


def test_a_new_set_up_owes_nothing_once_todays_came(database: Database) -> None:
    with database.writing() as session:
        set_up(session, hour=9, now=NOW - timedelta(days=7))
        key = slots.slot_key("C1", NOW.date())
        slots.take(session, key, due_at=NOW - timedelta(minutes=30), state=SlotState.DONE, now=NOW)
        set_up(session, hour=8)
        found = channels.find(session, "C1")

    assert found is not None
    assert found.owed_since == NOW
