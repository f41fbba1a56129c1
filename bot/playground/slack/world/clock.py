"""The time of the local Slack: real by default, movable so that tests need not wait for a TTL."""

import asyncio
import time
from datetime import UTC, datetime

EARLIEST, LATEST = 0.0, 7_258_118_400.0


class Clock:
    """Wall clock plus an offset. Whoever sleeps on it wakes when the offset is moved past the due time."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move by so many seconds, back or forth; raises ValueError beyond the years 1970 to 2200."""
        if not EARLIEST < self.now() + seconds < LATEST:
            raise ValueError("the clock must stay between the years 1970 and 2200")
        self._offset += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def set(self, moment: datetime) -> None:
        """Jump to a moment; one without a zone is read as UTC."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self.advance(aware.timestamp() - self.now())

    async def sleep(self, seconds: float) -> None:
        due = self.now() + seconds
        while (left := due - self.now()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left):  # wait_for would lose a cancellation at the moment of a move
                    await moved.wait()
            except TimeoutError:
                continue

    def iso(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()
