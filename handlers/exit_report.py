"""`/exit-interview report`: who left and why, of a period; and the buttons of its answer."""

import re
from collections.abc import Sequence
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, Granted, allow
from bot.errors import KahviError
from bot.figures import Grounds
from bot.figures.exit_views import VIEWS, named
from bot.figures.exits import Exits, exits
from bot.messages import exit_report as messages
from bot.messages.blocks import Block, Message, said
from bot.messages.exit_report import Look
from bot.messages.figures import refused
from bot.messages.windows import told
from bot.messages.words import person
from bot.metrics.filters import Filter
from bot.metrics.periods import EXAMPLES, Span, known_span, span
from bot.metrics.question import FILLER, halves
from bot.services import Services
from handlers.listening import FormOf, answering, opening_of
from handlers.parsing import Body, answers, asker, chosen_beside
from handlers.presence import is_here
from handlers.readiness import not_ready
from handlers.saving import answer_form
from storage import outbox

WORDS = ("report", "reports")
USUAL = "90d"
NOT_UNDERSTOOD = (
    "I do not understand “{}”. Write a period, such as "
    f"{EXAMPLES}, and one of {', '.join(VIEWS)}. A filter goes behind “where”."
)
NOT_THERE = "I am not in this channel; invite me there with /invite, and press Post again."
Shown = Message | Sequence[Message]


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        work = post(services, asker(body, context), view)
        await answer_form(services, ack, view, work, messages.CHANNEL)

    posting = FormOf(messages.POST_TITLE, messages.post_again, post_form)
    app.action(re.compile(rf"{messages.SHOW}(:.*)?"))(answering(services, "exit report", again))
    app.action(re.compile(rf"{messages.LOOK}:.*", re.DOTALL))(answering(services, "exit report", again, other_look))
    app.action(messages.EXPORT)(answering(services, "exit report as CSV", ask_for_csv))
    app.action(messages.POST)(opening_of(services, "exit report posting", posting))
    app.view(messages.POST_FORM)(submit)


def is_report(text: str) -> bool:
    """Whether what was typed behind the command asks for the report."""
    return text.split(" ", 1)[0].casefold() in WORDS


async def ask(services: Services, who: Asker, text: str) -> Shown:
    """The report of what was typed: `report`, a way to look, a period, and `where` with a filter."""
    return await report(services, who, asked_for(text))


def asked_for(text: str) -> Look:
    """What was typed behind the command: a way to look and a period in any order, and a filter."""
    head, where = halves(text.partition(" ")[2])
    view, rest = named(head)
    period = " ".join(word for word in rest if word.casefold() not in (*FILLER, "by"))
    return Look(view or messages.USUAL_VIEW, period, where)


async def report(services: Services, who: Asker, look: Look) -> Shown:
    found = await exits_of(services, who, look)
    return messages.report(found, look) if isinstance(found, Exits) else found


def other_look(body: Body) -> str:
    """What the menu of other ways to look asks for."""
    return "".join(chosen_beside(body))


async def again(services: Services, who: Asker, asked: str) -> Shown:
    """The report that a button or the menu of another one asks for."""
    return await report(services, who, Look.read(asked))


async def ask_for_csv(services: Services, who: Asker, asked: str) -> Shown:
    found = await exits_of(services, who, Look.read(asked))
    return messages.export(found) if isinstance(found, Exits) else found


async def post_form(services: Services, who: Asker, asked: str) -> Block | Message:
    look = Look.read(asked)
    await allow(services, who, Action.SHARE_EXITS, _period(services, look))
    return messages.post_form(look)


async def post(services: Services, who: Asker, view: Body) -> Block | str:
    """Post the report of an open form to its channel, once for each form: what is told then, or what is wrong."""
    filled, look = answers(view), messages.look_of(view)
    channel = str(filled.get(messages.CHANNEL) or "")
    await allow(services, who, Action.SHARE_EXITS, _period(services, look))
    granted = await allow(services, replace(who, channel=channel), Action.SHARE_EXITS, _period(services, look))
    if not await is_here(services.client, channel):
        return NOT_THERE
    with_names = messages.YES in (filled.get(messages.WITH_NAMES) or ())
    found = await _read(services, granted, look)
    if isinstance(found, Message):
        return found.text
    message = messages.posted(found, look, person(who.user), with_names=with_names)
    key = f"exits:{channel}:{view.get('id')}"
    now = services.clock()
    await services.database.write(outbox.put, key, channel, message.text, message.blocks, now=now)
    services.nudge()
    return told(messages.POST_TITLE, f"On its way to <#{channel}>.")


async def exits_of(services: Services, who: Asker, look: Look) -> Exits | Message:
    """The exits of a report as its asker may see them, or why there are none to show."""
    granted = await allow(services, who, Action.LOOK_AT_EXITS, _period(services, look))
    return await _read(services, granted, look)


async def _read(services: Services, granted: Granted, look: Look) -> Exits | Message:
    if waiting := await not_ready(services):
        return said(waiting)
    try:
        asked = span(look.period or USUAL, services.today())
        if asked is None:
            return refused(NOT_UNDERSTOOD.format(look.period))
        return await services.database.read(_found, asked, look.where, granted.within, services)
    except KahviError as error:
        return refused(str(error))


def _period(services: Services, look: Look) -> str:
    """The period as the record of looks keeps it: no other words that were typed."""
    try:
        return known_span(look.period or USUAL, services.today()).said
    except KahviError:
        return ""


def _found(session: Session, asked: Span, where: str, within: Filter, services: Services) -> Exits:
    settings = services.settings
    grounds = Grounds.in_force(session, settings.currency, settings.timezone)
    return exits(session, asked, where, grounds, within=within)
