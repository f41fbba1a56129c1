"""The button of an alert's card: the first person to press it is on it."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.risk import service as risk
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, pressed


def register(app: AsyncApp, services: Services) -> None:
    async def on_it(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = take_on(services, asker(body, context), pressed(body))
        services.tasks.start("claim", privately(respond, work))
        await ack()

    app.action(messages.CLAIM)(on_it)


async def take_on(services: Services, who: Asker, alert_id: str) -> Message | None:
    """The card itself says who won; only those who came later get an answer of their own."""
    await allow(services, who, Action.CLAIM_ALERT, alert_id)
    now, settings = services.clock(), risk.RiskSettings.of(services.settings, services.source)
    won, alert = await services.database.write(risk.claim, alert_id, who.user, settings, now)
    services.nudge()
    return None if won else said(messages.too_late(alert, who.user, now, settings.zone))
