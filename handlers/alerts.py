"""The buttons of alerts: taking them on, snoozing them, and saying that they are no risk."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.messages import account as account_messages
from bot.messages import alerts as messages
from bot.messages.blocks import Block, Message, said
from bot.messages.windows import window
from bot.risk import handling
from bot.risk.quiet import SNOOZES, Dismissal, NoRisk, Snooze
from bot.services import Services
from handlers.answers import privately
from handlers.listening import FormOf, answering, opening_of
from handlers.parsing import Body, answers, asker, chosen
from handlers.saving import Saved, saved_or_told
from storage import alerts
from storage.accounts.briefs import briefs

TITLE = "Not a risk"
CHOOSE = "Please choose why."
TOOK_LONG = "That took too long for Slack; please press it again."


def register(app: AsyncApp, services: Services) -> None:
    async def snoozed(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        how_long, _, alert_id = chosen(body).partition(":")
        work = snooze(services, asker(body, context), alert_id, how_long)
        services.tasks.start("snooze", privately(respond, work))
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        filled, alert_id = answers(view), str(view.get("private_metadata") or "")
        why = filled.get(messages.WHY)
        if not isinstance(why, str) or why not in set(NoRisk):
            await ack(response_action="errors", errors={messages.WHY: CHOOSE})
            return
        who = asker(body, context)
        dismissal = Dismissal(who.user, NoRisk(why), str(filled.get(messages.NOTE) or ""))
        match await saved_or_told(ack, dismiss(services, who, alert_id, dismissal), messages.WHY, "Close it"):
            case Saved(Message() as said_instead):
                await ack(response_action="update", view=window(TITLE, said_instead))
            case Saved():
                await ack()

    asking = FormOf(TITLE, lambda _: said(TOOK_LONG), form)
    app.action(messages.CLAIM)(answering(services, "claim", take_on))
    app.action(account_messages.TAKE_ON)(answering(services, "claim of an account", take_on_account))
    app.action(messages.SNOOZE)(snoozed)
    app.action(messages.WAKE)(answering(services, "wake", wake))
    app.action(messages.NO_RISK)(opening_of(services, "no risk form", asking))
    app.view(messages.NO_RISK_FORM)(submit)


async def take_on(services: Services, who: Asker, alert_id: str) -> Message | None:
    """The card itself says who won; only those who came later get an answer of their own."""
    await allow(services, who, Action.CLAIM_ALERT, alert_id)
    now, settings = services.clock(), services.risk_settings()
    won, alert = await services.database.write(handling.claim, alert_id, who.user, settings, now)
    services.nudge()
    return None if won else said(messages.too_late(alert, who.user, now, settings.zone))


async def take_on_account(services: Services, who: Asker, account_id: str) -> Message:
    """Take on what is open at an account; its own card is private and cannot change, so an answer says it."""
    await allow(services, who, Action.CLAIM_ALERT, account_id)
    now, settings = services.clock(), services.risk_settings()
    live = await services.database.write(handling.claim_account, account_id, who.user, settings, now)
    services.nudge()
    return said(messages.taken_on(live, who.user, now, settings.zone))


async def snooze(services: Services, who: Asker, alert_id: str, how_long: str) -> Message | None:
    """The card says who snoozed it, and until when."""
    await allow(services, who, Action.QUIETEN_ALERT, alert_id)
    if how_long not in SNOOZES:
        return said("I do not know this snooze; the card offers those that I do.")
    now, settings = services.clock(), services.risk_settings()
    alert = await services.database.write(handling.snooze, alert_id, Snooze(who.user, how_long), settings, now)
    services.nudge()
    return None if alert and alert.is_live else said(messages.too_late(alert, who.user, now, settings.zone))


async def wake(services: Services, who: Asker, alert_id: str) -> Message | None:
    await allow(services, who, Action.QUIETEN_ALERT, alert_id)
    now, settings = services.clock(), services.risk_settings()
    alert = await services.database.write(handling.wake, alert_id, settings, now)
    services.nudge()
    return None if alert and alert.is_live else said(messages.too_late(alert, who.user, now, settings.zone))


async def form(services: Services, who: Asker, alert_id: str) -> Block | Message:
    """The form that asks why it is no risk, or why there is nothing to ask."""
    await allow(services, who, Action.QUIETEN_ALERT, alert_id)
    now, zone = services.clock(), services.settings.timezone
    alert = await services.database.read(alerts.with_id, alert_id)
    if alert is None or not alert.is_live:
        return said(messages.too_late(alert, who.user, now, zone))
    about = await services.database.read(briefs, [alert.account_id], now)
    return messages.no_risk_form(alert, about.get(alert.account_id))


async def dismiss(services: Services, who: Asker, alert_id: str, dismissal: Dismissal) -> Message | None:
    """Close it as no risk; what to say when somebody was faster."""
    await allow(services, who, Action.QUIETEN_ALERT, alert_id)
    now, settings = services.clock(), services.risk_settings()
    won, alert = await services.database.write(handling.dismiss, alert_id, dismissal, settings, now)
    services.nudge()
    return None if won else said(messages.too_late(alert, who.user, now, settings.zone))
