"""Options of a menu that suggests while a person types."""

import asyncio
from collections.abc import Awaitable

from bot.errors import Denied
from bot.messages.blocks import Block

PATIENCE = 2.5  # seconds, of the three that Slack waits


async def in_time(work: Awaitable[list[Block]]) -> list[Block]:
    """What the work gives; no options for whoever may not look, or when they would come too late."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except (Denied, TimeoutError):
        return []
