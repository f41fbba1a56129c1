"""Who is in a user group or a channel, and by which address people are known, as Slack tells it; kept for minutes."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.roles import GROUP

log = structlog.get_logger()

REMEMBERED = timedelta(minutes=5)  # who was taken out of a group is refused after this
PAGE, PAGES = 1000, 10
AT_ONCE = 5  # questions for addresses


@dataclass
class Circles:
    """What Slack said last; a group that it does not tell of has nobody in it."""

    _members: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict)
    _emails: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    async def members(self, client: AsyncWebClient, circle: str, now: datetime) -> frozenset[str]:
        """The ids of the people in a user group or a channel."""
        known = self._members.get(circle)
        if known and _is_fresh(known[0], now):
            return known[1]
        try:
            found = frozenset(await (_in_group if circle.startswith(GROUP) else _in_channel)(client, circle))
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack does not tell who is in a group", circle=circle, error=_reason(error))
            return frozenset()
        self._members[circle] = (now, found)
        return found

    async def emails(self, client: AsyncWebClient, users: Iterable[str], now: datetime) -> frozenset[str]:
        """The addresses of these people, in small letters, of those whose address Slack tells."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def email(user: str) -> str:
            known = self._emails.get(user)
            if known and _is_fresh(known[0], now):
                return known[1]
            async with gate:
                found = await _email(client, user)
            self._emails[user] = (now, found)
            return found

        return frozenset(filter(None, await asyncio.gather(*map(email, users))))


def _is_fresh(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at < REMEMBERED  # a clock that was set back keeps nothing


async def _in_group(client: AsyncWebClient, group: str) -> list[str]:
    response = await client.usergroups_users_list(usergroup=group)
    return [str(user) for user in response.get("users") or ()]


async def _in_channel(client: AsyncWebClient, channel: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    for _ in range(PAGES):
        response = await client.conversations_members(channel=channel, limit=PAGE, cursor=cursor)
        found.extend(str(user) for user in response.get("members") or ())
        told: Any = response.get("response_metadata") or {}
        cursor = str(told.get("next_cursor") or "")
        if not cursor:
            break
    return found


async def _email(client: AsyncWebClient, user: str) -> str:
    try:
        response = await client.users_info(user=user)
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("Slack does not tell an address", error=_reason(error))
        return ""
    person: Any = response.get("user") or {}
    return str((person.get("profile") or {}).get("email") or "").lower()


def _reason(error: Exception) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
