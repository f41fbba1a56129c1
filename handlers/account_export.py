"""An account's data to take along: what happened as CSV, or what is stored of it as JSON."""

from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp

from bot.access import Action, Asker, allow
from bot.accounts.export import rows_as_json
from bot.accounts.timeline import DEEPEST, timeline
from bot.messages import account as account_messages
from bot.messages import timeline as messages
from bot.messages.account import GONE
from bot.messages.blocks import Message, escape, said
from bot.messages.exports import as_messages, as_object
from bot.services import Services
from handlers.listening import answering
from handlers.parsing import chosen

CSV = "csv"
REMEDY = "On the machine that runs Kahvi, `kahvi export` and the account's id write all of it."


def register(app: AsyncApp, services: Services) -> None:
    app.action(account_messages.EXPORT)(answering(services, "account export", exported, chosen))


async def exported(services: Services, who: Asker, asked: str) -> Message | Sequence[Message]:
    form, _, account_id = asked.partition(":")
    await allow(services, who, Action.EXPORT_ACCOUNT, account_id)
    zone = services.settings.timezone
    found = await services.database.read(timeline, account_id, zone, count=DEEPEST)
    if found is None:
        return said(GONE)
    name = escape(account_id)
    if form == CSV:
        csv = messages.as_rows(found, zone)
        return as_messages(f"{name}.csv", csv, REMEDY)
    return as_object(f"{name}.json", await services.database.read(rows_as_json, account_id), REMEDY)
