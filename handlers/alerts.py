"""The buttons by which a person takes on alerts: on an alert's card, and on the account's."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.messages import account as account_messages
from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.risk import service as risk
from bot.risk.cards import RiskSettings
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, pressed


def register(app: AsyncApp, services: Services) -> None:
    async def on_it(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = take_on(services, asker(body, context), pressed(body))
        services.tasks.start("claim", privately(respond, work))
        await ack()

    async def on_account(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = take_on_account(services, asker(body, context), pressed(body))
        services.tasks.start("claim of an account", privately(respond, work))
        await ack()

    app.action(messages.CLAIM)(on_it)
    app.action(account_messages.TAKE_ON)(on_account)


async def take_on(services: Services, who: Asker, alert_id: str) -> Message | None:
    """The card itself says who won; only those who came later get an answer of their own."""
    await allow(services, who, Action.CLAIM_ALERT, alert_id)
    now, settings = services.clock(), RiskSettings.of(services.settings, services.source)
    won, alert = await services.database.write(risk.claim, alert_id, who.user, settings, now)
    services.nudge()
    return None if won else said(messages.too_late(alert, who.user, now, settings.zone))


async def take_on_account(services: Services, who: Asker, account_id: str) -> Message:
    """Take on what is open at an account; its own card is private and cannot change, so an answer says it."""
    await allow(services, who, Action.CLAIM_ALERT, account_id)
    now, settings = services.clock(), RiskSettings.of(services.settings, services.source)
    live = await services.database.write(risk.claim_account, account_id, who.user, settings, now)
    services.nudge()
    return said(messages.taken_on(live, who.user, now, settings.zone))
