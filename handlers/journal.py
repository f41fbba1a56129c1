"""The journal of an account: notes by a form or in one line, corrections, and looking them up.

A form is saved before Slack is answered: on any failure it stays open with all that was typed.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.inputs.rules import spent
from bot.messages import account as account_messages
from bot.messages import journal as messages
from bot.messages.account import GONE
from bot.messages.blocks import Block, Message, said
from bot.risk import cards
from bot.services import Services
from handlers.answers import outcome
from handlers.listening import FormOf, answering, opening_of
from handlers.parsing import Body, answers, as_typed, asker
from handlers.readiness import not_ready
from handlers.resolving import looked_up, resolve
from handlers.saving import not_saved, saved_in_time
from storage import alerts, journal, locks
from storage.accounts import called
from storage.journal import Entry
from storage.states import NoteKind

NOTE = re.compile(r"(?P<account>\S.*?)\s+(?P<word>notes?)(?:\s+(?P<rest>.*))?", re.IGNORECASE | re.DOTALL)
EMPTY = "Write what others should know."
KEPT = "Noted that it is kept."
NO_DAY = "A day belongs to a promise: choose Promise above, or leave it empty."
NO_ENTRY = "I no longer know this note; `/account`, the name and `notes` list those there are."


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wrong = await _submitted(services, asker(body, context), view)
        if wrong:
            await ack(response_action="errors", errors=wrong)
        else:
            await ack(response_action="update", view=messages.saved())

    empty, filled = (FormOf(messages.TITLE, messages.again, make) for make in (form, correction))
    app.action(account_messages.LOG_NOTE)(opening_of(services, "note", empty))
    app.action(account_messages.NOTES)(answering(services, "notes", notes_of))
    app.action(messages.TYPED)(answering(services, "typed note", note_typed))
    app.action(messages.CORRECT)(opening_of(services, "correction", filled))
    app.action(messages.KEPT)(answering(services, "promise kept", kept))
    app.view(messages.FORM)(submit)


async def typed(services: Services, who: Asker, note: re.Match[str], delivery: str) -> Message:
    """`/account acme note they call back on Monday`, or `/account acme notes monday`.

    `delivery` names what Slack delivered: work that is done twice is one entry.
    """
    account, word, rest = note["account"], note["word"].casefold(), as_typed(note["rest"] or "").strip()
    if word == "notes" or not rest:
        meant = await resolve(services, who, account, account_messages.NOTES, "Notes")
        return meant if isinstance(meant, Message) else await notes_of(services, who, meant[0].id, rest)
    found = await outcome(_noted(services, who, account, rest, delivery or uuid4().hex))
    return messages.not_noted(found, rest) if isinstance(found, Message) else said(messages.noted_of(found))


async def _noted(services: Services, who: Asker, account: str, text: str, delivery: str) -> str | Message:
    """The name of the account of which a text was noted, or why not: of none that is only alike. Raises Denied."""
    found = await looked_up(services, who, account)
    if isinstance(found, Message):
        return found
    if found.sure is None:
        return messages.to_choose(found, text, delivery)
    return said(failed) if (failed := await _note(services, who, found.sure.id, text, delivery)) else found.sure.name


async def note_typed(services: Services, who: Asker, value: str) -> Message:
    """Note what was typed of the account that was chosen then; the button carries both."""
    account_id, text, delivery = messages.typed_of(value)
    if failed := await _note(services, who, account_id, text, delivery):
        return said(failed)
    names = await services.database.read(called.names, [account_id])
    return said(messages.noted_of(names[account_id].name))


async def _note(services: Services, who: Asker, account_id: str, text: str, delivery: str) -> str:
    """Keep what was typed in one line, once for each delivery; why not, empty when it is kept."""
    return await keep(services, who, Entry(delivery, account_id, NoteKind.OTHER, text, who.user, services.clock()))


async def notes_of(services: Services, who: Asker, account_id: str, words: str = "") -> Message:
    await allow(services, who, Action.LOOK_AT_NOTES, account_id)
    if still := await not_ready(services):
        return said(still)
    return await services.database.read(_notes, account_id, words, services)


async def form(services: Services, who: Asker, account_id: str) -> Block | Message:
    await allow(services, who, Action.LOG_NOTE, account_id)
    names = await services.database.read(called.names, [account_id])
    if account_id not in names:
        return said(f"Nothing was noted. {GONE}")
    return messages.form(account_id, names[account_id].name, services.settings.currency)


async def correction(services: Services, who: Asker, entry_id: str) -> Block | Message:
    entry = await services.database.read(journal.with_id, entry_id)
    await allow(services, who, Action.LOG_NOTE, entry.account_id if entry else "")
    if entry is None:
        return said(NO_ENTRY)
    names = await services.database.read(called.names, [entry.account_id])
    name = names[entry.account_id].name
    return messages.form(entry.account_id, name, services.settings.currency, entry)


async def kept(services: Services, who: Asker, entry_id: str) -> Message:
    """Note that a promise is kept, once whoever presses first."""
    entry = await services.database.read(journal.with_id, entry_id)
    await allow(services, who, Action.LOG_NOTE, entry.account_id if entry else "")
    if entry is None or entry.kind is not NoteKind.PROMISE:
        return said(NO_ENTRY)
    done = Entry(
        id=f"kept-{entry.id}",
        account_id=entry.account_id,
        kind=NoteKind.KEPT,
        text=entry.text,
        author=who.user,
        written_at=services.clock(),
        corrects=entry.id,
    )
    return said(await keep(services, who, done) or KEPT)


async def keep(services: Services, who: Asker, entry: Entry) -> str:
    """Keep an entry, and tell the threads of the account's cards; why not, empty when it is kept."""
    await allow(services, who, Action.LOG_NOTE, entry.account_id)
    if not await services.database.write(_keep, entry, services):
        return GONE
    services.nudge()
    return ""


