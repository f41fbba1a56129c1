"""`/at-risk routing`: where cards of alerts go, rule by rule; with a name, where that account's would go."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.figures.segments import misnamed
from bot.messages import routing_form as messages
from bot.messages.blocks import Block, Message, escape, said
from bot.messages.words import person
from bot.people import look_up
from bot.risk import routing
from bot.risk.places import places_of, situation_of
from bot.risk.routing import MOST, NOBODY, OWNER, Route, Routing
from bot.services import Services
from handlers.listening import Form, answering, opening
from handlers.parsing import Body, answers, asker, chosen, view_id
from handlers.readiness import not_ready
from handlers.resolving import resolve
from handlers.saving import Saved, saved_or_told
from handlers.windows import show_in
from storage import channels, locks, owners, tunings
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


def register(app: AsyncApp, services: Services) -> None:
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

    app.action(messages.OPEN)(opening(services, "routing", FORM))
    app.action(messages.WOULD_GO)(answering(services, "where it would go", where_would_go))
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
    emails = await services.database.read(owners.emails, [match.id])
    await look_up(services.database, services.client, services.clock, list(emails.values()))
    goes = await services.database.read(_would_go, match.id, emails.get(match.id, ""), services)
    return said(messages.would_go(match.name, goes))


async def save(services: Services, who: Asker, filled: Mapping[str, Any]) -> Block | Wrong:
    """Keep the rule and the lead; the form as it is then, or what is wrong."""
    await allow(services, who, Action.ROUTE_ALERTS)
    return await services.database.write(_save, filled, who.user, services)


async def _changed(services: Services, who: Asker, what: str, route_id: str) -> Block:
    await allow(services, who, Action.ROUTE_ALERTS)
    moves: Mapping[str, Callable[[Routing], Routing]] = {
        messages.UP: lambda present: present.with_earlier(route_id),
        messages.REMOVE: lambda present: present.without(route_id),
    }
    return await services.database.write(_store, moves.get(what, lambda present: present), who.user, services)


def _save(session: Session, filled: Mapping[str, Any], user: str, services: Services) -> Block | Wrong:
    locks.alone(session, ROUTES)  # two who add a rule at once could pass the most
    found, lead = _read(session, filled, services), filled.get(messages.LEAD)
    if isinstance(found, Wrong):
        return found

    def changed(present: Routing) -> Routing:
        routes = tuple(one for one in present.routes if found is None or one.id != found.id)
        return Routing((*routes, found) if found else routes, lead if isinstance(lead, str) and lead else None)

    return _store(session, changed, user, services)


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


def _would_go(session: Session, account_id: str, email: str, services: Services) -> messages.Goes:
    situation = situation_of(session, [account_id], services.risk_settings(), services.clock())
    goes = [place.channel_id for place in places_of(account_id, situation)]
    usual = [place.channel_id for place in situation.usual]
    route, known = situation.routes.get(account_id), situation.owners.get(account_id)
    if route is None:
        return messages.Goes(None, usual)
    wanted = known.direct if known and route.to == OWNER else route.to
    owner = person(known.user) if known and known.user else escape(email)
    rule = list(routing.in_force(session).routes).index(route) + 1, route
    return messages.Goes(rule, usual, owner, reached=goes[:1] == [wanted])


FORM = Form(messages.TITLE, messages.again, form)
