"""The buttons under a message of which nobody knows whether it came through."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.messages import trouble as messages
from bot.messages.blocks import Message
from bot.services import Services
from bot.slack import outcomes
from handlers.answers import privately
from handlers.parsing import Body, asker, pressed


def register(app: AsyncApp, services: Services) -> None:
    async def post_again(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = settle(services, asker(body, context), pressed(body), again=True)
        services.tasks.start("post again", privately(respond, work))
        await ack()

    async def seen(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = settle(services, asker(body, context), pressed(body), again=False)
        services.tasks.start("seen in Slack", privately(respond, work))
        await ack()

    app.action(messages.POST_AGAIN)(post_again)
    app.action(messages.SEEN)(seen)


async def settle(services: Services, who: Asker, message_id: str, *, again: bool) -> Message:
    """Post it again, or leave it; of several who press, one decides, and the others are told."""
    await allow(services, who, Action.SETTLE_DOUBT, message_id)
    number = int(message_id) if message_id.isascii() and message_id.isdigit() and len(message_id) < 18 else 0
    said = await services.database.write(outcomes.settle, number, who.user, again=again, now=services.clock())
    services.nudge()
    return said
