"""Answers to what is pressed in a window or in the Home tab, for which Slack gives no address to answer to.

What is pressed in a window is answered in that window, and what is pressed in the Home tab in a window of its own. So
listeners answer with `respond` wherever a button stands.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookResponse

from bot.messages.blocks import Block, Message, divider, said
from bot.messages.windows import window
from bot.services import Services
from handlers.parsing import Body, view_id, view_title
from handlers.windows import CLOSED, TOO_LATE, fill
from storage import outbox

TITLE = "Kahvi"
OF_USE = timedelta(minutes=15)


class InView(AsyncRespond):
    """Shows each answer to a press in one window, below those before it.

    When the press is too old to open a window, the answer comes as a direct message.
    """

    def __init__(self, services: Services, body: Body) -> None:
        super().__init__(response_url=None)
        self._services = services
        self._window, self._title = view_id(body), view_title(body) or TITLE
        self._trigger, self._user = str(body.get("trigger_id") or ""), str((body.get("user") or {}).get("id") or "")
        self._shown: list[Block] = []

    async def __call__(self, *_: Any, **given: Any) -> WebhookResponse:
        message = Message(given["text"], given["blocks"] or said(given["text"]).blocks)
        try:
            await self._show([*self._shown, *([divider()] if self._shown else []), *message.blocks])
        except SlackApiError as error:
            word = str(error.response.get("error"))
            if word in TOO_LATE:
                await self._send(message)
            elif word not in CLOSED:
                return _answered(400, word)
        return _answered(200, "ok")

    async def _show(self, blocks: list[Block]) -> None:
        shown = window(self._title, Message("", blocks))
        if self._window:
            await fill(self._services, self._window, shown)
        else:
            opened = await self._services.client.views_open(trigger_id=self._trigger, view=shown)
            self._window = str(opened["view"]["id"])
        self._shown = blocks

    async def _send(self, message: Message) -> None:
        """What is said here is for the person alone, so are their direct messages."""
        key, now = f"answer:{self._trigger}", self._services.clock()
        written = partial(outbox.put, now=now, expires_at=now + OF_USE)
        await self._services.database.write(written, key, self._user, message.text, message.blocks)
        self._services.nudge()


def register(app: AsyncApp, services: Services) -> None:
    async def answer_there(body: Body, context: AsyncBoltContext, next: Callable[[], Awaitable[Any]]) -> Any:  # noqa: A002 - Bolt's name
        if body.get("type") == "block_actions" and "view" in body and not body.get("response_url"):
            context["respond"] = InView(services, body)
        return await next()

    app.use(answer_there)


def _answered(status: int, body: str) -> WebhookResponse:
    return WebhookResponse(url="", status_code=status, body=body, headers={})
