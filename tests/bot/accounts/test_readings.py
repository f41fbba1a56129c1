"""Signals beside an account's own usual, and the value that it got."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.accounts.readings import delivered, readings
from storage.inputs import Signal

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def seen(name: str, ago: int, value: str, respondent: str = "") -> Signal:
    return Signal("acme", name, NOW - timedelta(days=ago), Decimal(value), respondent)


def test_the_newest_is_told_beside_the_average_of_the_ninety_days_before_it() -> None:
    days = [seen("logins", ago, value) for ago, value in ((1, "30"), (2, "60"), (50, "40"), (91, "50"), (92, "999"))]
    (found,) = readings(days)
    assert (found.value, found.usual, found.change) == (30, 50, Decimal("-0.4"))


def test_too_little_makes_no_usual_and_an_usual_of_nothing_no_change() -> None:
    (few,) = readings([seen("logins", 1, "3"), seen("logins", 2, "5"), seen("logins", 3, "5")])
    assert (few.usual, few.change) == (None, None)
    (none,) = readings([seen("logins", ago, "0" if ago > 1 else "4") for ago in (1, 2, 3, 4)])
    assert (none.usual, none.change) == (0, None)


def test_what_strayed_furthest_comes_first() -> None:
    steady = [seen("a", ago, "10") for ago in range(1, 6)]
    fallen = [seen("b", ago, "10" if ago > 1 else "2") for ago in range(1, 6)]
    assert [one.name for one in readings([*steady, *fallen])] == ["b", "a"]


def test_value_is_summed_and_told_apart() -> None:
    found = [seen("value_hours_saved", 3, "12.5"), seen("value_hours_saved", 60, "7.5"), seen("nps", 1, "9", "jane")]
    (one,) = delivered(found)
    assert (one.name, one.total, one.since) == ("hours_saved", 20, NOW - timedelta(days=60))
    assert [one.name for one in readings(found)] == ["nps"]
