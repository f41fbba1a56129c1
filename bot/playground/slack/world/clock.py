"""The time of the local Slack: real by default, movable so that tests need not wait for a TTL."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

EARLIEST, LATEST = 0.0, 7_258_118_400.0
T = TypeVar("T")


class Clock:
    """Wall clock plus an offset, or a moment it stands at. Who sleeps on it wakes when it passes the due time.

    `listeners` hear of every move.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._stands_at: float | None = None
        self._moved = asyncio.Event()
        self.listeners: list[Callable[[], None]] = []

    @property
    def is_still(self) -> bool:
        return self._stands_at is not None

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset if self._stands_at is None else self._stands_at

    def advance(self, seconds: float) -> None:
        """Move by so many seconds, back or forth; raises ValueError beyond the years 1970 to 2200."""
        if not EARLIEST < self.now() + seconds < LATEST:
            raise ValueError("the clock must stay between the years 1970 and 2200")
        if self._stands_at is None:
            self._offset += seconds
        else:
            self._stands_at += seconds
        self._tell()

    def set(self, moment: datetime) -> None:
        """Jump to a moment; one without a zone is read as UTC."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        self.advance(aware.timestamp() - self.now())

    def stand(self, *, still: bool) -> None:
        """Stand still until moved, or run on from where it stands."""
        now = self.now()
        self._stands_at = now if still else None
        self._offset = now - time.time()
        self._tell()

    def _tell(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        for listener in self.listeners:
            listener()

    async def sleep(self, seconds: float) -> None:
        due = self.now() + seconds
        while (left := due - self.now()) > 0:
            moved = self._moved
            try:
                # wait_for would lose a cancellation at the moment of a move
                async with asyncio.timeout(left if self._stands_at is None else None):
                    await moved.wait()
            except TimeoutError:
                continue

    async def within(self, seconds: float, work: Awaitable[T]) -> T:
        """What `work` gives; TimeoutError, and no more work, when it takes longer on this clock."""
        working, patience = asyncio.ensure_future(work), asyncio.create_task(self.sleep(seconds))
        try:
            await asyncio.wait({working, patience}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise TimeoutError
            return working.result()
        finally:
            working.cancel()
            patience.cancel()

    def iso(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat()
