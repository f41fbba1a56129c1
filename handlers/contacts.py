"""The people of a customer, set by the team in a form."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.accounts.contacts import parse
from bot.messages import account as account_messages
from bot.messages import contacts_form as messages
from bot.messages.account import GONE
from bot.messages.blocks import Block, Message, said
from bot.messages.windows import CHANGED
from bot.services import Services
from handlers.listening import FormOf, opening_of
from handlers.parsing import Body, answers, asker
from handlers.saving import saved_or_told
from storage import contacts, locks
from storage.accounts import called
from storage.contacts import Contact


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = parse(str(answers(view).get(messages.PEOPLE) or ""))
        if isinstance(wish, str):
            await ack(response_action="errors", errors={messages.PEOPLE: wish})
            return
        work = save(services, asker(body, context), view, wish)
        if done := await saved_or_told(ack, work, messages.PEOPLE):
            await ack(response_action="update", view=done.value)

    app.action(account_messages.CONTACTS)(
        opening_of(services, "contacts", FormOf(messages.TITLE, messages.again, form))
    )
    app.view(messages.FORM)(submit)


async def form(services: Services, who: Asker, account_id: str) -> Block | Message:
    await allow(services, who, Action.SET_CONTACTS, account_id)
    return await services.database.read(_form, account_id) or said(GONE)


async def save(services: Services, who: Asker, view: Body, wish: list[Contact]) -> Block | str:
    """Put these in the place of those that were known when the form was opened."""
    opened = messages.carried(view)
    await allow(services, who, Action.SET_CONTACTS, opened[0])
    return await services.database.write(_save, opened, wish, who.user, services)


def _form(session: Session, account_id: str) -> Block | None:
    names = called.names(session, [account_id])
    if account_id not in names:
        return None
    return messages.form(account_id, names[account_id].name, *contacts.of_account(session, account_id))


def _save(session: Session, opened: tuple[str, str], wish: list[Contact], by: str, services: Services) -> Block | str:
    account_id, noted_at = opened
    locks.alone(session, contacts.lock(account_id))
    names = called.names(session, [account_id])
    if account_id not in names:
        return GONE
    known, at = contacts.of_account(session, account_id)
    if (at.isoformat() if at else "") != noted_at and known != wish:
        return CHANGED
    contacts.save(session, account_id, wish, by, services.clock())
    return messages.saved(names[account_id].name)
