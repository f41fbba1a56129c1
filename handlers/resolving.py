"""From what a person typed to the one account that is meant, or to the message that helps them on."""

from collections.abc import Sequence
from dataclasses import replace

from bot.access import Action, Asker, Granted, allow, email_of
from bot.accounts.query import parse
from bot.accounts.search import Found, Match, find, matches_of
from bot.messages import look_up as messages
from bot.messages.blocks import Message, said
from bot.services import Services
from handlers.readiness import not_ready
from storage import owners


async def resolve(services: Services, who: Asker, text: str, action: str, label: str) -> tuple[Match, Found] | Message:
    """The account and how it was found, or accounts to choose from by buttons of this action and label.

    Raises Denied.
    """
    found = await looked_up(services, who, text)
    if isinstance(found, Message):
        return found
    return (found.one, found) if found.one else offered(found, action, label)


async def looked_up(services: Services, who: Asker, text: str) -> Found | Message:
    """What was found for what somebody typed, or that it has to wait. Raises Denied.

    Nothing is searched during the first read: the names change with every page that is read.
    """
    granted = await allow(services, who, Action.SEARCH_ACCOUNTS)
    if waiting := await not_ready(services):
        return said(waiting)
    person = parse(text).person
    email = await email_of(services, person) if person else None
    return await _within(services, granted, await find(services.database, services.names, text, email, granted.owners))


def offered(found: Found, action: str, label: str) -> Message:
    """The accounts to choose from, or that there are none."""
    return messages.choice(found, action, label) if found.matches else messages.nothing(found)


async def suggest(services: Services, who: Asker, text: str) -> Found | None:
    """The accounts that may be meant by what was typed so far, None during the first read. Raises Denied."""
    granted = await allow(services, who, Action.SEARCH_ACCOUNTS)
    if await not_ready(services):
        return None
    return await _within(services, granted, await find(services.database, services.names, text, owners=granted.owners))


async def choose(services: Services, who: Asker, ids: Sequence[str]) -> Sequence[Match]:
    """The accounts with these ids that are within reach. Raises Denied."""
    granted = await allow(services, who, Action.SEARCH_ACCOUNTS)
    matches = await services.database.read(matches_of, ids)
    return (await _within(services, granted, Found("", None, matches, len(matches)))).matches


async def _within(services: Services, granted: Granted, found: Found) -> Found:
    """Of the accounts that were found, those within reach; of others not even the name is told."""
    if granted.owners is None:
        return found
    matches = [found.one] if found.one else found.matches
    owned = await services.database.read(owners.emails, [match.id for match in matches])
    seen = [match for match in matches if granted.reaches(owned.get(match.id))]
    return replace(found, one=seen[0] if found.one and seen else None, matches=seen, total=len(seen))
