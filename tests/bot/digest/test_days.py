"""Which ledger days the digests of a channel cover, wherever the channel and the ledger are."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import start_of_day
from bot.digest import Rhythm, days_covered
from bot.digest.days import days_over

EVERY_DAY = frozenset(range(1, 8))
DAY = timedelta(days=1)
zones = st.sampled_from(
    (
        "UTC",
        "Pacific/Auckland",
        "Pacific/Kiritimati",
        "Pacific/Honolulu",
        "Pacific/Niue",
        "America/New_York",
        "America/St_Johns",
        "Europe/Berlin",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    )
).map(ZoneInfo)
rhythms = st.builds(Rhythm, st.times(), zones, st.frozensets(st.integers(1, 7), min_size=1))


@given(rhythms, zones, st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(2, 40))
def test_digests_tile_the_days_of_the_ledger(rhythm: Rhythm, ledger: ZoneInfo, first: date, count: int) -> None:
    slots = [day for day in (first + n * DAY for n in range(count)) if day.isoweekday() in rhythm.weekdays]
    windows = [days_covered(day, day, rhythm.due_at(day), rhythm, ledger) for day in slots]

    assert all(since <= until for since, until in windows)
    assert [until for _, until in windows[:-1]] == [since for since, _ in windows[1:]]


@given(rhythms, zones, st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(1, 6))
def test_the_next_one_covers_what_missed_ones_would_have_told(
    rhythm: Rhythm, ledger: ZoneInfo, first: date, skipped: int
) -> None:
    slots = [day for day in (first + n * DAY for n in range(60)) if day.isoweekday() in rhythm.weekdays]
    told, missed, day = slots[0], slots[1], slots[1 + skipped]

    since, until = days_covered(missed, day, rhythm.due_at(day), rhythm, ledger)

    assert since == days_over(told, rhythm.due_at(told), ledger)
    assert until == days_over(day, rhythm.due_at(day), ledger)


@given(rhythms, zones, st.dates(date(2024, 1, 1), date(2027, 12, 1)))
def test_only_days_that_are_over_are_covered(rhythm: Rhythm, ledger: ZoneInfo, day: date) -> None:
    due_at = rhythm.due_at(day)
    until = days_over(day, due_at, ledger)

    assert until <= day
    assert start_of_day(until, ledger) <= due_at
    assert until == day or start_of_day(until + DAY, ledger) > due_at


@pytest.mark.parametrize(
    ("zone", "ledger", "covered"),
    [
        ("Pacific/Auckland", "UTC", (date(2026, 11, 22), date(2026, 11, 23))),
        ("Pacific/Auckland", "Pacific/Auckland", (date(2026, 11, 23), date(2026, 11, 24))),
        ("Europe/Berlin", "UTC", (date(2026, 11, 23), date(2026, 11, 24))),
        ("Pacific/Honolulu", "Europe/Berlin", (date(2026, 11, 23), date(2026, 11, 24))),
    ],
)
def test_a_tuesday_at_eight(zone: str, ledger: str, covered: tuple[date, date]) -> None:
    rhythm, tuesday = Rhythm(time(8), ZoneInfo(zone), EVERY_DAY), date(2026, 11, 24)

    assert covered == days_covered(tuesday, tuesday, rhythm.due_at(tuesday), rhythm, ZoneInfo(ledger))


def test_when_clocks_go_forward_a_day_may_wait_for_the_next_digest() -> None:
    """Half past twelve in Auckland is 00:30 UTC in winter and 23:30 of the day before in summer."""
    rhythm, ledger = Rhythm(time(12, 30), ZoneInfo("Pacific/Auckland"), EVERY_DAY), ZoneInfo("UTC")
    days = [date(2026, 9, day) for day in (26, 27, 28)]

    assert rhythm.due_at(days[1]) == datetime(2026, 9, 26, 23, 30, tzinfo=UTC)
    assert [days_covered(day, day, rhythm.due_at(day), rhythm, ledger) for day in days] == [
        (date(2026, 9, 25), date(2026, 9, 26)),
        (date(2026, 9, 26), date(2026, 9, 26)),
        (date(2026, 9, 26), date(2026, 9, 27)),
    ]
