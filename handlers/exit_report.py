"""`/exit-interview report`: who left and why, of a period; and the buttons of its answer."""

import re
from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.clock import local_day
from bot.errors import KahviError
from bot.figures import Grounds
from bot.figures.exits import Exits, exits
from bot.messages import exit_report as messages
from bot.messages.blocks import Message
from bot.messages.figures import refused
from bot.metrics.periods import EXAMPLES, Span, span
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, asker, pressed
from handlers.readiness import not_ready

WORD = "report"
USUAL = "90d"


def register(app: AsyncApp, services: Services) -> None:
    async def show(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        period, _, where = pressed(body).partition("|")
        work = report(services, asker(body, context), period, where)
        services.tasks.start("exit report", privately(respond, work))
        await ack()

    async def export(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        period, _, where = pressed(body).partition("|")
        work = ask_for_csv(services, asker(body, context), period, where)
        services.tasks.start("exit report as CSV", privately(respond, work))
        await ack()

    app.action(re.compile(rf"{messages.SHOW}(:.*)?"))(show)
    app.action(messages.EXPORT)(export)


def is_report(text: str) -> bool:
    """Whether what was typed behind the command asks for the report."""
    return text.split(" ", 1)[0].casefold() == WORD


async def ask(services: Services, who: Asker, text: str) -> Message | Sequence[Message]:
    """The report of what was typed: `report`, a period, and `where` with a filter."""
    rest = text.partition(" ")[2].strip()
    found = re.fullmatch(r"(.*?)(?:\bwhere\s+(.*))?", rest, re.IGNORECASE | re.DOTALL)
    period, where = found.groups(default="") if found else (rest, "")
    return await report(services, who, period.strip(), where)


async def report(services: Services, who: Asker, period: str, where: str) -> Message | Sequence[Message]:
    found = await _exits(services, who, period, where)
    return messages.report(found, where) if isinstance(found, Exits) else found


async def ask_for_csv(services: Services, who: Asker, period: str, where: str) -> Message | Sequence[Message]:
    found = await _exits(services, who, period, where)
    return messages.export(found) if isinstance(found, Exits) else found


async def _exits(services: Services, who: Asker, period: str, where: str) -> Exits | Message:
    granted = await allow(services, who, Action.LOOK_AT_EXITS, period)
    if waiting := await not_ready(services):
        return said(waiting)
    settings = services.settings
    try:
        asked = span(period or USUAL, local_day(services.clock(), settings.timezone))
        if asked is None:
            return refused(f"I do not know the period “{period}”; try one such as {EXAMPLES}.")
        return await services.database.read(_found, asked, granted.narrowed(where), services)
    except KahviError as error:
        return refused(str(error))


def _found(session: Session, asked: Span, where: str, services: Services) -> Exits:
    settings = services.settings
    return exits(session, asked, where, Grounds.in_force(session, settings.currency, settings.timezone))
