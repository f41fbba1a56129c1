"""Answering a form: it is saved before Slack is answered, so that on any failure all that was typed still stands."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import Denied
from bot.messages.blocks import Block, Message
from bot.messages.windows import given_back, waiting, window
from bot.services import Services
from handlers.parsing import Body
from handlers.windows import show_in

T = TypeVar("T")
log = structlog.get_logger()
MENTIONS = re.compile(r"<[@#!][^>]*>(?: or <[@#!][^>]*>)*")  # whom to ask; Slack shows no mention at a field
PATIENCE = 2.2  # seconds; Slack shows its own error after three
QUICK = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Saved(Generic[T]):
    """What saving a form gave."""

    value: T


def not_saved(button: str = "Save") -> str:
    """What a form says that could not be saved; `button` sends it again."""
    return f"This could not be saved just now. Nothing you typed is lost: please press {button} again."


async def saved_in_time(work: Awaitable[T], sorry: str) -> T | str:
    """What the work gives, or the sentence to show in the form: a refusal, or `sorry` when it failed or took long."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except Denied as refusal:
        return MENTIONS.sub("a Kahvi admin", str(refusal))
    except Exception:
        log.exception("a form was not saved")
        return sorry


async def saved_or_told(ack: AsyncAck, work: Awaitable[T | str], field: str, button: str = "Save") -> Saved[T] | None:
    """What the work gives; None where the form now says at one of its fields why it was not saved.

    Work that gives a text says that itself.
    """
    found = await saved_in_time(work, not_saved(button))
    if isinstance(found, str):
        await ack(response_action="errors", errors={field: found})
        return None
    return Saved(found)


async def answer_form(
    services: Services, ack: AsyncAck, view: Body, work: Awaitable[Block | Message | str], field: str
) -> None:
    """Answer a form by what its work gives: another window, or a sentence at one of its fields.

    Work that is not quick goes on behind a window that waits for it, and is never called off: what is told is so.
    """
    title, button = (str(view[part]["text"]) for part in ("title", "submit"))
    working = asyncio.ensure_future(_refused_in_words(work))
    await asyncio.wait({working}, timeout=QUICK)
    if not working.done():
        await ack(response_action="update", view=waiting(title))
        services.tasks.start(title, show_in(services, str(view["id"]), title, _later(view, working, button)))
        return
    try:
        found = await working
    except Exception:
        log.exception("a form was not saved")
        found = not_saved(button)
    if isinstance(found, str):
        await ack(response_action="errors", errors={field: MENTIONS.sub("a Kahvi admin", found)})
    else:
        await ack(response_action="update", view=window(title, found) if isinstance(found, Message) else found)


async def _refused_in_words(work: Awaitable[T]) -> T | str:
    try:
        return await work
    except Denied as refusal:
        return str(refusal)


async def _later(view: Body, work: Awaitable[Block | Message | str], button: str) -> Block | Message:
    """What to show in place of the waiting window: the form again where it was not saved, as it was filled in."""
    try:
        found = await work
    except Exception:
        log.exception("a form was not saved")
        found = not_saved(button)
    return given_back(view, found) if isinstance(found, str) else found
