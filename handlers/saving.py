"""Saving a form before Slack is answered, so that on any failure it stays open with all that was typed."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import Denied

T = TypeVar("T")
log = structlog.get_logger()
MENTIONS = re.compile(r"<[@#!][^>]*>(?: or <[@#!][^>]*>)*")  # whom to ask; Slack shows no mention at a field
NOT_TRIED = "This could not be tried just now. Please press the button again."
PATIENCE = 2.2  # seconds; Slack shows its own error after three


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
