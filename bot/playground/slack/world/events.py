"""The Events API: what the app subscribed to, delivered again until acknowledged."""

import secrets

from bot.playground.slack.doors.errors import NoConnectionError, RefusedByAppError
from bot.playground.slack.doors.outbound import Outbound
from bot.playground.slack.doors.retry import FIRST, Retry
from bot.playground.slack.world.background import Background
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.config import SlackConfig
from bot.playground.slack.world.models import Json

RETRY_AFTER = (0.0, 60.0, 300.0)


class Events:
    def __init__(self, config: SlackConfig, clock: Clock, outbound: Outbound, background: Background) -> None:
        self._config = config
        self._clock = clock
        self._outbound = outbound
        self._background = background

    def emit(self, subscription: str, event: Json) -> None:
        """Deliver in the background when the manifest subscribes to `subscription`."""
        if subscription in self._config.events:
            self._background.run(self._deliver(self._envelope(event)))

    def _envelope(self, event: Json) -> Json:
        team, event_id = self._config.team_id, f"Ev{secrets.token_hex(5).upper()}"
        authorization = {
            "enterprise_id": None,
            "team_id": team,
            "user_id": self._config.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "verification-token",
            "team_id": team,
            "api_app_id": self._config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self._clock.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"EC{event_id}",
        }

    async def _deliver(self, payload: Json) -> None:
        reason = await self._attempt(payload, FIRST)
        for number, wait in enumerate(RETRY_AFTER, start=1):
            if not reason:
                return
            await self._clock.sleep(wait)
            reason = await self._attempt(payload, Retry(number, reason))

    async def _attempt(self, payload: Json, retry: Retry) -> str:
        """Empty when acknowledged, or when the app wants no more of it; else why it was not."""
        try:
            await self._outbound.deliver("events_api", payload, retry)
        except NoConnectionError:
            return "connection_failed"
        except TimeoutError:
            return "timeout"
        except RefusedByAppError as refusal:
            return "" if refusal.final else "error"
        return ""
