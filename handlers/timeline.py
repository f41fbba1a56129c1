"""What happened to an account, page by page: `/account acme timeline`, and the card's button."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.accounts.timeline import timeline
from bot.messages import account as account_messages
from bot.messages import timeline as messages
from bot.messages.account import GONE
from bot.messages.blocks import Message
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, place_of, pressed
from handlers.readiness import not_ready
from handlers.resolving import resolve

TIMELINE = re.compile(r"(?P<account>\S.*?)\s+timeline", re.IGNORECASE | re.DOTALL)


def register(app: AsyncApp, services: Services) -> None:
    async def show(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = page(services, asker(body, context), pressed(body), 0)
        services.tasks.start("timeline", privately(respond, work))
        await ack()

    async def further(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        start, account_id = place_of(pressed(body))
        work = page(services, asker(body, context), account_id, start)
        services.tasks.start("timeline page", privately(respond, work))
        await ack()

    app.action(account_messages.TIMELINE)(show)
    app.action(messages.PAGE)(further)


async def typed(services: Services, who: Asker, account: str) -> Message:
    """The newest page of the account that is meant, or accounts to choose from."""
    meant = await resolve(services, who, account, account_messages.TIMELINE, "Timeline")
    return meant if isinstance(meant, Message) else await page(services, who, meant[0].id, 0)


async def page(services: Services, who: Asker, account_id: str, start: int) -> Message:
    granted = await allow(services, who, Action.LOOK_AT_ACCOUNT, account_id)
    if still := await not_ready(services):
        return said(still)
    zone, words = services.settings.timezone, granted.allows(Action.LOOK_AT_NOTES)
    found = await services.database.read(timeline, account_id, zone, start=start, words=words)
    return messages.page(found, zone) if found else said(GONE)
