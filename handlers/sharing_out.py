"""`/at-risk assign`: accounts without an owner are shared out among people."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, allow, colleague_email
from bot.accounts.assigning import How, Share, shared_out
from bot.figures.segments import fitting, misnamed
from bot.messages import assigning_form as messages
from bot.messages.blocks import Block, Message, carried_by, said
from bot.messages.windows import still_open, window
from bot.risk.handling import owners_changed
from bot.services import Services
from handlers.listening import Form, opening
from handlers.parsing import Body, answers, asker
from handlers.readiness import not_ready
from handlers.saving import answer_form, not_saved, saved_in_time
from storage import locks, owners
from storage.alerts import LOCK
from storage.owners import Owner

WORD = "assign"
NOBODY = "Choose at least one person."


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to get accounts, how they are shared out, and which: all without an owner, or those of a filter."""

    people: Sequence[str]
    how: How
    where: str = ""

    def plain(self) -> dict[str, Any]:
        return {"people": list(self.people), "how": self.how.value, "where": self.where}


def register(app: AsyncApp, services: Services) -> None:
    async def attempt(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = _wish(answers(view))
        if not wish.people:
            await ack(response_action="errors", errors={messages.PEOPLE: NOBODY})
            return
        work = preview(services, asker(body, context), wish)
        await answer_form(services, ack, view, work, messages.WHERE)

    async def use(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = _wish(carried_by(view))
        found = await saved_in_time(assign(services, asker(body, context), wish), not_saved("Assign"))
        match found:
            case int():
                shown = messages.done(found)
            case str():
                shown = still_open(view, found)
            case nameless:
                shown = window(messages.TITLE, nameless)
        await ack(response_action="update", view=shown)

    app.action(messages.OPEN)(opening(services, "assigning", FORM))
    app.view(messages.FORM)(attempt)
    app.view(messages.CONFIRM)(use)


async def form(services: Services, who: Asker) -> Block | Message:
    await allow(services, who, Action.SHARE_OUT_ACCOUNTS)
    if still := await not_ready(services):
        return said(still)
    return messages.form(len(await services.database.read(owners.without_owner)))


async def assign(services: Services, who: Asker, wish: Wish) -> int | Message:
    """Share the accounts out as they stand now; how many have an owner since."""
    await allow(services, who, Action.SHARE_OUT_ACCOUNTS)
    emails = await _emails(services, wish.people)
    if isinstance(emails, Message):
        return emails
    return await services.database.write(_assigned, emails, wish, who.user, services)


async def preview(services: Services, who: Asker, wish: Wish) -> Block | Message | str:
    """Who would get which accounts, to be confirmed; or what is wrong with the filter, or who cannot be given any."""
    await allow(services, who, Action.SHARE_OUT_ACCOUNTS)
    if wrong := await services.database.read(misnamed, wish.where, services.settings.currency, services.today()):
        return wrong
    emails = await _emails(services, wish.people)
    if isinstance(emails, Message):
        return emails
    shares = await services.database.read(_shares, emails, wish, services)
    return messages.confirm(shares, services.settings.currency, wish.plain())


async def _emails(services: Services, people: Sequence[str]) -> dict[str, str] | Message:
    """The people's addresses, or why some have none."""
    found = await asyncio.gather(*(colleague_email(services, user) for user in people))
    nameless = [user for user, email in zip(people, found, strict=True) if email is None]
    return (
        said(messages.nameless(nameless))
        if nameless
        else {user: email for user, email in zip(people, found, strict=True) if email}
    )


def _shares(session: Session, emails: Mapping[str, str], wish: Wish, services: Services) -> dict[str, Share]:
    worth = owners.without_owner(session)
    wanted = fitting(session, wish.where, worth.keys(), services.settings.currency, services.today())
    by_email = owners.loads(session, list(emails.values()))
    loads = {user: by_email[email.lower()] for user, email in emails.items() if email.lower() in by_email}
    return shared_out({one: worth[one] for one in wanted}, list(emails), loads, wish.how)


def _assigned(session: Session, emails: Mapping[str, str], wish: Wish, by: str, services: Services) -> int:
    locks.alone(session, LOCK)  # whoever gives an account on its card waits, or has given it already
    shares = _shares(session, emails, wish, services)
    for user, share in shares.items():
        owners.assign(session, share.accounts, Owner(user, emails[user], assigned_by=by))
    given = {account_id for share in shares.values() for account_id in share.accounts}
    owners_changed(session, given, services.risk_settings(), services.clock())
    return len(given)


def _wish(filled: Mapping[str, Any]) -> Wish:
    people = filled.get(messages.PEOPLE)
    how = filled.get(messages.HOW)
    return Wish(
        [str(one) for one in people][: messages.MOST] if isinstance(people, list) else [],
        How(how) if isinstance(how, str) and how in set(How) else How.FEWEST,
        str(filled.get(messages.WHERE) or "").strip(),
    )


FORM = Form(messages.TITLE, messages.again, form)
