"""Unix seconds in the calendar: Stripe counts billing periods in calendar months from an anchor, in UTC."""

from calendar import monthrange
from datetime import UTC, datetime

HOUR = 3_600
DAY = 86_400
SHORTEST = 28  # days of a month
EVENTS_KEPT = 30 * DAY


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def add_months(anchor: int, months: int) -> int:
    """The same day and time `months` later, or the month's last day where that day does not exist."""
    start = moment(anchor)
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    day = start.day if start.day <= SHORTEST else min(start.day, monthrange(year, month)[1])
    return seconds(start.replace(year=year, month=month, day=day))


def period_end(anchor: int, start: int, interval: str, count: int) -> int:
    """The end of the billing period that starts at `start` in a cycle that runs from `anchor`."""
    if interval in {"day", "week"}:
        return start + count * (7 * DAY if interval == "week" else DAY)
    step = count * (12 if interval == "year" else 1)
    begun, first = moment(start), moment(anchor)
    months = (begun.year - first.year) * 12 + begun.month - first.month
    end = add_months(anchor, months)
    while end <= start:
        months += step
        end = add_months(anchor, months)
    return end
