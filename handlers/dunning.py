"""`/at-risk dunning`: failed and late payments and cards that end, with where each stands and what comes next."""

import re
from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.errors import KahviError
from bot.messages import dunning as messages
from bot.messages.blocks import Message, said
from bot.messages.figures import refused
from bot.risk.dunning import NAMED, VALUABLE, Desk, desk
from bot.risk.listing import PAGE, ROWS
from bot.services import Services
from handlers.answers import privately
from handlers.listening import answering
from handlers.parsing import Body, asker, place_of, pressed
from handlers.readiness import not_ready
from handlers.whose import whose

WORD = "dunning"


def register(app: AsyncApp, services: Services) -> None:
    async def page(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        start, asked = place_of(pressed(body))
        work = show(services, asker(body, context), asked or VALUABLE, start)
        services.tasks.start("dunning page", privately(respond, work))
        await ack()

    app.action(re.compile(rf"{messages.PAGE}:.*"))(page)
    app.action(messages.EXPORT)(answering(services, "dunning as CSV", ask_for_csv))


async def ask(services: Services, who: Asker, text: str) -> Message:
    """The first page of what was typed behind the word: nothing, "all", "me", or a filter."""
    word = text.casefold()
    return await show(services, who, word if word in NAMED else text or VALUABLE, 0)


async def show(services: Services, who: Asker, asked: str, start: int) -> Message:
    found = await _desk(services, who, asked, start, PAGE)
    zone = services.settings.timezone
    return messages.told(found, services.clock(), zone) if isinstance(found, Desk) else found


async def ask_for_csv(services: Services, who: Asker, asked: str) -> Message | Sequence[Message]:
    found = await _desk(services, who, asked or VALUABLE, 0, ROWS)
    return messages.export(found) if isinstance(found, Desk) else found


async def _desk(services: Services, who: Asker, asked: str, start: int, count: int) -> Desk | Message:
    granted = await allow(services, who, Action.LOOK_AT_RISK, f"{WORD} {asked if asked in NAMED else 'filter'}")
    if waiting := await not_ready(services):
        return said(waiting)
    meant = await whose(services, who, granted, asked, f"/at-risk {WORD}", words=NAMED)
    if isinstance(meant, Message):
        return meant
    settings = services.risk_settings()
    try:
        return await services.database.read(desk, meant, settings, services.clock(), start=start, count=count)
    except KahviError as error:
        return refused(str(error))
