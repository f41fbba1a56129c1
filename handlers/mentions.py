"""Where no command can be typed: the bot mentioned, as in a thread, and the shortcut of a message.

Both answer as `/account` does, and only to the person who asked.
"""

import asyncio
import re
from collections.abc import Awaitable
from typing import Any

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError

from bot.access import Action, Asker, allow
from bot.accounts.spotting import spotted
from bot.messages import look_up as messages
from bot.messages.blocks import Message, said
from bot.services import Services
from bot.slack.posting import variants
from handlers import account
from handlers.answers import outcome, privately
from handlers.parsing import Body, as_typed, asker, clean, command_text
from handlers.readiness import not_ready
from handlers.resolving import choose
from storage import alert_cards

SHORTCUT = "account_of_message"
REFUSED = frozenset(("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"))
COMMAND = re.compile(r"(/coffee|/?at-risk|/?exit-interview)\b", re.IGNORECASE)  # a company may be called Coffee
ELSEWHERE = "Mention me with the name of an account to look it up; for all else type `/{}` in the channel itself."
UNNAMED = re.compile(r"(?:notes?|timeline)\b", re.IGNORECASE)
log = structlog.get_logger()


def register(app: AsyncApp, services: Services) -> None:
    async def mentioned(event: dict[str, Any], body: Body, context: AsyncBoltContext) -> None:
        if event.get("bot_id") or not event.get("user"):
            return
        team = event.get("user_team") or event.get("team") or body.get("team_id")
        place = {"user_id": event["user"], "channel_id": event.get("channel"), "team_id": team}
        who, text = asker(place, context), command_text({"text": without_bot(event, context.bot_user_id or "")})
        thread = str(event.get("thread_ts") or "")
        work = asked(services, who, thread, text, str(body.get("event_id") or ""))
        services.tasks.start("mention", whisper(services, who, thread, work))

    async def shortcut(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        message = body.get("message") or {}
        work = accounts_in(services, asker(body, context), as_typed(clean(str(message.get("text") or ""))))
        services.tasks.start("message shortcut", privately(respond, work))
        await ack()

    app.event("app_mention")(mentioned)
    app.message_shortcut(SHORTCUT)(shortcut)


def without_bot(event: dict[str, Any], bot: str) -> str:
    """What was said to the bot, without its mention."""
    return str(event.get("text") or "").replace(f"<@{bot}>", " ", 1)


async def asked(services: Services, who: Asker, thread: str, text: str, delivery: str) -> Message:
    """What `/account` answers; in the thread of a card its account need not be named: `note they call back`."""
    if found := COMMAND.match(text):
        await allow(services, who, Action.ASK_FOR_HELP)
        return said(ELSEWHERE.format(found[1].removeprefix("/").casefold()))
    if thread and (not text or UNNAMED.match(text)):
        await allow(services, who, Action.SEARCH_ACCOUNTS)
        meant = await services.database.read(alert_cards.account_of_card, who.channel or "", thread)
        text = f"{meant} {text}".strip() if meant else text
    return await account.look_up(services, who, text, delivery)


async def accounts_in(services: Services, who: Asker, text: str) -> Message:
    """The card of the one account that a message names, or accounts to choose from."""
    await allow(services, who, Action.SEARCH_ACCOUNTS)
    if waiting := await not_ready(services):
        return said(waiting)
    index = await services.names.refreshed(services.database)
    found = await choose(services, who, await asyncio.to_thread(spotted, index, text))
    if len(found) == 1:
        return await account.show_card(services, who, found[0].id)
    return messages.named(found)


async def whisper(services: Services, who: Asker, thread: str, work: Awaitable[Message]) -> None:
    """Answer where the bot was mentioned, to whoever did; without charts and tables where Slack refuses them."""
    message = await outcome(work)
    for blocks in variants(message.blocks):
        try:
            await services.client.chat_postEphemeral(
                channel=who.channel or "",
                user=who.user,
                thread_ts=thread or None,
                text=message.text,
                blocks=list(blocks),
            )
        except SlackApiError as error:
            word = str(error.response.get("error"))
            if word in REFUSED:
                continue
            log.warning("a mention could not be answered", error=word)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("a mention could not be answered", error=type(error).__name__)
        return
