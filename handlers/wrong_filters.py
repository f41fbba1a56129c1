"""What is wrong with a filter that was typed into a form."""

from bot.access import Action, Asker, allow
from bot.figures import segments
from bot.services import Services


async def wrong_with(services: Services, who: Asker, action: Action, where: str) -> str:
    """The sentence to show in a form for this action; empty when nothing is wrong. Raises Denied."""
    await allow(services, who, action)
    return await services.database.read(segments.wrong_with, where, services.settings.currency, services.today())
