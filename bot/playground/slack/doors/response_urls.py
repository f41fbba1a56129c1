"""Response URLs: five uses each, for thirty minutes."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.clock import Clock

LIFETIME = 30 * 60.0
USES = 5
KEPT = 2000


@dataclass
class ResponseUrl:
    """Where an answer goes: the channel, the person, and the message acted on if there was one."""

    user: str
    channel: str
    issued: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses_left: int = USES


class ResponseUrls:
    def __init__(self, clock: Clock, base: Callable[[], str]) -> None:
        self._clock = clock
        self._base = base
        self._issued: OrderedDict[str, ResponseUrl] = OrderedDict()

    def issue(self, user: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        key = secrets.token_urlsafe(24)
        self._issued[key] = ResponseUrl(user, channel, self._clock.now(), message_ts, thread_ts)
        while len(self._issued) > KEPT:
            self._issued.popitem(last=False)
        return f"{self._base()}/{key}"

    def find(self, key: str) -> ResponseUrl:
        """Look it up without spending a use."""
        target = self._issued.get(key)
        if target is None or self._clock.now() - target.issued > LIFETIME:
            raise SlackError("expired_url")
        if target.uses_left < 1:
            raise SlackError("used_url")
        return target
