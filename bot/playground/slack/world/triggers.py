"""Trigger ids: each opens one modal, within three seconds."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.clock import Clock

LIFETIME = 3.0
KEPT = 1000


@dataclass
class _Trigger:
    user: str
    issued: float
    used: bool = False


class Triggers:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: OrderedDict[str, _Trigger] = OrderedDict()

    def issue(self, user: str) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = _Trigger(user, self._clock.now())
        while len(self._issued) > KEPT:
            self._issued.popitem(last=False)
        return trigger_id

    def redeem(self, trigger_id: str) -> str:
        """The user it was issued for; raises the refusal Slack gives for unknown, late and used ones."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock.now() - trigger.issued > LIFETIME:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user
