"""Whether another company is in a channel: Kahvi says nothing there, for everyone in it would read it.

Slack is asked before a message goes into a channel, and remembered for a few minutes. Where the app may not ask,
messages are posted as if nobody shared the channel.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.posting import CHANNELS, SHARED_ELSEWHERE, Later, Refused, Uncertain, refused

REMEMBERED = timedelta(minutes=3)
NOT_ALLOWED = ("missing_scope", "not_allowed_token_type")  # to ask at all


class CannotTell:
    """Slack knows no such channel, or not this app: who is in it may be otherwise a moment later."""


class Sharing:
    """Asks Slack about channels; `team` is the workspace that the app is installed in."""

    def __init__(self, client: AsyncWebClient, clock: Clock, team: str = "") -> None:
        self._client = client
        self._clock = clock
        self._team = team
        self._known: dict[str, tuple[datetime, Refused | None]] = {}

    async def objection(self, channel_id: str) -> Refused | Later | None:
        """Why nothing may be posted there now: another company shares it, or Slack could not tell."""
        if not channel_id.startswith(CHANNELS):
            return None  # a direct message
        now = self._clock()
        asked, known = self._known.get(channel_id, (None, None))
        if asked is not None and abs(now - asked) < REMEMBERED:
            return known
        found = await self._ask(channel_id)
        if isinstance(found, CannotTell):
            return None  # what else is wrong, the message itself will meet
        if not isinstance(found, Later):
            self._known[channel_id] = (now, found)
        return found

    async def is_shared_no_more(self, channel_id: str) -> bool:
        """Whether Slack says that no other company is in a channel; not where it says nothing of it."""
        return await self._ask(channel_id) is None

    async def _ask(self, channel_id: str) -> "Refused | Later | CannotTell | None":
        try:
            answer = await self._client.api_call("conversations.info", params={"channel": channel_id})
        except SlackApiError as error:
            match refused(error):
                case Uncertain(word):
                    return Later(word, outage=True)
                case Later(seconds=float()) as pause:
                    return pause
                case _:
                    return None if error.response.get("error") in NOT_ALLOWED else CannotTell()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Later(type(error).__name__, outage=True)
        channel = answer.get("channel")
        return SHARED_ELSEWHERE if isinstance(channel, dict) and self._is_shared(channel) else None

    def _is_shared(self, channel: Mapping[str, Any]) -> bool:
        """Within one organisation only the channels of another workspace count."""
        if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
            return True
        team = channel.get("context_team_id") or self._team
        return bool(channel.get("is_org_shared")) and bool(self._team) and team != self._team
