"""`/at-risk quiet`: when alerts leave a person alone; `/at-risk quiet here`: when they leave a channel alone."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.access import Action, Asker, allow, email_of
from bot.messages import quiet_form as messages
from bot.messages.blocks import Block, Message, carried_by, said
from bot.people import look_up
from bot.services import Services
from handlers.listening import Form, opening
from handlers.parsing import Body, answers, asker
from handlers.presence import NOT_SET_UP, zone_of
from handlers.saving import saved_or_told
from storage import channels, quiet_times
from storage.quiet_times import QuietTime

WORD, HERE = "quiet", "quiet here"


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = messages.submitted(answers(view))
        if not isinstance(wish, QuietTime):
            await ack(response_action="errors", errors=wish)
            return
        channel = str(carried_by(view).get("channel") or "")
        if await saved_or_told(ack, choose(services, asker(body, context), channel, wish), messages.HOURS):
            await ack(response_action="update", view=messages.done(wish, _usual(services), channel))

    app.action(messages.OPEN)(opening(services, "quiet times", FORM))
    app.view(messages.FORM)(submit)


async def form(services: Services, who: Asker) -> Block | Message:
    """The form for the person who asks."""
    await allow(services, who, Action.CHOOSE_QUIET_TIMES)
    chosen = await services.database.read(quiet_times.chosen, [who.user])
    if email := await email_of(services, who.user):  # whose hours are kept is somebody whose zone is known
        looked_up = look_up(services.database, services.client, services.clock, [email])
        services.tasks.start("zone of a person", looked_up)
    zone = await zone_of(services, who.user)
    return messages.form(chosen.get(who.user, QuietTime()), _usual(services), zone)


async def form_here(services: Services, who: Asker) -> Block | Message:
    """The form for the channel in which it is asked for."""
    channel = who.channel or ""
    await allow(services, who, Action.SET_UP_CHANNEL, channel)
    found = await services.database.read(channels.find, channel)
    if found is None:
        return said(NOT_SET_UP)
    chosen = await services.database.read(quiet_times.chosen, [channel])
    return messages.form(chosen.get(channel, QuietTime()), _usual(services), found.zone, channel)


async def choose(services: Services, who: Asker, channel: str, wish: QuietTime) -> None:
    """Keep when a channel, or without one the person who asks, is left alone. Raises Denied."""
    if channel:
        here = Asker(who.user, who.team, who.home, channel)
        await allow(services, here, Action.SET_UP_CHANNEL, channel)
    else:
        await allow(services, who, Action.CHOOSE_QUIET_TIMES)
    await services.database.write(quiet_times.choose, channel or who.user, wish, who.user, services.clock())


def _usual(services: Services) -> QuietTime:
    return QuietTime(services.settings.quiet_hours, services.settings.free_days)


FORM = Form(messages.TITLE, messages.again, form)
FORM_HERE = Form(messages.TITLE, messages.again, form_here)
