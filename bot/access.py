"""The one door to figures, accounts and people's notes: who may look or change, and the record that they did.

Nobody may anything before they were given a role (`bot.roles`), but for the owners and admins of the Slack workspace,
who are Kahvi's admins too. Guests and strangers are refused whatever was given, and nothing is shown in a channel that
another company shares. Slack is asked each time, so that a person who became a guest is refused at once; where the
token has no scope for the question, what the payload tells must do.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot import roles
from bot.circles import GUEST, address_of, is_colleague
from bot.errors import Denied
from bot.metrics.filters import Among, Filter
from bot.roles import CHANNELS, EVERYONE, GROUP, Grant, Reach, Role
from bot.services import Services
from storage import audit, owners

# What Slack answers when the bot cannot know, rather than when something broke.
CANNOT_KNOW = frozenset(("missing_scope", "channel_not_found", "method_not_supported_for_channel_type"))
RUNS_SLACK = ("is_admin", "is_owner", "is_primary_owner")
DIRECT_MESSAGE = "D"
NAMED = 3  # admins, in a refusal
OF_ALL = (
    "This tells of all accounts, and you may see some of them. `/coffee mrr` gives figures of yours, and `/at-risk` "
    "says who of them is near to leaving."
)


class Action(StrEnum):
    """What people ask for."""

    LOOK_AT_HOME = "look at home"
    LOOK_AT_FIGURES = "look at figures"
    SEARCH_ACCOUNTS = "search accounts"
    LOOK_AT_ACCOUNT = "look at account"
    SHARE_ACCOUNT = "share account"
    EXPORT_ACCOUNT = "export account"
    LOOK_AT_EXITS = "look at exits"
    SHARE_EXITS = "share exits"
    READ_INTERVIEWS = "read exit interviews"
    LOG_EXIT = "log exit"
    SET_EXIT_REASONS = "set exit reasons"
    MARK_FIXED = "mark fixed"
    SET_ICP = "set ideal customer"
    LOOK_AT_NOTES = "look at notes"
    LOG_NOTE = "log note"
    SET_CONTACTS = "set contacts"
    LOOK_AT_RISK = "look at risk"
    TUNE_RISK = "tune risk"
    ROUTE_ALERTS = "route alerts"
    CLAIM_ALERT = "claim alert"
    QUIETEN_ALERT = "quieten alert"
    ASSIGN_OWNER = "assign owner"
    CHOOSE_QUIET_TIMES = "choose quiet times"
    SET_UP_CHANNEL = "set up channel"
    ASK_FOR_HELP = "ask for help"
    SETTLE_DOUBT = "settle doubt"
    SHARE_OUT_ACCOUNTS = "share out accounts"
    GIVE_ACCESS = "give access"


# The least role for each; None for what every full member may.
LEAST: Mapping[Action, Role | None] = {
    Action.ASK_FOR_HELP: None,
    Action.LOOK_AT_HOME: Role.VIEWER,
    Action.LOOK_AT_FIGURES: Role.VIEWER,
    Action.SEARCH_ACCOUNTS: Role.VIEWER,
    Action.LOOK_AT_ACCOUNT: Role.VIEWER,
    Action.LOOK_AT_RISK: Role.VIEWER,
    Action.LOOK_AT_EXITS: Role.VIEWER,
    Action.CHOOSE_QUIET_TIMES: Role.VIEWER,
    Action.LOOK_AT_NOTES: Role.CSM,
    Action.LOG_NOTE: Role.CSM,
    Action.SET_CONTACTS: Role.CSM,
    Action.READ_INTERVIEWS: Role.CSM,
    Action.SHARE_EXITS: Role.CSM,
    Action.LOG_EXIT: Role.CSM,
    Action.SHARE_ACCOUNT: Role.CSM,
    Action.EXPORT_ACCOUNT: Role.CSM,
    Action.CLAIM_ALERT: Role.CSM,
    Action.QUIETEN_ALERT: Role.CSM,
    Action.ASSIGN_OWNER: Role.CSM,
    Action.SETTLE_DOUBT: Role.CSM,
    Action.SHARE_OUT_ACCOUNTS: Role.LEAD,
    Action.SET_UP_CHANNEL: Role.LEAD,
    Action.TUNE_RISK: Role.LEAD,
    Action.ROUTE_ALERTS: Role.LEAD,
    Action.SET_EXIT_REASONS: Role.LEAD,
    Action.MARK_FIXED: Role.LEAD,
    Action.SET_ICP: Role.LEAD,
    Action.GIVE_ACCESS: Role.ADMIN,
}
# Those whose subject is the id of an account, which has to be within reach. Cards are not among them: whoever sees
# one in a channel may take it on for a colleague.
OF_AN_ACCOUNT = frozenset(
    (
        Action.LOOK_AT_ACCOUNT,
        Action.SHARE_ACCOUNT,
        Action.EXPORT_ACCOUNT,
        Action.LOOK_AT_NOTES,
        Action.LOG_NOTE,
        Action.SET_CONTACTS,
        Action.READ_INTERVIEWS,
        Action.LOG_EXIT,
    )
)


@dataclass(frozen=True, slots=True)
class Asker:
    """A person in a place. `team` is the person's own workspace, `home` the one Kahvi is installed in, if known."""

    user: str
    team: str | None = None
    home: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """What was allowed to somebody of this role, None for a full member without one.

    `owners` are the addresses whose accounts may be seen, None for all accounts, or for the one that was asked about.
    """

    role: Role | None = None
    owners: frozenset[str] | None = None

    def allows(self, action: Action) -> bool:
        """Whether the same person may do this too, with what was asked about."""
        least = LEAST[action]
        return least is None or (self.role is not None and self.role >= least)

    @property
    def within(self) -> Filter:
        """The filter that keeps to the accounts within reach, empty for all; of a large team it is a long one."""
        return () if self.owners is None else (Among("owner", tuple(sorted(self.owners))),)

    def reaches(self, owner: str | None) -> bool:
        """Whether the account that somebody with this address looks after is within reach."""
        return self.owners is None or (owner or "").lower() in self.owners


