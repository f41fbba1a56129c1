"""`/exit-interview reasons`: the reasons for leaving, reworded, retired and added by the team."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.exits.reasons import MOST, Avoidable, Nature, Reasons, as_set, new_id, wrong_with
from bot.messages import exit_reasons as messages
from bot.messages.blocks import Block, Message, said
from bot.messages.windows import CHANGED
from bot.services import Services
from handlers.listening import FormOf, opening_of
from handlers.parsing import Body, answers, asker
from handlers.saving import saved_or_told
from handlers.windows import press, show
from storage import exit_reasons, locks
from storage.exit_reasons import Set

WORD = "reasons"
LOCK = "exit_reasons"
GONE = "I no longer know this reason, and nothing was changed. `/exit-interview reasons` lists those there are."
SAID = ("label", "avoidable", "retired", "nature")
TOO_MANY = f"{MOST} reasons are the most that a menu holds. Retire one that nobody needs."


def register(app: AsyncApp, services: Services) -> None:
    async def open_again(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = open_list(services, asker(body, context), body, respond)
        services.tasks.start("exit reasons", work)
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        if saved := await saved_or_told(ack, save(services, asker(body, context), view), messages.LABEL):
            await ack(response_action="update", view=saved.value)

    app.action(messages.OPEN)(open_again)
    app.action(messages.CHANGE)(opening_of(services, "exit reason", FormOf(messages.TITLE, messages.again, form)))
    app.action(messages.ADD)(opening_of(services, "exit reason", FormOf(messages.TITLE, messages.again, form)))
    app.view(messages.FORM)(submit)


async def open_list(services: Services, who: Asker, body: Body, respond: AsyncRespond) -> None:
    await show(services, press(body, respond, messages.TITLE, messages.again), _listed(services, who))


async def form(services: Services, who: Asker, reason_id: str) -> Block | Message:
    """The form of a reason, or of a new one where no id is given."""
    await allow(services, who, Action.SET_EXIT_REASONS, reason_id)
    reasons = await services.database.read(_in_force)
    if reason_id and reason_id not in reasons:
        return said(GONE)
    return messages.form(reasons.get(reason_id))


async def save(services: Services, who: Asker, view: Body) -> Block | str:
    """Keep what stands in an open form: the list as it is then, or what is wrong with its label."""
    filled, reason_id = answers(view), messages.reason_of(view)
    await allow(services, who, Action.SET_EXIT_REASONS, reason_id)
    label = " ".join(str(filled.get(messages.LABEL) or "").split())
    avoidable = str(filled.get(messages.COULD_KEEP) or Avoidable.UNSET)
    retired = messages.YES in (filled.get(messages.RETIRED) or ())
    wish = Set(reason_id, label, avoidable, retired, str(filled.get(messages.NATURE) or Nature.NONE))
    return await services.database.write(_save, wish, messages.shown_in(view), who.user, services.clock())


async def _listed(services: Services, who: Asker) -> Block:
    await allow(services, who, Action.SET_EXIT_REASONS)
    return messages.listed(await services.database.read(_in_force))


def _save(session: Session, wish: Set, shown: Mapping[str, Any] | None, by: str, at: datetime) -> Block | str:
    locks.alone(session, LOCK)  # two who add the same reason at once would make two of it
    reasons = _in_force(session)
    if wrong := _wrong(wish, reasons) or _meanwhile(wish, shown, reasons):
        return wrong
    chosen = replace(wish, id=wish.id or new_id(wish.label, reasons))
    exit_reasons.choose(session, chosen, by, at)
    return messages.listed(_in_force(session), messages.kept(chosen.label))


def _wrong(wish: Set, reasons: Reasons) -> str:
    if wish.id and wish.id not in reasons:
        return GONE
    others = [one for one in reasons.values() if not one.retired and one.id != wish.id]
    if not wish.retired and len(others) >= MOST:
        return TOO_MANY
    return wrong_with(wish.label, reasons, wish.id)


def _meanwhile(wish: Set, shown: Mapping[str, Any] | None, reasons: Reasons) -> str:
    """That somebody else changed a reason since a form was opened that has `shown` it, unless both say the same."""
    present = reasons.get(wish.id)
    if present is None or shown is None:
        return ""
    changed = any(shown.get(name) != getattr(present, name) for name in SAID)
    return CHANGED if changed and any(getattr(wish, name) != getattr(present, name) for name in SAID) else ""


def _in_force(session: Session) -> Reasons:
    return as_set(exit_reasons.in_force(session))
