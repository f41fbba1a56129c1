"""Whether Kahvi can post in a channel."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

INVITE = "I am not in this channel yet. Type `/invite @Kahvi` here, then try again."


async def is_here(client: AsyncWebClient, channel: str) -> bool:
    """Whether the bot is in a channel; a channel that it may not ask about counts as one it is in."""
    try:
        response = await client.conversations_info(channel=channel)
    except SlackApiError as error:
        return str(error.response.get("error")) != "channel_not_found"
    found = response.get("channel") or {}
    return bool(found.get("is_member") or found.get("is_im"))
