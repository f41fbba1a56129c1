"""Slack's one message a second in each channel, with short bursts; off until switched on."""

from bot.playground.slack.doors.errors import RateLimitedError
from bot.playground.slack.world.clock import Clock

BURST = 5


class Pace:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._per_second: float | None = None
        self._burst = float(BURST)
        self._buckets: dict[str, tuple[float, float]] = {}

    def switch(self, per_second: float | None, burst: float = BURST) -> None:
        """Set the pace of every channel; None switches it off."""
        self._per_second, self._burst = per_second, burst
        self._buckets.clear()

    def take(self, channel: str) -> None:
        """Raises RateLimitedError when the channel had too much of late."""
        if self._per_second is None:
            return
        now = self._clock.now()
        tokens, since = self._buckets.get(channel, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._per_second)
        self._buckets[channel] = (tokens if tokens < 1 else tokens - 1, now)
        if tokens < 1:
            raise RateLimitedError(max(1, round((1 - tokens) / self._per_second)))
