"""`/exit-interview`: the form for what a leaving customer said.

A form is saved before Slack is answered: on any failure it stays open with all that was typed.
"""

import asyncio

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.accounts.search import find
from bot.errors import Denied
from bot.exits import notes
from bot.messages import account as account_messages
from bot.messages import exits as messages
from bot.messages.blocks import Block, Message
from bot.readiness import not_ready
from bot.services import Services
from handlers.account import GONE
from handlers.answers import said, send
from handlers.parsing import Body, answers, asker, pressed, typed, view_id
from handlers.windows import PATIENCE, Press, show
from storage.account_story import story
from storage.exit_notes import ExitNote

log = structlog.get_logger()
USAGE = "Whose exit? Type `/exit-interview` and a name, a domain, an e-mail address or a billing id."
NOT_SAVED = "This could not be saved just now. Nothing you typed is lost: please press Save again."
SAVING = 2.2  # Slack shows its own error after three


def register(app: AsyncApp, services: Services, patience: float = PATIENCE) -> None:
    async def interview(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        text = typed(body)
        if text and text.casefold() != "help":
            found = form_for_text(services, asker(body, context), text)
            work = show(services, _press(body, respond), found, patience)
        else:
            work = send(respond, said(USAGE))
        services.tasks.start("exit interview", work)
        await ack()

    async def open_form(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        found = form_for(services, asker(body, context), pressed(body))
        services.tasks.start("exit form", show(services, _press(body, respond), found, patience))
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        filled = messages.typed(view, answers(view))
        wrong = messages.problems(filled) or await _saved(services, asker(body, context), view, filled)
        if wrong:
            await ack(response_action="errors", errors=wrong)
        else:
            await ack(response_action="update", view=messages.saved(filled))

    app.command("/exit-interview")(interview)
    app.action(account_messages.EXIT_NOTE)(open_form)
    app.view(messages.CALLBACK)(submit)


def _press(body: Body, respond: AsyncRespond) -> Press:
    return Press(messages.TITLE, str(body.get("trigger_id", "")), respond, messages.again, view_id(body))


async def form_for_text(services: Services, who: Asker, text: str) -> Block | Message:
    """The form for the account that is meant, or the accounts to choose from."""
    if waiting := await not_ready(services):  # and no search: the names change with every page that is read
        await allow(services, who, Action.SEARCH_ACCOUNTS)
        return said(waiting)
    found = await find(services.database, services.names, text)
    if found.one:
        return await form_for(services, who, found.one.id)
    await allow(services, who, Action.SEARCH_ACCOUNTS)
    if not found.matches:
        return account_messages.nothing(found)
    return account_messages.choice(found, account_messages.EXIT_NOTE, "Choose")


async def form_for(services: Services, who: Asker, account_id: str) -> Block | Message:
    await allow(services, who, Action.LOG_EXIT, account_id)
    if waiting := await not_ready(services):
        return said(waiting)
    now = services.clock()
    found = await services.database.read(story, account_id, now)
    if found is None:
        return said(GONE)
    return messages.form(found, account_messages.Setting(now, services.settings.timezone))


async def _saved(services: Services, who: Asker, view: Body, filled: messages.Typed) -> dict[str, str]:
    """Save the form; what to show under its inputs when that failed."""
    try:
        async with asyncio.timeout(SAVING):
            await notes.keep(services, who, _note(services, who, str(view.get("id")), filled))
    except Denied as refusal:
        return {messages.NOTE: str(refusal)}
    except Exception:
        log.exception("an exit note was not saved")
        return {messages.NOTE: NOT_SAVED}
    return {}


def _note(services: Services, who: Asker, form_id: str, filled: messages.Typed) -> ExitNote:
    return ExitNote(
        form_id, filled.account_id, filled.reason, filled.bring_back, filled.note, who.user, services.clock()
    )
