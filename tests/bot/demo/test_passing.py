"""Which moments the demo stops at on its way to a later one."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.demo.passing import stops

HELSINKI, MORNING = ZoneInfo("Europe/Helsinki"), time(8, 30)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until", "expected"),
    [
        (at(27, 10), at(27, 11), [at(27, 11)]),
        (at(27, 6), at(27, 7), [at(27, 6, 30), at(27, 7)]),
        (at(27, 10), at(28, 6, 30), [at(28, 6, 30)]),
        (at(27, 10), at(30, 6, 30), [at(28, 6, 30), at(29, 6, 30), at(30, 6, 30)]),
        (at(27, 6, 30), at(28, 6), [at(28, 6)]),
        (at(28, 12, month=3), at(29, 5, 30, month=3), [at(29, 5, 30, month=3)]),
    ],
    ids=["an hour", "over a morning", "tomorrow", "over a weekend", "from a morning", "into summer time"],
)
def test_every_morning_on_the_way_is_a_stop(now: datetime, until: datetime, expected: list[datetime]) -> None:
    assert list(stops(now, until, MORNING, HELSINKI)) == expected
