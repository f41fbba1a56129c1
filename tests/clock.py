"""A clock for tests."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Time that only moves when told to."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by
