"""`/at-risk saves`: what came of alerts in a period."""

import re

from slack_bolt.app.async_app import AsyncApp

from bot.access import Action, Asker, allow
from bot.errors import KahviError
from bot.messages import saves as messages
from bot.messages.blocks import Message, said
from bot.messages.figures import refused
from bot.metrics.periods import known_span
from bot.risk.saves import saves
from bot.services import Services
from handlers.listening import answering
from handlers.readiness import not_ready

WORD = "saves"
USUAL = "90d"


def register(app: AsyncApp, services: Services) -> None:
    app.action(re.compile(rf"{messages.SHOW}:.*"))(answering(services, "saves", ask))


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