async def _submitted(services: Services, who: Asker, view: Body) -> dict[str, str]:
    """Save an open form; what is wrong by field, nothing when it is saved."""
    filled = answers(view)
    account_id, corrects = messages.carried(view)
    text, kind = str(filled.get(messages.TEXT) or "").strip(), filled.get(messages.KIND)
    if not text:
        return {messages.TEXT: EMPTY}
    base = services.settings.currency
    kind = NoteKind(kind) if isinstance(kind, str) and kind in set(NoteKind) else NoteKind.OTHER
    due = messages.day_of(filled)
    if due and kind is not NoteKind.PROMISE:
        return {messages.DUE: NO_DAY}
    try:
        cost = _cost(filled, base)
    except ValueError as error:
        return {messages.COST: f"{error}."}
    entry = Entry(
        id=str(view.get("id")),
        account_id=account_id,
        kind=kind,
        text=text,
        author=who.user,
        written_at=services.clock(),
        cost=cost,
        currency=base if cost is not None else None,
        corrects=corrects,
        due=due,
    )
    failed = await saved_in_time(keep(services, who, entry), not_saved())
    return {messages.TEXT: failed} if failed else {}


def _cost(filled: Mapping[str, Any], base: str) -> int | None:
    """What an incentive cost, in minor units. Raises ValueError, which names what to write."""
    typed = str(filled.get(messages.COST) or "").strip()
    return spent(typed, base) if typed else None


def _keep(session: Session, entry: Entry, services: Services) -> bool:
    locks.alone(session, alerts.LOCK)  # a card that is written meanwhile would not know of it
    if not called.names(session, [entry.account_id]):
        return False
    journal.add(session, entry)
    for alert in alerts.live_of_account(session, entry.account_id):
        cards.tell_again(session, alert, f"note:{entry.id}", messages.noted(entry), services.clock())
    return True


def _notes(session: Session, account_id: str, words: str, services: Services) -> Message:
    found = journal.of_account(session, account_id, words)
    name = called.names(session, [account_id])[account_id].name
    corrected, zone = journal.corrected(session, found), services.settings.timezone
    return messages.notes((account_id, name), found, corrected, words, zone)
