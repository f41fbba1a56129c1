"""Opening a form in time: Slack takes one within three seconds of the press, and reading may take longer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import structlog
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError

from bot.messages.blocks import Block, Message
from bot.messages.windows import waiting, window
from bot.services import Services
from handlers.answers import SORRY, outcome, said, send

log = structlog.get_logger()
PATIENCE = 1.0
TOO_LATE = ("expired_trigger_id", "exchanged_trigger_id")


@dataclass(frozen=True, slots=True)
class Press:
    """What a form answers: a fresh trigger, or a button in the window `in_window`.

    `again` makes the message that is sent when Slack no longer takes the form; `title` is that of the window.
    """

    title: str
    trigger_id: str
    respond: AsyncRespond
    again: Callable[[Block], Message]
    in_window: str = ""


async def show(services: Services, press: Press, work: Awaitable[Block | Message], patience: float = PATIENCE) -> None:
    """Open the form that the work gives, or send its message; when it takes long, a window that waits for it."""
    working = asyncio.ensure_future(outcome(work))
    await asyncio.wait({working}, timeout=patience)
    opened = press.in_window
    try:
        if not opened and not working.done():
            opened = await _open(services, press, waiting(press.title))
        result = await working
        if opened:
            view = window(press.title, result) if isinstance(result, Message) else result
            await services.client.views_update(view_id=opened, view=view)
        elif isinstance(result, Message):
            await send(press.respond, result)
        else:
            await _open(services, press, result)
    except SlackApiError as error:
        await _not_shown(press, await working, str(error.response.get("error")))
    except (aiohttp.ClientError, TimeoutError):
        log.warning("Slack did not answer to a window")
        await send(press.respond, said(SORRY))
    finally:
        working.cancel()


async def _open(services: Services, press: Press, view: Block) -> str:
    """Open a window; its id."""
    opened = await services.client.views_open(trigger_id=press.trigger_id, view=view)
    return str(opened["view"]["id"])


async def _not_shown(press: Press, result: Block | Message, error: str) -> None:
    """A form that came too late is offered again; a window that the person closed needs nothing."""
    if error in TOO_LATE:
        await send(press.respond, result if isinstance(result, Message) else press.again(result))
    else:
        log.warning("a window could not be shown", error=error)
