"""`/at-risk routing`: where cards of alerts go, rule by rule; with a name, where that account's would go."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.figures.segments import misnamed
from bot.messages import routing_form as messages
from bot.messages.blocks import Block, Message
from bot.risk import routing
from bot.risk.routing import MOST, NOBODY, OWNER, Route, Routing
from bot.services import Services
from handlers.answers import privately, said
from handlers.parsing import Body, answers, asker, chosen, pressed, view_id
from handlers.readiness import not_ready
from handlers.resolving import resolve
from handlers.saving import Saved, saved_or_told
from handlers.windows import PATIENCE, press, show, show_in
from storage import channels, locks, tunings
from storage.tunings import ROUTES

WORD = "routing"
NO_CHANNEL = "Choose the channel."
NOT_SET_UP = "Set me up there first: type /coffee here in it, and tick alerts or not."
NO_PLACE = "Say where they go."
FULL = f"There are {MOST} rules already; remove one first."


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form, at one of its fields."""

    field: str
    why: str


def register(app: AsyncApp, services: Services, patience: float = PATIENCE) -> None:
    async def open_form(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        found = form(services, asker(body, context))
        work = show(services, press(body, respond, messages.TITLE, messages.again), found, patience)
        services.tasks.start("routing", work)
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        work = save(services, asker(body, context), answers(view))
        saved: Saved[Block | Wrong] | None = await saved_or_told(ack, work, messages.WHERE)
        if saved is None:
            return
        shown = saved.value
        if isinstance(shown, Wrong):
            await ack(response_action="errors", errors={shown.field: shown.why})
        else:
            await ack(response_action="update", view=shown)

    async def change(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        what, _, route_id = chosen(body).partition(":")
        changing = _changed(services, asker(body, context), what, route_id)
        services.tasks.start("routing changed", show_in(services, view_id(body), messages.TITLE, changing))
        await ack()

    async def choose(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = where_would_go(services, asker(body, context), pressed(body))
        services.tasks.start("where it would go", privately(respond, work))
        await ack()

    app.action(messages.OPEN)(open_form)
    app.action(messages.WOULD_GO)(choose)
    app.action(re.compile(rf"{messages.CHANGE}:.*"))(change)
    app.view(messages.FORM)(submit)


async def form(services: Services, who: Asker) -> Block | Message:
    await allow(services, who, Action.ROUTE_ALERTS)
    if still := await not_ready(services):
        return said(still)
    return await services.database.read(_form)


async def where_would_go(services: Services, who: Asker, typed: str) -> Message:
    """Where the card of an account would go, or accounts to choose from."""
    found = await resolve(services, who, typed, messages.WOULD_GO, "Where would it go?")
    if isinstance(found, Message):
        return found
    match, _ = found
    return said(await services.database.read(_would_go, match.id, match.name, services))


async def save(services: Services, who: Asker, filled: Mapping[str, Any]) -> Block | Wrong:
    """Keep the rule and the lead; the form as it is then, or what is wrong."""
    await allow(services, who, Action.ROUTE_ALERTS)
    found = await services.database.read(_read, filled, services)
    if isinstance(found, Wrong):
        return found
    lead = filled.get(messages.LEAD)

    def changed(present: Routing) -> Routing:
        routes = tuple(one for one in present.routes if found is None or one.id != found.id)
        return Routing((*routes, found) if found else routes, lead if isinstance(lead, str) and lead else None)

    return await services.database.write(_store, changed, who.user, services)


async def _changed(services: Services, who: Asker, what: str, route_id: str) -> Block:
    await allow(services, who, Action.ROUTE_ALERTS)
    moves: Mapping[str, Callable[[Routing], Routing]] = {
        messages.UP: lambda present: present.with_earlier(route_id),
        messages.REMOVE: lambda present: present.without(route_id),
    }
    return await services.database.write(_store, moves.get(what, lambda present: present), who.user, services)


def _store(session: Session, change: Callable[[Routing], Routing], user: str, services: Services) -> Block:
    """Change what is in force now: two people may have the form open."""
    locks.alone(session, ROUTES)
    tunings.choose(session, change(routing.in_force(session)).plain(), user, services.clock(), ROUTES)
    return _form(session)


def _form(session: Session) -> Block:
    return messages.form(routing.in_force(session), _usual(session))


def _usual(session: Session) -> Sequence[str]:
    return [one.channel_id for one in channels.for_alerts(session)]


def _read(session: Session, filled: Mapping[str, Any], services: Services) -> Route | Wrong | None:
    """The rule that was filled in, None where none was."""
    where = str(filled.get(messages.WHERE) or "").strip()
    to, channel = filled.get(messages.TO), filled.get(messages.CHANNEL)
    if not to:
        return Wrong(messages.TO, NO_PLACE) if where or channel else None
    if len(routing.in_force(session).routes) >= MOST:
        return Wrong(messages.WHERE, FULL)
    if wrong := misnamed(session, where, services.settings.currency, services.today()):
        return Wrong(messages.WHERE, wrong)
    if to in (OWNER, NOBODY):
        return Route(where, str(to))
    if not isinstance(channel, str):
        return Wrong(messages.CHANNEL, NO_CHANNEL)
    return Route(where, channel) if channels.find(session, channel) else Wrong(messages.CHANNEL, NOT_SET_UP)


def _would_go(session: Session, account_id: str, name: str, services: Services) -> str:
    present = routing.in_force(session)
    base, today = services.settings.currency, services.today()
    route = routing.destinations(session, [account_id], present, base, today).get(account_id)
    place = (list(present.routes).index(route) + 1, route) if route else None
    return messages.would_go(name, place, _usual(session))
