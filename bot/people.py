"""Finds in Slack the people that billing names as owners, by their e-mail addresses."""

from collections.abc import Collection
from typing import Any
from zoneinfo import available_timezones

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.circles import is_colleague
from bot.clock import Clock
from storage import people
from storage.engine import Database
from storage.people import Person

log = structlog.get_logger()

NOT_ALLOWED = ("missing_scope", "not_allowed_token_type")
AT_A_TIME = 20  # Slack allows fifty look-ups a minute
NOBODY = ("users_not_found", "invalid_arguments", "user_disabled", "cannot_dm_bot", "invalid_user_combination")


async def look_up(database: Database, client: AsyncWebClient, clock: Clock, emails: Collection[str]) -> None:
    """Keep who these people are, some at a time; what Slack does not tell now is asked again at the next time."""
    for email in (await database.read(people.unknown, emails, clock()))[:AT_A_TIME]:
        try:
            person = await _asked(client, email)
        except SlackApiError as error:
            log.warning("Slack does not tell who an owner is", error=str(error.response.get("error")))
            return
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack does not tell who an owner is", error=type(error).__name__)
            return
        await database.write(people.keep, person, clock())


async def _asked(client: AsyncWebClient, email: str) -> Person:
    """The person with this address, and the channel of direct messages with them. Raises SlackApiError."""
    try:
        user = (await client.users_lookupByEmail(email=email)).get("user")
        if not isinstance(user, dict) or not is_colleague(user):
            return Person(email, None, None, None)
        return Person(email, str(user["id"]), await _direct(client, str(user["id"])), _zone(user.get("tz")))
    except SlackApiError as error:
        if error.response.get("error") in NOBODY:
            return Person(email, None, None, None)
        raise


async def _direct(client: AsyncWebClient, user: str) -> str | None:
    """The channel of direct messages with a person; None where the app may not open one. Raises SlackApiError."""
    try:
        opened = (await client.conversations_open(users=user)).get("channel")
    except SlackApiError as error:
        if error.response.get("error") in NOT_ALLOWED:
            return None
        raise
    return str(opened["id"]) if isinstance(opened, dict) and opened.get("id") else None


def _zone(told: Any) -> str | None:
    return told if isinstance(told, str) and told in available_timezones() else None
