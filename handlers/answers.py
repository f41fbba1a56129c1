"""Answering a person privately, whatever becomes of the work."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

import structlog
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.errors import Denied
from bot.messages.blocks import Message, said
from bot.slack.posting import variants

T = TypeVar("T")
log = structlog.get_logger()
SORRY = (
    "Something went wrong here and nothing was changed. Please try again; if it stays so, `kahvi doctor` may know why."
)


async def privately(respond: AsyncRespond, work: Awaitable[Message | Sequence[Message] | None]) -> None:
    """Send what the work gives, a refusal, or an apology, to the one person who asked; several in turn."""
    found = await outcome(work)
    for message in [found] if isinstance(found, Message) else found or ():
        await send(respond, message)


async def outcome(work: Awaitable[T]) -> T | Message:
    """What the work gives, or the sentence that takes its place."""
    try:
        return await work
    except Denied as refusal:
        return said(str(refusal))
    except Exception:
        log.exception("an answer failed")
        return said(SORRY)


async def send(respond: AsyncRespond, message: Message) -> None:
    """Answer by the response URL; where Slack refuses the blocks, without charts and tables, then without any."""
    for blocks in variants(message.blocks):
        sent = await respond(text=message.text, blocks=list(blocks), response_type="ephemeral", replace_original=False)
        if sent.status_code == 200:
            return
        log.warning("an answer was refused", status=sent.status_code, reason=str(sent.body)[:200], kept=len(blocks))
