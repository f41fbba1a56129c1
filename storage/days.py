"""Arithmetic with local days."""

from calendar import monthrange
from datetime import date


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, the last one of a shorter month; never before the calendar begins."""
    year, month = divmod(max(12, day.year * 12 + day.month - 1 - months), 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
