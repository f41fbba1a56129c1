"""`/at-risk dunning`: failed and late payments and cards that end, with where each stands and what comes next."""

import re
from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow, email_of
from bot.errors import KahviError
from bot.messages import dunning as messages
from bot.messages.blocks import Message
from bot.messages.figures import refused
from bot.risk.dunning import Desk, Whose, desk
from bot.risk.listing import ALL, PAGE
from bot.risk.settings import RiskSettings
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, place_of, pressed
from handlers.readiness import not_ready

WORD = "dunning"
USUAL = "valuable"
NAMELESS = (
    "I cannot tell which accounts are yours: Slack does not give me your e-mail address. "
    "`/at-risk dunning owner:you@company.com` does the same."
)


def register(app: AsyncApp, services: Services) -> None:
    async def page(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        start, asked = place_of(pressed(body))
        work = show(services, asker(body, context), asked or USUAL, start)
        services.tasks.start("dunning page", privately(respond, work))
        await ack()

    async def export(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = ask_for_csv(services, asker(body, context), pressed(body) or USUAL)
        services.tasks.start("dunning as CSV", privately(respond, work))
        await ack()

    app.action(re.compile(rf"{messages.PAGE}:.*"))(page)
    app.action(messages.EXPORT)(export)


async def ask(services: Services, who: Asker, text: str) -> Message:
    """The first page of what was typed behind the word: nothing, "all", "me", or a filter."""
    word = text.casefold()
    return await show(services, who, word if word in ("all", "me", USUAL) else text or USUAL, 0)


async def show(services: Services, who: Asker, asked: str, start: int) -> Message:
    found = await _desk(services, who, asked, start, PAGE)
    zone = services.settings.timezone
    return messages.told(found, services.clock(), zone) if isinstance(found, Desk) else found


async def ask_for_csv(services: Services, who: Asker, asked: str) -> Message | Sequence[Message]:
    found = await _desk(services, who, asked, 0, ALL)
    return messages.export(found) if isinstance(found, Desk) else found


async def _desk(services: Services, who: Asker, asked: str, start: int, count: int) -> Desk | Message:
    named = asked in ("me", "all", USUAL)
    granted = await allow(services, who, Action.LOOK_AT_RISK, f"{WORD} {asked if named else 'filter'}")
    if waiting := await not_ready(services):
        return said(waiting)
    owner = await email_of(services, who.user) if asked == "me" else None
    if asked == "me" and not owner:
        return said(NAMELESS)
    if granted.owners is not None and asked != "me":
        asked = granted.narrowed("" if named else asked)
    settings, whose = RiskSettings.of(services.settings, services.source), Whose(asked, owner)
    try:
        return await services.database.read(desk, whose, settings, services.clock(), start=start, count=count)
    except KahviError as error:
        return refused(str(error))