async def allow(services: Services, who: Asker, action: Action, subject: str = "", *, whole: bool = False) -> Granted:
    """Let the action pass and record it, or raise Denied with the sentence to show.

    `whole` is what tells of all accounts at once, and cannot be kept to some of them.
    """
    try:
        found = await _judged(services, who, action, subject, whole=whole)
    except Denied:
        await _record(services, who, action, subject, granted=False)
        raise
    await _record(services, who, action, subject, granted=True)
    return found


async def email_of(services: Services, user: str) -> str | None:
    """The e-mail address of a person, by which billing names the owners of accounts; None where Slack keeps it."""
    return address_of(await _person(services, user) or {}) or None


async def colleague_email(services: Services, user: str) -> str | None:
    """The address of a person who may be given accounts; Denied where that is a guest, an app, or somebody who left."""
    person = await _person(services, user) or {}
    if not is_colleague(person):
        raise Denied(f"<@{user}> is no full member of this workspace, and gets no accounts; choose a colleague who is.")
    return address_of(person) or None


async def _record(services: Services, who: Asker, action: Action, subject: str, *, granted: bool) -> None:
    entry = audit.Entry(services.clock(), who.user, action, subject, granted)
    await services.database.write(audit.record, entry)


async def _judged(services: Services, who: Asker, action: Action, subject: str, *, whole: bool) -> Granted:
    """What is granted; raises Denied."""
    if who.team and who.home and who.team != who.home:
        raise Denied("Kahvi answers only people of the workspace it is installed in.")
    user, channel, given = await asyncio.gather(
        _person(services, who.user), _place(services, who.channel), services.database.read(roles.in_force)
    )
    if user is None or channel is None:
        raise Denied("Slack could not tell me just now who is asking. Please try again in a minute.")
    _turn_away(user, channel)
    least = LEAST[action]
    if least is None:
        return Granted()
    held = await _held(services, who.user, user, given)
    ask = _whom_to_ask(given)
    if not held:
        raise Denied(f"You may not see customer data with Kahvi yet: {ask} to give you a role.")
    highest = max(one.role for one in held)
    if highest < least:
        raise Denied(f"This is for the role {least.word}, and yours is {highest.word}: {ask} for more.")
    address = address_of(user).lower()
    if subject and action in OF_AN_ACCOUNT:
        found = await _of_account(services, address, held, subject)
        if not found.allows(action):
            raise Denied(f"This account is not among those you may see: {ask} for more.")
    else:
        found = await _within_reach(services, address, held, least)
        if whole and found.owners is not None:
            raise Denied(OF_ALL)
        if found.owners is not None and not found.owners:
            raise Denied(f"You may see the accounts that you look after, and there is none yet: {ask} for more.")
    return found


