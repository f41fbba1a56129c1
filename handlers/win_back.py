"""`/exit-interview winback`: whom to ask again; and that a feature which customers missed is fixed."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.exits import fixed as fixing
from bot.exits.fixed import Announced
from bot.figures.exits import Exits
from bot.figures.win_back import Candidate, candidates
from bot.messages import win_back as messages
from bot.messages.blocks import Block, Message
from bot.messages.exit_report import USUAL_VIEW, Look
from bot.services import Services
from handlers.exit_report import Shown, exits_of
from handlers.listening import Form, answering, opening
from handlers.parsing import Body, answers, asker
from handlers.saving import answer_form
from storage import fixes

WORDS = ("winback", "win-back", "win back")
EVER = Look(USUAL_VIEW, "60m", "")  # whoever left before that is asked by nobody any more
GONE = "Interviews no longer name this feature, or it is fixed already. Close this, and open it again for the others."


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        tag = str(answers(view).get(messages.FEATURE) or "")
        work = announce(services, asker(body, context), tag)
        await answer_form(services, ack, view, work, messages.FEATURE)

    app.action(messages.EXPORT)(answering(services, "win-back as CSV", ask_for_csv))
    app.action(messages.OPEN_FIXED)(opening(services, "fixed", FORM))
    app.view(messages.FIXED)(submit)


def is_asked(text: str) -> bool:
    """Whether what was typed behind the command asks whom to win back."""
    return text.casefold() in WORDS


async def listing(services: Services, who: Asker) -> Shown:
    found = await exits_of(services, who, EVER)
    if isinstance(found, Message):
        return found
    return messages.listing(await _candidates(services, found), found)


async def ask_for_csv(services: Services, who: Asker, _: str) -> Shown:
    found = await exits_of(services, who, EVER)
    if isinstance(found, Message):
        return found
    return messages.export(await _candidates(services, found), found)


async def form(services: Services, who: Asker) -> Block | Message:
    await allow(services, who, Action.MARK_FIXED)
    found = await exits_of(services, who, EVER)
    if isinstance(found, Message):
        return found
    known = await services.database.read(fixes.every)
    return messages.form([(tag, found.name_of(tag)) for tag, _ in found.features if tag not in known])


FORM = Form(messages.TITLE, messages.again, form)


async def announce(services: Services, who: Asker, tag: str) -> Block | str:
    """Note that a feature is fixed and tell the owners: who was told, or what is wrong."""
    await allow(services, who, Action.MARK_FIXED)
    found = await exits_of(services, who, EVER)
    if isinstance(found, Message):
        return found.text
    told = await services.database.write(_announce, found, tag, who.user, services)
    if told is None:
        return GONE
    services.nudge()
    return messages.announced(found.name_of(tag), told.owners, told.customers, told.nobodys)


async def _candidates(services: Services, found: Exits) -> list[Candidate]:
    zone, now = services.settings.timezone, services.clock()
    return await services.database.read(candidates, found, zone, now)


def _announce(session: Session, found: Exits, tag: str, by: str, services: Services) -> Announced | None:
    if tag in fixes.every(session) or tag not in dict(found.features):
        return None
    return fixing.announce(session, found, tag, by, services.clock())
