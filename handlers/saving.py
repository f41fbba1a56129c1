"""Saving a form before Slack is answered, so that on any failure it stays open with all that was typed."""

import asyncio
import re
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from bot.errors import Denied

T = TypeVar("T")
log = structlog.get_logger()
MENTIONS = re.compile(r"<[@#!][^>]*>(?: or <[@#!][^>]*>)*")  # whom to ask; Slack shows no mention at a field
PATIENCE = 2.2  # seconds; Slack shows its own error after three


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
