"""Everything that was added to an account's exit interviews, in a window."""

import re

from slack_bolt.app.async_app import AsyncApp
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.exits.reasons import as_set
from bot.messages import exit_history as messages
from bot.messages.account import EXIT_HISTORY, GONE
from bot.messages.blocks import Block, Message, said
from bot.services import Services
from handlers.listening import FormOf, opening_of
from handlers.resolving import resolve
from storage import exit_interviews, exit_names, exit_reasons
from storage.accounts import called

ASKED = re.compile(r"(?P<account>\S.*?)\s+history", re.IGNORECASE)


def register(app: AsyncApp, services: Services) -> None:
    app.action(EXIT_HISTORY)(opening_of(services, "exit history", FormOf(messages.TITLE, messages.again, history)))


def is_asked(text: str) -> str:
    """The account whose history is asked for by what was typed behind the command, empty where it is not."""
    found = ASKED.fullmatch(text)
    return found["account"] if found else ""


async def history_for_text(services: Services, who: Asker, text: str) -> Block | Message:
    """The history of the account that is meant, or the accounts to choose from."""
    meant = await resolve(services, who, text, EXIT_HISTORY, "Choose")
    return meant if isinstance(meant, Message) else await history(services, who, meant[0].id)


async def history(services: Services, who: Asker, account_id: str) -> Block | Message:
    await allow(services, who, Action.READ_INTERVIEWS, account_id)
    return await services.database.read(_history, account_id, services) or said(GONE)


def _history(session: Session, account_id: str, services: Services) -> Block | None:
    names_of = called.names(session, [account_id])
    if account_id not in names_of:
        return None
    found = exit_interviews.of_account(session, account_id)
    names = exit_names.named_in(session, [entry.said for one in found for entry in one.entries])
    reasons = as_set(exit_reasons.in_force(session))
    return messages.history((account_id, names_of[account_id].name), found, reasons, names, services.settings.timezone)
