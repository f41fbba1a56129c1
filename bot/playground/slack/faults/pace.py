"""Slack's limits: messages of each channel, and calls of each method by its tier; off until switched on."""

from bot.playground.slack.doors.errors import RateLimitedError
from bot.playground.slack.world.clock import Clock

BURST = 5
PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}  # calls of one method, by its tier


class Buckets:
    """One bucket for each key, full at first; a bucket of `burst` gains `per_second`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def clear(self) -> None:
        self._left.clear()

    def take(self, key: str, per_second: float, burst: float) -> None:
        """Raises RateLimitedError, with the seconds until there is one again, when there is none left."""
        now = self._clock.now()
        left, since = self._left.get(key, (burst, now))
        left = min(burst, left + (now - since) * per_second)
        self._left[key] = (left if left < 1 else left - 1, now)
        if left < 1:
            raise RateLimitedError(max(1, round((1 - left) / per_second)))


class Pace:
    """One message a second in each channel, with short bursts."""

    def __init__(self, clock: Clock) -> None:
        self._channels = Buckets(clock)
        self._methods = Buckets(clock)
        self._per_second: float | None = None
        self._burst = float(BURST)
        self._tiers = False

    def switch(self, per_second: float | None, burst: float = BURST) -> None:
        """Set the pace of every channel; None switches it off."""
        self._per_second, self._burst = per_second, burst
        self._channels.clear()

    def switch_tiers(self, *, on: bool) -> None:
        self._tiers = on
        self._methods.clear()

    def take(self, channel: str) -> None:
        """Raises RateLimitedError when the channel had too much of late."""
        if self._per_second is not None:
            self._channels.take(channel, self._per_second, self._burst)

    def take_call(self, method: str, tier: int) -> None:
        """Raises RateLimitedError when the method was called too often of late; tier 0 knows no limit of its own."""
        if self._tiers and tier:
            self._methods.take(method, PER_MINUTE[tier] / 60, PER_MINUTE[tier])
