"""The people of a customer, set by the team in a form."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.accounts.contacts import parse
from bot.messages import account as account_messages
from bot.messages import contacts_form as messages
from bot.messages.account import GONE
from bot.messages.blocks import Block, Message
from bot.services import Services
from handlers.answers import said
from handlers.parsing import Body, answers, asker, pressed
from handlers.saving import saved_or_told
from handlers.windows import PATIENCE, press, show
from storage import contacts, locks
from storage.accounts import called
from storage.contacts import Contact

CHANGED = "Somebody changed these meanwhile: copy what you typed, close this, and open it again."


def register(app: AsyncApp, services: Services, patience: float = PATIENCE) -> None:
    async def open_form(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        found = form(services, asker(body, context), pressed(body))
        work = show(services, press(body, respond, messages.TITLE, messages.again), found, patience)
        services.tasks.start("contacts", work)
        await ack()

    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = parse(str(answers(view).get(messages.PEOPLE) or ""))
        if isinstance(wish, str):
            await ack(response_action="errors", errors={messages.PEOPLE: wish})
            return
        work = save(services, asker(body, context), view, wish)
        if done := await saved_or_told(ack, work, messages.PEOPLE):
            await ack(response_action="update", view=done.value)

    app.action(account_messages.CONTACTS)(open_form)
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
