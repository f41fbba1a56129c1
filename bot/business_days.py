"""Days on which people work: not at weekends, and not on the holidays of a country or a part of it."""

from datetime import date, timedelta

import holidays

NONE, WEEKENDS = "none", "weekends"
SATURDAY_AND_SUNDAY = frozenset((5, 6))  # of date.weekday


class BusinessDays:
    """`free` names the days off: "none", "weekends", or a country with its own weekend and holidays.

    A country is told by its ISO code, with a part of it behind a hyphen if wanted: "FI", "DE-BY". Raises ValueError
    for one that is not known.
    """

    def __init__(self, free: str = WEEKENDS) -> None:
        self._weekend = SATURDAY_AND_SUNDAY if free == WEEKENDS else frozenset()
        self._holidays: holidays.HolidayBase | None = None
        if free not in (NONE, WEEKENDS):
            country, _, part = free.partition("-")
            try:
                self._holidays = holidays.country_holidays(country, subdiv=part or None)
            except NotImplementedError:
                raise ValueError(f'must be "{WEEKENDS}", "{NONE}", or a country such as "FI" or "DE-BY"') from None
            self._weekend = frozenset(self._holidays.weekend)

    def __contains__(self, day: date) -> bool:
        return day.weekday() not in self._weekend and (self._holidays is None or day not in self._holidays)

    def between(self, start: date, end: date) -> int:
        """How many there are after `start`, up to and with `end`."""
        days = (start + timedelta(days=number) for number in range(1, (end - start).days + 1))
        return sum(day in self for day in days)
