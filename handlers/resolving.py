"""From what a person typed to the one account that is meant, or to the message that helps them on."""

from bot.access import Action, Asker, allow, email_of
from bot.accounts.query import parse
from bot.accounts.search import Found, Match, find
from bot.messages import account as messages
from bot.messages.blocks import Message
from bot.services import Services
from handlers.answers import said
from handlers.readiness import not_ready


async def resolve(services: Services, who: Asker, text: str, action: str, label: str) -> tuple[Match, Found] | Message:
    """The account and how it was found, or accounts to choose from by buttons of this action and label.

    Raises Denied. Nothing is searched during the first read: the names change with every page that is read.
    """
    await allow(services, who, Action.SEARCH_ACCOUNTS)
    if waiting := await not_ready(services):
        return said(waiting)
    person = parse(text).person
    found = await find(services.database, services.names, text, await email_of(services, person) if person else None)
    if found.one:
        return found.one, found
    return messages.choice(found, action, label) if found.matches else messages.nothing(found)


async def suggest(services: Services, who: Asker, text: str) -> Found | None:
    """The accounts that may be meant by what was typed so far, None during the first read. Raises Denied."""
    await allow(services, who, Action.SEARCH_ACCOUNTS)
    if await not_ready(services):
        return None
    return await find(services.database, services.names, text)
