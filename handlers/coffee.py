"""`/coffee`: the coffee stats now, where and when they are posted, and single figures."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot import owed
from bot.access import Action, Asker, allow
from bot.digest.outgoing import Coffee
from bot.messages import coffee_form as messages
from bot.messages import digest as digest_messages
from bot.messages import trouble as trouble_messages
from bot.messages.blocks import Block, Message, said
from bot.messages.coffee_form import Wish
from bot.messages.words import quoted
from bot.metrics.question import Question
from bot.services import Services
from bot.spelling import SURE, nearest
from handlers import access, figures
from handlers.answers import privately
from handlers.listening import Form, opening
from handlers.parsing import Body, answers, as_typed, asker, command_text
from handlers.presence import INVITE, NOT_SET_UP, is_here, zone_of
from handlers.readiness import not_ready
from handlers.saving import saved_or_told
from handlers.windows import press, show
from storage import channels, doubtful, outbox, slots
from storage.channels import Channel

HERE = "here"
WORDS = (HERE, "pause", "resume", "help", access.WORD, *figures.WORDS)
ANSWERS = 5  # that Slack takes to one command
QUESTIONS = 2  # the digest itself has to find room among the answers


def register(app: AsyncApp, services: Services) -> None:
    async def coffee(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        who, typed = asker(body, context), as_typed(command_text(body))
        form = FORMS.get(typed.casefold())
        if form:
            work = show(services, press(body, respond, form.title, form.again), form.make(services, who))
        else:
            work = privately(respond, answer(services, who, typed))
        services.tasks.start("coffee", work)
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = messages.submitted(view, answers(view))
        if not isinstance(wish, Wish):
            await ack(response_action="errors", errors=wish)
            return
        if saved := await saved_or_told(ack, _set_up(services, asker(body, context), wish), messages.AT, "Set up"):
            await ack(response_action="update", view=saved.value)

    app.command("/coffee")(coffee)
    app.action(messages.OPEN)(opening(services, "coffee form", FORM))
    app.view(messages.CALLBACK)(submit)


async def answer(services: Services, who: Asker, typed: str) -> Message | Sequence[Message]:
    """What `/coffee` and a word or a question give."""
    match word := typed.casefold():
        case "":
            return await today(services, who)
        case "pause" | "resume":
            return await set_paused(services, who, paused=word == "pause")
        case "help":
            return await usage(services, who)
        case _ if (meant := _misspelt(word)) and not isinstance(await figures.understood(services, typed), Question):
            return await usage(services, who, f"I do not know {quoted(word, 40)}. Did you mean `/coffee {meant}`?")
        case _:
            return await figures.answered(services, who, typed)


async def today(services: Services, who: Asker) -> Message | Sequence[Message]:
    """The digest of this day, by the days of this channel; what would be its thread comes after it.

    Before it stands what keeps messages from this channel, and what may be missing there.
    """
    await allow(services, who, Action.LOOK_AT_FIGURES, whole=True)
    if waiting := await not_ready(services):
        return said(waiting)
    return await services.database.read(_digest, services, who.channel or "", services.clock())


def _digest(session: Session, services: Services, channel_id: str, now: datetime) -> Sequence[Message]:
    channel = channels.find(session, channel_id)
    found = Coffee(services.settings, services.source.name).digest(session, channel, now)
    trouble = _trouble(session, channel, now) if channel else []
    return [*trouble, *digest_messages.outgoing(found)][:ANSWERS]


def _trouble(session: Session, channel: Channel, now: datetime) -> list[Message]:
    """One question for each message in doubt, or else what is wrong."""
    doubts = doubtful.in_channel(session, channel.channel_id, now)[:QUESTIONS]
    if doubts:
        return [trouble_messages.question(one, channel.zone) for one in doubts]
    return [said(messages.wrong(channel.problem))] if channel.problem else []


async def set_paused(services: Services, who: Asker, *, paused: bool) -> Message:
    await allow(services, who, Action.SET_UP_CHANNEL, who.channel or "")
    channel = await services.database.write(_set_paused, who.channel or "", paused, services.clock())
    services.nudge()
    if channel is None:
        return said(NOT_SET_UP)
    following = await _next(services, channel)
    return said(messages.standing(channel, following))


def _set_paused(session: Session, channel_id: str, paused: bool, now: datetime) -> Channel | None:  # noqa: FBT001 - database.write passes it on
    if paused:
        channels.pause(session, channel_id)
    else:
        channels.resume(session, channel_id, now=now)
        outbox.release(session, channel_id, now=now)
    return channels.find(session, channel_id)


async def usage(services: Services, who: Asker, opening: str = "") -> Message:
    """What can be typed, and how this channel is set up, which is no stranger's business."""
    await allow(services, who, Action.ASK_FOR_HELP, who.channel or "")
    channel = await services.database.read(channels.find, who.channel or "")
    return messages.usage(channel, await _next(services, channel) if channel else None, opening)


def _misspelt(word: str) -> str | None:
    """The word of the command that was probably meant."""
    return None if word.partition(" ")[0] in figures.WORDS else nearest(word, WORDS, SURE)


async def form_for(services: Services, who: Asker) -> Block | Message:
    """The form for this channel, or why it cannot be set up."""
    await allow(services, who, Action.SET_UP_CHANNEL, who.channel or "")
    if not who.channel or not await is_here(services.client, who.channel):
        return said(INVITE)
    present = await services.database.read(channels.find, who.channel)
    zone = present.zone if present else await zone_of(services, who.user)
    return messages.form(messages.starting(who.channel, present, zone), present.problem if present else None)


async def _set_up(services: Services, who: Asker, wish: Wish) -> Block:
    """Set the channel up; the confirming view. Raises Denied."""
    here = Asker(who.user, who.team, who.home, wish.channel_id)
    await allow(services, here, Action.SET_UP_CHANNEL, wish.channel_id)
    channel = await services.database.write(_store, wish, who.user, services.clock())
    services.nudge()
    return messages.done(wish, await _next(services, channel))


def _store(session: Session, wish: Wish, user: str, now: datetime) -> Channel:
    owed.set_up(
        session,
        wish.channel_id,
        at=wish.at,
        zone=wish.zone,
        weekdays=wish.weekdays,
        alerts=wish.alerts,
        user=user,
        now=now,
    )
    outbox.release(session, wish.channel_id, now=now)
    channel = channels.find(session, wish.channel_id)
    assert channel is not None  # noqa: S101 - it was written a line above
    return channel


async def _next(services: Services, channel: Channel) -> datetime | None:
    now = services.clock()
    taken = await services.database.read(slots.taken_since, now - timedelta(days=3))
    return owed.next_coffee(channel, now, taken)


FORM = Form(messages.TITLE, messages.again, form_for)
FORMS = {HERE: FORM, access.WORD: access.FORM}  # the form that a word behind the command opens
