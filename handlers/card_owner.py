"""Who looks after an account: chosen on the card of its alert."""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow, colleague_email
from bot.messages import alerts as messages
from bot.messages.blocks import Message, said
from bot.messages.words import person
from bot.risk import handling
from bot.services import Services
from handlers.answers import privately
from handlers.parsing import Body, asker, chosen_person
from storage import alerts
from storage.owners import Owner

NAMELESS = (
    "I cannot give {person} an account: Slack does not tell me their e-mail address, by which billing names owners. "
    "The scope `users:read.email` lets it (docs/install.md)."
)


def register(app: AsyncApp, services: Services) -> None:
    async def assigned(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        user, alert_id = chosen_person(body)
        work = assign(services, asker(body, context), alert_id, user)
        services.tasks.start("assign", privately(respond, work))
        await ack()

    app.action(re.compile(rf"{messages.ASSIGN}:.*"))(assigned)


async def assign(services: Services, who: Asker, alert_id: str, user: str) -> Message | None:
    """The card says whose account it is now, and a direct message tells the person."""
    await allow(services, who, Action.ASSIGN_OWNER, alert_id)
    if not user:
        return None
    email = await colleague_email(services, user)
    if email is None:
        return said(NAMELESS.format(person=person(user)))
    now, settings = services.clock(), services.risk_settings()
    owner = Owner(user, email, assigned_by=who.user)
    alert = await services.database.write(handling.assign, alert_id, owner, settings, now)
    services.nudge()
    if alert:
        return None
    return said(messages.too_late(await services.database.read(alerts.with_id, alert_id), who.user, now, settings.zone))
