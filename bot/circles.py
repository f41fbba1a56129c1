"""Who is in a user group or a channel, and by which address people are known, as Slack tells it; kept for minutes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.roles import GROUP

log = structlog.get_logger()

REMEMBERED = timedelta(minutes=5)  # who was taken out of a group is refused after this
PAGE, PAGES = 1000, 50
GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")


@dataclass
class Circles:
    """What Slack said last; a group that it does not tell of has nobody in it."""

    _members: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict)
    _people: tuple[datetime, Mapping[str, str]] | None = None

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

    async def addresses(self, client: AsyncWebClient, users: Iterable[str], now: datetime) -> frozenset[str]:
        """The e-mail addresses of these people, in small letters, of those whose address Slack tells."""
        if not (self._people and _is_fresh(self._people[0], now)):
            try:
                self._people = (now, await _addresses(client))
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                log.warning("Slack does not tell the addresses of people", error=_reason(error))
                return frozenset()
        known = self._people[1]
        return frozenset(known[user] for user in users if user in known)


def is_colleague(person: Mapping[str, Any]) -> bool:
    """Whether somebody, as Slack shows them, is a full member of the workspace: no guest, stranger or app."""
    return not any(person.get(mark) for mark in ("deleted", "is_bot", *GUEST))


def address_of(person: Mapping[str, Any]) -> str:
    """The e-mail address of a person as Slack shows them, empty where it tells none."""
    profile = person.get("profile")
    return str((profile.get("email") if isinstance(profile, dict) else None) or "")


def _is_fresh(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at < REMEMBERED  # a clock that was set back keeps nothing


async def _in_group(client: AsyncWebClient, group: str) -> list[str]:
    response = await client.usergroups_users_list(usergroup=group)
    return [str(user) for user in response.get("users") or ()]


async def _in_channel(client: AsyncWebClient, channel: str) -> list[str]:
    ask = partial(client.conversations_members, channel=channel)
    return [str(user) async for user in _listed(ask)]


async def _addresses(client: AsyncWebClient) -> dict[str, str]:
    """By id, of all people of the workspace: a few pages, however large a team is."""
    found = {str(one.get("id")): address_of(one).lower() async for one in _listed(client.users_list)}
    return {user: address for user, address in found.items() if address}


async def _listed(ask: Callable[..., Awaitable[AsyncSlackResponse]]) -> AsyncIterator[Any]:
    """The members on all pages of an answer."""
    cursor = ""
    for _ in range(PAGES):
        response = await ask(limit=PAGE, cursor=cursor)
        for one in response.get("members") or ():
            yield one
        told: Any = response.get("response_metadata") or {}
        cursor = str(told.get("next_cursor") or "")
        if not cursor:
            break


def _reason(error: Exception) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
