"""`/at-risk`: who is near to leaving, with most at stake first; and the buttons of its answer."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.errors import KahviError
from bot.messages import at_risk as messages
from bot.messages.blocks import Message, said
from bot.messages.figures import refused
from bot.risk.listing import PAGE, ROWS, Listing, listed
from bot.risk.whose import ALL, ME
from bot.services import Services
from bot.spelling import SURE, nearest
from handlers import dunning, onboarding, quiet_times, risk_tuning, routing, saves, sharing_out
from handlers.answers import privately
from handlers.listening import Form, answering
from handlers.parsing import Body, as_typed, asker, command_text, place_of, pressed
from handlers.readiness import not_ready
from handlers.whose import whose
from handlers.windows import press
from handlers.windows import show as show_window

WHERE = re.compile(r"^where\s+", re.IGNORECASE)

# The form that a word behind the command opens.
FORMS: Mapping[str, Form] = {
    risk_tuning.WORD: risk_tuning.FORM,
    routing.WORD: routing.FORM,
    sharing_out.WORD: sharing_out.FORM,
    quiet_times.WORD: quiet_times.FORM,
    quiet_times.HERE: quiet_times.FORM_HERE,
}
# What a word behind the command asks for, with what stands behind the word.
WORDS: Mapping[str, Callable[[Services, Asker, str], Awaitable[Message]]] = {
    routing.WORD: routing.where_would_go,
    dunning.WORD: dunning.ask,
    onboarding.WORD: onboarding.ask,
    saves.WORD: saves.ask,
}

KNOWN = (ME, ALL, "help", *FORMS, *WORDS)
CONDITION = re.compile("[:<>=]")  # without one of these nothing is a filter


def register(app: AsyncApp, services: Services) -> None:
    async def at_risk(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        text, who = as_typed(command_text(body)), asker(body, context)
        form = FORMS.get(text.casefold())
        if form:
            work = show_window(services, press(body, respond, form.title, form.again), form.make(services, who))
        else:
            work = privately(respond, ask(services, who, text))
        services.tasks.start("at risk", work)
        await ack()

    async def page(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        start, asked = place_of(pressed(body))
        work = show(services, asker(body, context), asked or ALL, start)
        services.tasks.start("at risk page", privately(respond, work))
        await ack()

    app.command("/at-risk")(at_risk)
    app.action(re.compile(rf"{messages.PAGE}(:.*)?"))(page)
    app.action(messages.EXPORT)(answering(services, "at risk as CSV", ask_for_csv))


async def ask(services: Services, who: Asker, text: str) -> Message:
    """The first page of what was typed: nothing or "all", "me", or a filter."""
    if text.casefold() == "help":
        await allow(services, who, Action.ASK_FOR_HELP)
        return said(messages.USAGE)
    word, _, rest = text.partition(" ")
    if answer := WORDS.get(word.casefold()):
        return await answer(services, who, WHERE.sub("", rest.strip()))
    asked = WHERE.sub("", text)
    meant = nearest(text, KNOWN, SURE) or nearest(word, KNOWN, SURE)
    if meant and asked.casefold() not in KNOWN and not CONDITION.search(word):
        await allow(services, who, Action.ASK_FOR_HELP)
        return said(messages.usage(text, meant))
    return await show(services, who, asked.casefold() if asked.casefold() in (ME, ALL) else asked or ALL, 0)


async def show(services: Services, who: Asker, asked: str, start: int) -> Message:
    found = await _listed(services, who, asked, start, PAGE)
    return messages.listed(found, services.settings.timezone) if isinstance(found, Listing) else found


async def ask_for_csv(services: Services, who: Asker, asked: str) -> Message | Sequence[Message]:
    found = await _listed(services, who, asked or ALL, 0, ROWS)
    if not isinstance(found, Listing):
        return found
    return messages.export(found, services.settings.timezone)


async def _listed(services: Services, who: Asker, asked: str, start: int, count: int) -> Listing | Message:
    granted = await allow(services, who, Action.LOOK_AT_RISK, asked if asked in (ME, ALL) else "filter")
    if waiting := await not_ready(services):
        return said(waiting)
    meant = await whose(services, who, granted, asked, "/at-risk")
    if isinstance(meant, Message):
        return meant
    base, today = services.settings.currency, services.today()
    try:
        return await services.database.read(listed, meant, base, today, start=start, count=count)
    except KahviError as error:
        return refused(str(error))
