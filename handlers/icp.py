"""`/exit-interview icp`: what a good customer looks like, as the team says it."""

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot import icp, parts
from bot.access import Action, Asker, allow
from bot.figures.segments import misnamed
from bot.icp import WORDS, Profile
from bot.messages import icp_form as messages
from bot.messages.blocks import Block, Message, said
from bot.messages.windows import CHANGED
from bot.services import Services
from handlers.parsing import Body, answers, asker
from handlers.readiness import not_ready
from handlers.saving import answer_form
from handlers.windows import press, show
from storage import locks
from storage.tunings import ICP

WORD = "icp"
log = structlog.get_logger()


def register(app: AsyncApp, services: Services) -> None:
    async def open_again(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        services.tasks.start("icp", open_form(services, asker(body, context), body, respond))
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = icp.parse(answers(view))
        if isinstance(wish, Profile):
            work = save(services, asker(body, context), wish, messages.since_of(view))
            await answer_form(services, ack, view, work, WORDS)
        else:
            await ack(response_action="errors", errors=wish)

    app.action(messages.OPEN)(open_again)
    app.view(messages.FORM)(submit)


async def open_form(services: Services, who: Asker, body: Body, respond: AsyncRespond) -> None:
    await show(services, press(body, respond, messages.TITLE, messages.again), form(services, who))


async def form(services: Services, who: Asker) -> Block | Message:
    await allow(services, who, Action.SET_ICP)
    if waiting := await not_ready(services):
        return said(waiting)
    return await services.database.read(_form, services.settings.currency)


async def save(services: Services, who: Asker, wish: Profile, since: str | None) -> Block | str:
    """Put a profile in force: what it makes of all accounts, or why not: its filter, or another profile `since`."""
    await allow(services, who, Action.SET_ICP)
    if wrong := await services.database.write(_save, wish, since, who.user, services):
        return wrong
    try:
        counts = await icp.judge(services.database, parts.ledger_rules(services.settings), services.clock())
    except Exception:
        log.exception("accounts were not judged by the ideal customer profile")
        return messages.not_judged()
    return messages.saved(wish, counts)


def _form(session: Session, base: str) -> Block:
    return messages.form(icp.in_force(session), base, icp.since(session))


def _save(session: Session, wish: Profile, since: str | None, by: str, services: Services) -> str:
    locks.alone(session, ICP)
    if since not in (None, icp.since(session)) and wish != icp.in_force(session):
        return CHANGED
    wrong = misnamed(session, wish.words, services.settings.currency, services.today())
    if not wrong:
        icp.choose(session, wish, by, services.clock())
    return wrong
