"""The next coffee stats of a channel, in its own zone."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.next_digest import next_coffee
from storage.channels import Channel

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
