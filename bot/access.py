"""The one door to figures, accounts and people's notes: who may look or change, and the record that they did.

For now one plain rule: members of the home workspace may, guests and strangers may not, and nothing is shown in a
channel that another company shares. Slack is asked each time, so that a person who became a guest is refused at
once; where the token has no scope for the question, what the payload tells must do.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.errors import Denied
from bot.services import Services
from storage import audit

# What Slack answers when the bot cannot know, rather than when something broke.
CANNOT_KNOW = frozenset(("missing_scope", "channel_not_found", "method_not_supported_for_channel_type"))
GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")
DIRECT_MESSAGE = "D"


class Action(StrEnum):
    """What people ask for; roles will be a table of these."""

    LOOK_AT_FIGURES = "look at figures"
    SEARCH_ACCOUNTS = "search accounts"
    LOOK_AT_ACCOUNT = "look at account"
    SHARE_ACCOUNT = "share account"
    LOOK_AT_EXITS = "look at exits"
    READ_INTERVIEWS = "read exit interviews"
    LOG_EXIT = "log exit"
    SET_EXIT_REASONS = "set exit reasons"
    LOOK_AT_NOTES = "look at notes"
    LOG_NOTE = "log note"
    LOOK_AT_RISK = "look at risk"
    TUNE_RISK = "tune risk"
    ROUTE_ALERTS = "route alerts"
    CLAIM_ALERT = "claim alert"
    QUIETEN_ALERT = "quieten alert"
    ASSIGN_OWNER = "assign owner"
    SET_UP_CHANNEL = "set up channel"
    ASK_FOR_HELP = "ask for help"
    SETTLE_DOUBT = "settle doubt"


@dataclass(frozen=True, slots=True)
class Asker:
    """A person in a place. `team` is the person's own workspace, `home` the one Kahvi is installed in, if known."""

    user: str
    team: str | None = None
    home: str | None = None
    channel: str | None = None


async def allow(services: Services, who: Asker, action: Action, subject: str = "") -> None:
    """Let the action pass and record it, or raise Denied with the sentence to show."""
    refusal = await _refusal(services, who)
    entry = audit.Entry(services.clock(), who.user, action, subject, refusal is None)
    await services.database.write(audit.record, entry)
    if refusal:
        raise Denied(refusal)


async def email_of(services: Services, user: str) -> str | None:
    """The e-mail address of a person, by which billing names the owners of accounts; None where Slack keeps it."""
    profile = (await _person(services, user) or {}).get("profile")
    return (profile.get("email") or None) if isinstance(profile, dict) else None


async def colleague_email(services: Services, user: str) -> str | None:
    """The address of a person who may be given accounts; Denied where that is a guest, an app, or somebody who left."""
    person = await _person(services, user) or {}
    if person.get("is_bot") or person.get("deleted") or any(person.get(mark) for mark in GUEST):
        raise Denied(f"<@{user}> is no full member of this workspace, and gets no accounts; choose a colleague who is.")
    return await email_of(services, user)


async def _refusal(services: Services, who: Asker) -> str | None:
    if who.team and who.home and who.team != who.home:
        return "Kahvi answers only people of the workspace it is installed in."
    user, channel = await asyncio.gather(_person(services, who.user), _place(services, who.channel))
    if user is None or channel is None:
        return "Slack could not tell me just now who is asking. Please try again in a minute."
    if user.get("deleted") or any(user.get(mark) for mark in GUEST):
        return "Customer figures are for full members of this workspace. Please ask a colleague who is one."
    if channel.get("is_ext_shared"):
        return "Another company shares this channel, so I show no customer data here. Please ask me somewhere else."
    return None


async def _person(services: Services, user: str) -> dict[str, Any] | None:
    return await _told(services, "users.info", "user", {"user": user})


async def _place(services: Services, channel: str | None) -> dict[str, Any] | None:
    if not channel or channel.startswith(DIRECT_MESSAGE):
        return {}
    return await _told(services, "conversations.info", "channel", {"channel": channel})


async def _told(services: Services, method: str, key: str, params: dict[str, str]) -> dict[str, Any] | None:
    """What Slack says about a user or channel; empty when it may not be asked, None when it failed to answer."""
    try:
        response = await services.client.api_call(method, params=params)
    except SlackApiError as error:
        return {} if error.response.get("error") in CANNOT_KNOW else None
    except (aiohttp.ClientError, TimeoutError):
        return None
    found = response.get(key)
    return found if isinstance(found, dict) else {}
