"""How fast Stripe is asked: so many requests a second, so many at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Sleep = Callable[[float], Awaitable[None]]


class Pace:
    """A token bucket of one token: requests start at least 1/`rate` seconds apart; None asks without pause."""

    def __init__(self, rate: float | None, in_flight: int, sleep: Sleep) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._places = asyncio.Semaphore(in_flight)
        self._sleep = sleep

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a free place and for the next start."""
        async with self._places:
            if self._gap:
                now = asyncio.get_running_loop().time()
                start = max(now, self._next)
                self._next = start + self._gap
                if start > now:
                    await self._sleep(start - now)
            yield
