"""An account's data to take along: what happened as CSV, or what is stored of it as JSON."""

from collections.abc import Sequence

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, allow
from bot.accounts.export import rows_as_json
from bot.accounts.timeline import DEEPEST, timeline
from bot.messages import account as account_messages
from bot.messages import timeline as messages
from bot.messages.account import GONE
from bot.messages.blocks import Message, escape, said
from bot.messages.exports import as_messages, as_object
from bot.services import Services
from handlers.answers import privately
from handlers.parsing import Body, asker, chosen

CSV = "csv"
REMEDY = "On the machine that runs Kahvi, `kahvi export` and the account's id write all of it."


def register(app: AsyncApp, services: Services) -> None:
    async def export(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        form, _, account_id = chosen(body).partition(":")
        work = exported(services, asker(body, context), form, account_id)
        services.tasks.start("account export", privately(respond, work))
        await ack()

    app.action(account_messages.EXPORT)(export)


async def exported(services: Services, who: Asker, form: str, account_id: str) -> Message | Sequence[Message]:
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
