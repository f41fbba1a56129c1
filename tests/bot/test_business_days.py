"""Days of work: no weekends, and no holidays where a country is named."""

from datetime import date

import pytest

from bot.business_days import BusinessDays

FRIDAY, SATURDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
CHRISTMAS, EPIPHANY = date(2026, 12, 25), date(2027, 1, 6)


@pytest.mark.parametrize(
    ("free", "day", "works"),
    [
        ("weekends", FRIDAY, True),
        ("weekends", SATURDAY, False),
        ("weekends", CHRISTMAS, True),
        ("none", SATURDAY, True),
        ("FI", CHRISTMAS, False),
        ("FI", SATURDAY, False),
        ("FI", MONDAY, True),
        ("AE", SATURDAY, False),
        ("SA", FRIDAY, False),
        ("SA", date(2026, 11, 29), True),  # a Sunday
        ("DE-BY", EPIPHANY, False),
        ("DE-BE", EPIPHANY, True),
    ],
)
def test_days_of_work(free: str, day: date, *, works: bool) -> None:
    assert (day in BusinessDays(free)) is works


def test_days_between_are_counted_behind_the_first() -> None:
    assert BusinessDays().between(FRIDAY, SATURDAY) == 0
    assert BusinessDays().between(FRIDAY, MONDAY) == 1
    assert BusinessDays().between(MONDAY, FRIDAY) == 0
    assert BusinessDays("FI").between(date(2026, 12, 23), date(2026, 12, 28)) == 1  # Christmas, and a weekend


@pytest.mark.parametrize("free", ["XX", "", "finland", "DE-XX"])
def test_a_country_that_is_not_known_is_refused(free: str) -> None:
    with pytest.raises(ValueError, match='or a country such as "FI"'):
        BusinessDays(free)
