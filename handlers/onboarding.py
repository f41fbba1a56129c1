"""`/at-risk onboarding`: who is behind in the first ninety days."""

from bot.access import Action, Asker, allow
from bot.errors import KahviError
from bot.messages import onboarding as messages
from bot.messages.blocks import Message
from bot.messages.figures import refused
from bot.risk.onboarding import watch
from bot.risk.whose import ALL, ME
from bot.services import Services
from handlers.answers import said
from handlers.readiness import not_ready
from handlers.whose import whose

WORD = "onboarding"


async def ask(services: Services, who: Asker, text: str) -> Message:
    """Of all newcomers, of one's own ("me"), or of a filter."""
    word = text.casefold()
    asked = word if word in (ALL, ME) else text or ALL
    granted = await allow(services, who, Action.LOOK_AT_RISK, f"{WORD} {asked if asked in (ALL, ME) else 'filter'}")
    if waiting := await not_ready(services):
        return said(waiting)
    meant = await whose(services, who, granted, asked, f"/at-risk {WORD}")
    if isinstance(meant, Message):
        return meant
    base, now = services.settings.currency, services.clock()
    try:
        found = await services.database.read(watch, meant, base, services.today(), now)
    except KahviError as error:
        return refused(str(error))
    return messages.told(found, meant, base)
