"""`/at-risk saves`: what came of alerts in a period."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.errors import KahviError
from bot.messages import saves as messages
from bot.messages.blocks import Message
from bot.messages.figures import refused
from bot.metrics.periods import known_span
from bot.risk.saves import saves
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, pressed
from handlers.readiness import not_ready

WORD = "saves"
USUAL = "90d"


def register(app: AsyncApp, services: Services) -> None:
    async def show(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = ask(services, asker(body, context), pressed(body))
        services.tasks.start("saves", privately(respond, work))
        await ack()

    app.action(re.compile(rf"{messages.SHOW}:.*"))(show)


async def ask(services: Services, who: Asker, period: str) -> Message:
    """What was saved and lost in a period as people type it; 90 days for an empty one."""
    await allow(services, who, Action.LOOK_AT_RISK, f"{WORD} {period}".strip(), whole=True)
    if waiting := await not_ready(services):
        return said(waiting)
    zone, base, now = services.settings.timezone, services.settings.currency, services.clock()
    try:
        asked = known_span(period or USUAL, services.today())
    except KahviError as error:
        return refused(str(error))
    return messages.told(await services.database.read(saves, asked, base, zone, now), zone)
