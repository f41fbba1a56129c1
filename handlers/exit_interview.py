"""`/exit-interview`: the form for what a leaving customer said.

A form is saved before Slack is answered: on any failure it stays open with all that was typed.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import uuid4

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.exits import saving
from bot.exits.opening import Asked, opened
from bot.exits.saving import Kept
from bot.messages import account as account_messages
from bot.messages import exit_form as messages
from bot.messages import exit_history as history
from bot.messages.account import GONE, Setting
from bot.messages.blocks import Block, Message, said
from bot.messages.exits import OPEN_OF, departure_of
from bot.messages.words import quoted
from bot.services import Services
from bot.spelling import SURE, nearest
from handlers import exit_history, exit_reasons, icp, win_back
from handlers.answers import privately
from handlers.exit_report import ask as ask_for_report
from handlers.exit_report import is_report
from handlers.listening import FormOf, Listener, opening_of
from handlers.parsing import Body, answers, as_typed, asker, command_text
from handlers.readiness import not_ready
from handlers.resolving import looked_up, offered
from handlers.saving import not_saved, saved_in_time
from handlers.windows import press, show
from storage import exit_forms
from storage.exit_forms import Form
from storage.exit_interviews import NOTE

USAGE = (
    "Which account? Type `/exit-interview` and a name, such as `/exit-interview acme`. A domain, an e-mail address, or "
    "an id or invoice number of the billing system do as well.\n"
    "• `/exit-interview acme history` shows all that was written before\n"
    "• `/exit-interview report 12m` tells who left, and why\n"
    "• `/exit-interview winback` lists whom to ask again\n"
    "• `/exit-interview reasons` has the reasons to choose from\n"
    "• `/exit-interview icp` says what a good customer looks like"
)
MEANT = {  # what people type, and what it goes by
    **dict.fromkeys(("report", "exits", "list"), "report 12m"),
    **dict.fromkeys(("features", "tags"), "report 12m features"),
    **dict.fromkeys(("winback", "win", "fixed", "fix"), "winback"),
    **dict.fromkeys(("icp", "ideal"), "icp"),
    **dict.fromkeys(("reasons", "reason"), "reasons"),
}
WINDOWS = {exit_reasons.WORD: exit_reasons.open_list, icp.WORD: icp.open_form}


def register(app: AsyncApp, services: Services) -> None:
    async def interview(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        services.tasks.start("exit interview", typed(services, asker(body, context), body, respond))
        await ack()

    def opens(make: Callable[[Services, Asker, str], Awaitable[Block | Message]]) -> Listener:
        return opening_of(services, "exit form", FormOf(messages.TITLE, messages.again, make))

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        await ack(**await submitted(services, asker(body, context), view))

    app.command("/exit-interview")(interview)
    app.action(account_messages.EXIT_NOTE)(opens(form_for))
    app.action(OPEN_OF)(opens(form_of))
    app.action(messages.START_OVER)(opens(form_without_draft))
    app.view(messages.CALLBACK)(submit)


async def typed(services: Services, who: Asker, body: Body, respond: AsyncRespond) -> None:
    """Do what was asked for by what was typed behind the command."""
    text = command_text(body)
    if is_report(text):
        await privately(respond, ask_for_report(services, who, as_typed(text)))
    elif win_back.is_asked(text):
        await privately(respond, win_back.listing(services, who))
    elif opens_window := WINDOWS.get(text.casefold()):
        await opens_window(services, who, body, respond)
    elif account := exit_history.is_asked(text):
        found = exit_history.history_for_text(services, who, account)
        await show(services, press(body, respond, history.TITLE, history.again), found)
    elif text and text.casefold() != "help":
        found = form_for_text(services, who, text)
        await show(services, press(body, respond, messages.TITLE, messages.again), found)
    else:
        await privately(respond, usage(services, who))


async def usage(services: Services, who: Asker) -> Message:
    await allow(services, who, Action.ASK_FOR_HELP)
    return said(USAGE)


async def form_for_text(services: Services, who: Asker, text: str) -> Block | Message:
    """The form for the account that is meant, or the accounts to choose from."""
    found = await looked_up(services, who, text)
    if isinstance(found, Message):
        return found
    if found.one:
        return await form_for(services, who, found.one.id)
    word = text.split(" ", 1)[0].casefold()
    known = word if found.matches else nearest(word, MEANT, SURE)
    if (found.near or not found.matches) and (meant := MEANT.get(known or "")):
        return said(f"I know no account like {quoted(text)}. Did you mean `/exit-interview {meant}`?")
    return offered(found, account_messages.EXIT_NOTE, "Choose")


async def form_for(services: Services, who: Asker, account_id: str, came: date | None = None) -> Block | Message:
    """The form for a departure of an account by the first day of its stay, else for the one at hand."""
    await allow(services, who, Action.LOG_EXIT, account_id)
    if waiting := await not_ready(services):
        return said(waiting)
    asked = Asked(uuid4().hex, account_id, who.user, came)
    found = await services.database.read(opened, asked, _setting(services))
    if found is None:
        return said(GONE)
    view, form = found
    return view if await services.database.write(saving.opened, form) else said(GONE)


async def form_of(services: Services, who: Asker, value: str) -> Block | Message:
    """The form for the departure that a button names."""
    return await form_for(services, who, *departure_of(value))


async def form_without_draft(services: Services, who: Asker, value: str) -> Block | Message:
    account_id, came = departure_of(value)
    await allow(services, who, Action.LOG_EXIT, account_id)
    await services.database.write(exit_forms.discard, account_id, came, who.user)
    return await form_for(services, who, account_id, came)


async def submitted(services: Services, who: Asker, view: Body) -> dict[str, Any]:
    """What Slack is answered to a form that was sent: what is wrong with it, or that it is saved."""
    subject = messages.subject_of(view)
    kept = await saved_in_time(save(services, who, view), not_saved())
    if isinstance(kept, str):
        kept = Kept({NOTE: kept})
    if kept.wrong:
        return {"response_action": "errors", "errors": messages.errors(view, kept.wrong)}
    done = messages.saved(subject, kept.meanwhile or {}) if kept.changed else messages.unchanged(subject)
    return {"response_action": "update", "view": done}


async def save(services: Services, who: Asker, view: Body) -> Kept:
    """Keep what stands in an open form; a form that nobody noted as opened counts whole."""
    subject = messages.subject_of(view)
    await allow(services, who, Action.LOG_EXIT, subject.account_id)
    form = Form(subject.form, subject.account_id, subject.came, who.user, services.clock(), {})
    typed = messages.typed(answers(view))
    return await services.database.write(saving.keep, form, typed, _setting(services))


def _setting(services: Services) -> Setting:
    return Setting(services.clock(), services.settings.timezone)