def _turn_away(user: Mapping[str, Any], channel: Mapping[str, Any]) -> None:
    """Raise Denied for people and places that may be shown nothing, whatever was given."""
    if user.get("deleted") or any(user.get(mark) for mark in GUEST):
        raise Denied("Customer figures are for full members of this workspace. Please ask a colleague who is one.")
    if channel.get("is_ext_shared"):
        raise Denied(
            "Another company shares this channel, so I show no customer data here. Please ask me somewhere else."
        )


async def _held(services: Services, user_id: str, user: Mapping[str, Any], given: Sequence[Grant]) -> list[Grant]:
    """What this person was given, by whatever way."""
    if any(user.get(mark) for mark in RUNS_SLACK):
        return [Grant(user_id, Role.ADMIN)]
    circles = [one for one in given if one.is_circle]
    now = services.clock()
    inside = await asyncio.gather(*(services.circles.members(services.client, one.to, now) for one in circles))
    return [
        *(one for one in given if one.to in (EVERYONE, user_id)),
        *(one for one, members in zip(circles, inside, strict=True) if user_id in members),
    ]


async def _within_reach(services: Services, email: str, held: Sequence[Grant], least: Role) -> Granted:
    """Of which accounts somebody has at least this role."""
    enough = [one for one in held if one.role >= least]
    role = max(one.role for one in held)
    if any(one.reach is Reach.ALL for one in enough):
        return Granted(role)
    wanted = frozenset[str]().union(*[await _addresses(services, email, one) for one in enough])
    return Granted(role, await services.database.read(owners.looking_after_any, wanted))


async def _of_account(services: Services, email: str, held: Sequence[Grant], account_id: str) -> Granted:
    """Which role somebody has with one account."""
    owner = (await services.database.read(owners.emails, [account_id])).get(account_id, "").lower()
    reaching = [
        one for one in held if one.reach is Reach.ALL or (owner and owner in await _addresses(services, email, one))
    ]
    return Granted(max((one.role for one in reaching), default=None))


async def _addresses(services: Services, email: str, grant: Grant) -> frozenset[str]:
    """Whose accounts a grant is for that is not for all."""
    if grant.reach is Reach.OWN:
        return frozenset((email,)) if email else frozenset()
    now = services.clock()
    members = await services.circles.members(services.client, grant.to, now)
    return await services.circles.addresses(services.client, members, now)


def _whom_to_ask(given: Sequence[Grant]) -> str:
    """Who can give more, as the middle of a sentence."""
    admins = [_mention(one.to) for one in given if one.role is Role.ADMIN and one.to != EVERYONE]
    return f"ask {' or '.join(admins[:NAMED] or ['an owner or admin of this Slack workspace'])}"


def _mention(to: str) -> str:
    if to.startswith(GROUP):
        return f"<!subteam^{to}>"
    return f"<#{to}>" if to.startswith(CHANNELS) else f"<@{to}>"


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
