"""Whether Kahvi can post in a channel, and where in the world people are."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.services import Services

INVITE = "I am not in this channel yet. Type `/invite @Kahvi` here, then try again."
NOT_SET_UP = "This channel is not set up yet; `/coffee here` does that."


async def is_here(client: AsyncWebClient, channel: str) -> bool:
    """Whether the bot is in a channel; a channel that it may not ask about counts as one it is in."""
    found = await _told_of(client, channel)
    return found is not None and (not found or bool(found.get("is_member") or found.get("is_im")))


async def is_known(client: AsyncWebClient, channel: str) -> bool:
    """Whether Slack tells the bot of a channel and who is in it: of a private one only where it is in it itself."""
    return await _told_of(client, channel) is not None


async def _told_of(client: AsyncWebClient, channel: str) -> Mapping[str, Any] | None:
    """A channel; None for one that is hidden from the bot, empty for one that it may not ask about."""
    try:
        response = await client.conversations_info(channel=channel)
    except SlackApiError as error:
        return None if error.response.get("error") == "channel_not_found" else {}
    return response.get("channel") or {"id": channel}


async def zone_of(services: Services, user: str) -> ZoneInfo:
    """A person's own time zone where Slack tells it, else that of the workspace."""
    try:
        response = await services.client.users_info(user=user)
        return ZoneInfo(response["user"]["tz"])
    except (SlackApiError, KeyError, TypeError, ValueError, OSError):  # of zones that are none, and of folders of zones
        return services.settings.timezone
