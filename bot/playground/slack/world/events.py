"""The Events API: what the app subscribed to, delivered again until acknowledged."""

import asyncio
import secrets
from collections.abc import Callable

from bot.playground.slack.doors.errors import NoConnectionError, RefusedByAppError
from bot.playground.slack.doors.outbound import Outbound
from bot.playground.slack.doors.retry import FIRST, Retry
from bot.playground.slack.world.background import Background
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.workspace import Workspace

KEPT = 1000  # events that nobody acknowledged; the oldest is given up for a new one
RETRY_AFTER = (0.0, 60.0, 300.0)


class Events:
    """`hears` says whether the app is to be told of a subscription's events now."""

    def __init__(
        self,
        clock: Clock,
        outbound: Outbound,
        background: Background,
        workspace: Workspace,
        hears: Callable[[str], bool],
    ) -> None:
        self._clock = clock
        self._outbound = outbound
        self._background = background
        self._workspace = workspace
        self._hears = hears
        self._waiting: dict[asyncio.Task[None], None] = {}  # the oldest first

    def emit(self, subscription: str, event: Json) -> None:
        """Deliver in the background when the manifest subscribes to `subscription`."""
        if not self._hears(subscription):
            return
        task = self._background.run(self._deliver(self._envelope(event)))
        self._waiting[task] = None
        task.add_done_callback(lambda _: self._waiting.pop(task, None))
        if len(self._waiting) > KEPT:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.cancel()

    def _envelope(self, event: Json) -> Json:
        config = self._workspace.config
        team, event_id = config.team_id, f"Ev{secrets.token_hex(5).upper()}"
        authorization = {
            "enterprise_id": None,
            "team_id": team,
            "user_id": config.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "verification-token",
            "team_id": team,
            "api_app_id": config.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self._clock.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": self._is_shared(event),
            "event_context": f"EC{event_id}",
        }

    def _is_shared(self, event: Json) -> bool:
        channel = event.get("channel")
        found = self._workspace.channels.get(channel) if isinstance(channel, str) else None
        return found is not None and found.is_ext_shared

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
