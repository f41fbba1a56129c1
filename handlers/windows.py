"""Opening a form in time: Slack takes one within three seconds of the press, and reading may take longer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import structlog
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError

from bot.messages.blocks import Block, Message, said
from bot.messages.windows import waiting, window
from bot.services import Services
from handlers.answers import SORRY, outcome, send
from handlers.parsing import Body, view_id

log = structlog.get_logger()
PATIENCE = 1.0  # seconds, before a window that waits is opened
TOO_LATE = ("expired_trigger_id", "exchanged_trigger_id")
CLOSED = ("not_found",)


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


def press(body: Body, respond: AsyncRespond, title: str, again: Callable[[Block], Message]) -> Press:
    """The press or command that this payload tells of."""
    return Press(title, str(body.get("trigger_id", "")), respond, again, view_id(body))


async def show(services: Services, press: Press, work: Awaitable[Block | Message]) -> None:
    """Open the form that the work gives, or send its message; when it takes long, a window that waits for it.

    Whatever Slack refuses, the person is told.
    """
    if press.in_window:
        await show_in(services, press.in_window, press.title, work)
        return
    working = asyncio.ensure_future(outcome(work))
    try:
        await asyncio.wait({working}, timeout=PATIENCE)
        if not working.done():
            opened = await _open(services, press, waiting(press.title))
            await show_in(services, opened, press.title, working)
        elif isinstance(result := await working, Message):
            await send(press.respond, result)
        else:
            await _open(services, press, result)
    except SlackApiError as error:
        await _not_opened(press, await working, str(error.response.get("error")))
    except (aiohttp.ClientError, TimeoutError):
        log.warning("Slack did not answer to a window")
        await send(press.respond, said(SORRY))
    finally:
        working.cancel()


async def show_in(services: Services, opened: str, title: str, work: Awaitable[Block | Message]) -> None:
    """Show what the work gives in a window that stands open; one that the person closed needs nothing."""
    result = await outcome(work)
    try:
        await fill(services, opened, window(title, result) if isinstance(result, Message) else result)
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        word = str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
        if word not in CLOSED:
            log.warning("a window could not be shown", error=word)
            await _own_up(services, opened, title)


async def fill(services: Services, opened: str, view: Block) -> None:
    """Show something else in a window that stands open."""
    await services.client.views_update(view_id=opened, view=view)


async def _open(services: Services, press: Press, view: Block) -> str:
    """Open a window; its id."""
    opened = await services.client.views_open(trigger_id=press.trigger_id, view=view)
    return str(opened["view"]["id"])


async def _not_opened(press: Press, result: Block | Message, error: str) -> None:
    """A form that came too late is offered again."""
    if error in TOO_LATE:
        await send(press.respond, result if isinstance(result, Message) else press.again(result))
    else:
        log.warning("a window could not be opened", error=error)
        await send(press.respond, said(SORRY))


async def _own_up(services: Services, opened: str, title: str) -> None:
    try:
        await fill(services, opened, window(title, said(SORRY)))
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("a window stays as it is", error=type(error).__name__)
