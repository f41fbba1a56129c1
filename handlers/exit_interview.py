"""`/exit-interview`: the form for what a leaving customer said.

A form is saved before Slack is answered: on any failure it stays open with all that was typed.
"""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.messages import account as account_messages
from bot.messages import exits as messages
from bot.messages.blocks import Block, Message
from bot.services import Services
from handlers.account import GONE
from handlers.answers import privately, said
from handlers.exit_report import ask as ask_for_report
from handlers.exit_report import is_report
from handlers.parsing import Body, answers, as_typed, asker, command_text, pressed
from handlers.readiness import not_ready
from handlers.resolving import resolve
from handlers.saving import saved_in_time
from handlers.windows import PATIENCE, press, show
from storage import exit_interviews
from storage.accounts.story import story
from storage.exit_interviews import Entry, Said

USAGE = (
    "Which account? Type `/exit-interview` and a name, a domain, an e-mail address, or an id or invoice number of the "
    "billing system, such as `/exit-interview acme`. `/exit-interview report 12m` tells who left, and why."
)
NOT_SAVED = "This could not be saved just now. Nothing you typed is lost: please press Save again."


def register(app: AsyncApp, services: Services, patience: float = PATIENCE) -> None:
    async def interview(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        text = command_text(body)
        if is_report(text):
            work = privately(respond, ask_for_report(services, asker(body, context), as_typed(text)))
        elif text and text.casefold() != "help":
            found = form_for_text(services, asker(body, context), text)
            work = show(services, press(body, respond, messages.TITLE, messages.again), found, patience)
        else:
            work = privately(respond, usage(services, asker(body, context)))
        services.tasks.start("exit interview", work)
        await ack()

    async def open_form(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        found = form_for(services, asker(body, context), pressed(body))
        work = show(services, press(body, respond, messages.TITLE, messages.again), found, patience)
        services.tasks.start("exit form", work)
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        filled = messages.submitted(view, answers(view))
        wrong = messages.problems(filled)
        if not wrong and (failed := await _saved(services, asker(body, context), str(view.get("id")), filled)):
            wrong = {messages.NOTE: failed}
        if wrong:
            await ack(response_action="errors", errors=wrong)
        else:
            await ack(response_action="update", view=messages.saved(filled))

    app.command("/exit-interview")(interview)
    app.action(account_messages.EXIT_NOTE)(open_form)
    app.view(messages.CALLBACK)(submit)


async def usage(services: Services, who: Asker) -> Message:
    await allow(services, who, Action.ASK_FOR_HELP)
    return said(USAGE)


async def form_for_text(services: Services, who: Asker, text: str) -> Block | Message:
    """The form for the account that is meant, or the accounts to choose from."""
    meant = await resolve(services, who, text, account_messages.EXIT_NOTE, "Choose")
    if isinstance(meant, Message):
        return meant
    match, _ = meant
    await allow(services, who, Action.LOG_EXIT, match.id)
    return await _form(services, match.id)


async def form_for(services: Services, who: Asker, account_id: str) -> Block | Message:
    await allow(services, who, Action.LOG_EXIT, account_id)
    if waiting := await not_ready(services):
        return said(waiting)
    return await _form(services, account_id)


async def _form(services: Services, account_id: str) -> Block | Message:
    now = services.clock()
    found = await services.database.read(story, account_id, now)
    if found is None:
        return said(GONE)
    return messages.form(found, account_messages.Setting(now, services.settings.timezone))


async def _saved(services: Services, who: Asker, form_id: str, filled: messages.Submitted) -> str | None:
    """Save the form; a sentence when that failed. The same form sent again replaces its own note."""
    said = Said(reason=filled.reason, bring_back=filled.bring_back)
    entry = Entry(form_id, filled.account_id, None, who.user, services.clock(), said, filled.note)
    return await saved_in_time(_keep(services, who, entry), NOT_SAVED)


async def _keep(services: Services, who: Asker, entry: Entry) -> None:
    await allow(services, who, Action.LOG_EXIT, entry.account_id)
    await services.database.write(exit_interviews.save, entry)
