"""Which days a digest of one channel speaks about."""

from datetime import date, timedelta


def previous_digest_day(day: date, weekdays: str) -> date:
    """The last day before `day` on which the channel has a digest; `weekdays` is like "12345", Monday is 1.

    A channel with no weekday at all is treated as if it had every day.
    """
    earlier = (day - timedelta(days=back) for back in range(1, 8))
    return next((one for one in earlier if str(one.isoweekday()) in weekdays), day - timedelta(days=1))
