"""`/coffee` and a metric: one figure over a period, divided and filtered; and the buttons of its answer."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.errors import KahviError
from bot.figures import Grounds
from bot.figures.ahead import ahead
from bot.figures.answer import Answer, answer
from bot.figures.naming import names
from bot.figures.why import Why, why
from bot.messages import figures as messages
from bot.messages.blocks import Message
from bot.metrics.question import Question, QuestionError, read
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, pressed
from handlers.readiness import not_ready

Shown = Message | Sequence[Message]
Found = TypeVar("Found")
Ask = Callable[[Session, Question, Grounds], Found]
WORDS = ("metrics", "why", "forecast")  # that ask for something else than a metric
FEW = 6  # accounts behind a figure


def register(app: AsyncApp, services: Services) -> None:
    async def show(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = ask(services, asker(body, context), pressed(body))
        services.tasks.start("figure", privately(respond, work))
        await ack()

    async def more(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = ask_in_depth(services, asker(body, context), pressed(body))
        services.tasks.start("figure in depth", privately(respond, work))
        await ack()

    async def export(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = ask_for_csv(services, asker(body, context), pressed(body))
        services.tasks.start("figure as CSV", privately(respond, work))
        await ack()

    async def because(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = ask_why(services, asker(body, context), pressed(body))
        services.tasks.start("why", privately(respond, work))
        await ack()

    app.action(re.compile(rf"{messages.SHOW}(:.*)?"))(show)
    app.action(messages.MORE)(more)
    app.action(messages.EXPORT)(export)
    app.action(messages.WHY)(because)


async def answered(services: Services, who: Asker, typed: str) -> Shown:
    """The answer to what was typed behind `/coffee`: a metric, `why` and a metric, `forecast`, or `metrics`."""
    first, _, rest = typed.partition(" ")
    match first.casefold():
        case "metrics":
            return await catalogue(services, who)
        case "forecast":
            return await ask_ahead(services, who)
        case "why":
            return await ask_why(services, who, rest.strip() or "mrr")
        case _:
            return await ask(services, who, typed)


async def ask(services: Services, who: Asker, text: str) -> Shown:
    """The answer at a glance, or what is wrong with the question."""
    found = await _asked(services, who, text, _answer(messages.FEW))
    return messages.glance(found) if isinstance(found, Answer) else found


async def ask_in_depth(services: Services, who: Asker, text: str) -> Shown:
    found = await _asked(services, who, text, _answer(messages.MANY))
    return messages.depth(found) if isinstance(found, Answer) else found


async def ask_for_csv(services: Services, who: Asker, text: str) -> Shown:
    found = await _asked(services, who, text, _answer(messages.ALL))
    return messages.export(found) if isinstance(found, Answer) else found


async def ask_why(services: Services, who: Asker, text: str) -> Shown:
    """Why a figure is what it is: what carries it, and which accounts."""
    found = await _asked(services, who, text, lambda session, question, grounds: why(session, question, grounds, FEW))
    return messages.because(found) if isinstance(found, Why) else found


async def ask_ahead(services: Services, who: Asker) -> Shown:
    """MRR of the next twelve months, and how far that can be trusted."""
    await allow(services, who, Action.LOOK_AT_FIGURES, "forecast", whole=True)
    if waiting := await not_ready(services):
        return said(waiting)
    today = services.today()
    found = await services.database.read(lambda session: ahead(session, _grounds(session, services), today))
    return messages.ahead(found, services.settings.currency)


async def catalogue(services: Services, who: Asker) -> Message:
    """The list of all metrics."""
    await allow(services, who, Action.ASK_FOR_HELP)
    return messages.catalogue()


async def understood(services: Services, text: str) -> Question | KahviError:
    """The question of a line, or why it is none; nothing that this tells may be shown before access is asked."""
    known = await services.database.read(names)
    try:
        return read(text, known, services.today())
    except KahviError as error:
        return error


def _grounds(session: Session, services: Services) -> Grounds:
    return Grounds.in_force(session, services.settings.currency, services.settings.timezone)


def _answer(most: int) -> Ask[Answer]:
    return lambda session, question, grounds: answer(session, question, grounds, most)


async def _asked(services: Services, who: Asker, text: str, ask_for: Ask[Found]) -> Found | Message:
    question = await understood(services, text)
    metric = question.metric if isinstance(question, Question) else ""
    granted = await allow(services, who, Action.LOOK_AT_FIGURES, metric)
    if waiting := await not_ready(services):
        return said(waiting)
    if isinstance(question, QuestionError):
        return messages.meant(str(question), question.hints)
    if not isinstance(question, Question):
        return messages.refused(str(question))
    within = replace(question, within=granted.within)
    try:
        return await services.database.read(lambda session: ask_for(session, within, _grounds(session, services)))
    except KahviError as error:
        return messages.refused(str(error))
