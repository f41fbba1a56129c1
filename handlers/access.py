"""`/coffee access`: who may see and do what, for those who may say so."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from sqlmodel import Session

from bot import roles
from bot.access import Action, Asker, allow
from bot.messages import access_form as messages
from bot.messages.blocks import Block
from bot.roles import CHANNELS, EVERYONE, MOST, Grant, Reach, role_of, wrong_with
from bot.services import Services
from handlers.listening import Form, opening
from handlers.parsing import Body, answers, asker, chosen, view_id
from handlers.presence import is_known
from handlers.saving import saved_or_told
from handlers.windows import show_in
from storage import locks, tunings
from storage.tunings import ACCESS

WORD = "access"
NOBODY = "Choose who is given the role: people, a group, a channel, or everyone."
NO_ROLE = "Choose a role."
FULL = f"There are {MOST} already: take one away first, or give a role to a user group."
HIDDEN = (
    "I am not in this private channel, and cannot see who is in it: type /invite @Kahvi there, and press Give again."
)
Given = Sequence[Grant]


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = parse(answers(view))
        if isinstance(wish, dict):
            await ack(response_action="errors", errors=wish)
            return
        if saved := await saved_or_told(ack, give(services, asker(body, context), wish), messages.ROLE, "Give"):
            await ack(response_action="update", view=saved.value)

    async def remove(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        taking = _taken(services, asker(body, context), chosen(body))
        work = show_in(services, view_id(body), messages.TITLE, taking)
        services.tasks.start("access taken away", work)
        await ack()

    app.action(messages.OPEN)(opening(services, "access", FORM))
    app.action(re.compile(rf"{messages.REMOVE}:.*"))(remove)
    app.view(messages.FORM)(submit)


async def form(services: Services, who: Asker) -> Block:
    await allow(services, who, Action.GIVE_ACCESS)
    return messages.form(await services.database.read(roles.in_force), await _groups(services))


def parse(filled: Mapping[str, Any]) -> Given | dict[str, str]:
    """The grants that were filled in, or what is wrong, by field."""
    people, channel, group = (filled.get(key) for key in (messages.PEOPLE, messages.CHANNEL, messages.GROUPS))
    to = [*(people or ()), *filter(None, (group, channel)), *((EVERYONE,) if filled.get(messages.ALL) else ())]
    role, reach = role_of(str(filled.get(messages.ROLE))), str(filled.get(messages.REACH))
    if role is None:
        return {messages.ROLE: NO_ROLE}
    if not to:
        return {messages.PEOPLE: NOBODY}
    wish = [Grant(str(one), role, Reach(reach) if reach in set(Reach) else Reach.OWN) for one in to]
    wrong = next(filter(None, map(wrong_with, wish)), "")
    return {messages.REACH: wrong} if wrong else wish


async def give(services: Services, who: Asker, wish: Given) -> Block | str:
    """Give roles; the form as it is then, or why not."""
    await allow(services, who, Action.GIVE_ACCESS, " ".join(one.to for one in wish))
    for channel in (one.to for one in wish if one.to.startswith(CHANNELS)):
        if not await is_known(services.client, channel):
            return HIDDEN
    groups = await _groups(services)
    return await services.database.write(
        _store, lambda present: roles.with_grants(present, wish), who, services, groups
    )


async def _taken(services: Services, who: Asker, to: str) -> Block:
    await allow(services, who, Action.GIVE_ACCESS, to)
    groups = await _groups(services)
    found = await services.database.write(
        _store, lambda present: [one for one in present if one.to != to], who, services, groups
    )
    assert not isinstance(found, str)  # noqa: S101 - fewer are never too many
    return found


def _store(
    session: Session, change: Callable[[Given], Given], who: Asker, services: Services, groups: Mapping[str, str]
) -> Block | str:
    """Change what is in force now: two people may have the form open."""
    locks.alone(session, ACCESS)
    after = change(roles.in_force(session))
    if len(after) > MOST:
        return FULL
    tunings.choose(session, roles.plain(after), who.user, services.clock(), ACCESS)
    return messages.form(after, groups)


async def _groups(services: Services) -> Mapping[str, str]:
    """The handles of the workspace's user groups by id; none where Slack does not tell."""
    try:
        found = (await services.client.usergroups_list()).get("usergroups") or ()
    except (SlackApiError, aiohttp.ClientError, TimeoutError):
        return {}
    return {str(one["id"]): str(one.get("handle") or one["id"]) for one in found if not one.get("date_delete")}


FORM = Form(messages.TITLE, messages.again, form)
