"""`/coffee` and a metric: one figure over a period, divided and filtered; and the buttons of its answer."""

import re
from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.clock import local_day
from bot.errors import KahviError
from bot.figures import Grounds, segments
from bot.figures.answer import Answer, answer
from bot.messages import figures as messages
from bot.messages.blocks import Message
from bot.metrics.catalogue import METRICS
from bot.metrics.question import Names, Question, QuestionError, names_of, read
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, pressed
from handlers.readiness import not_ready

Shown = Message | Sequence[Message]


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

    app.action(re.compile(rf"{messages.SHOW}(:.*)?"))(show)
    app.action(messages.MORE)(more)
    app.action(messages.EXPORT)(export)


async def ask(services: Services, who: Asker, text: str) -> Shown:
    """The answer at a glance, or what is wrong with the question."""
    found = await _asked(services, who, text, messages.FEW)
    return messages.glance(found) if isinstance(found, Answer) else found


async def ask_in_depth(services: Services, who: Asker, text: str) -> Shown:
    found = await _asked(services, who, text, messages.MANY)
    return messages.depth(found) if isinstance(found, Answer) else found


async def ask_for_csv(services: Services, who: Asker, text: str) -> Shown:
    found = await _asked(services, who, text, messages.ALL)
    return messages.export(found) if isinstance(found, Answer) else found


async def catalogue(services: Services, who: Asker) -> Message:
    """The list of all metrics."""
    await allow(services, who, Action.ASK_FOR_HELP)
    return messages.catalogue()


async def understood(services: Services, text: str) -> Question | KahviError:
    """The question of a line, or why it is none; nothing that this tells may be shown before access is asked."""
    dimensions, tags = await services.database.read(segments.names)
    try:
        today = local_day(services.clock(), services.settings.timezone)
        return read(text, Names(names_of(METRICS.values()), dimensions, tags), today)
    except KahviError as error:
        return error


async def _asked(services: Services, who: Asker, text: str, most: int) -> Answer | Message:
    question = await understood(services, text)
    await allow(services, who, Action.LOOK_AT_FIGURES, question.metric if isinstance(question, Question) else "")
    if waiting := await not_ready(services):
        return said(waiting)
    if isinstance(question, QuestionError):
        return messages.meant(str(question), question.hints)
    if not isinstance(question, Question):
        return messages.refused(str(question))
    grounds = Grounds(services.settings.currency, services.settings.timezone)
    try:
        return await services.database.read(answer, question, grounds, most)
    except KahviError as error:
        return messages.refused(str(error))
