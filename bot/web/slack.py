"""`POST /slack/events`: what Slack sends in HTTP mode, checked by us before Bolt sees it.

Bolt's own check raises on odd headers and logs whole bodies, so the app is given what is parsed and proven only.
"""

from collections.abc import Callable
from typing import Any

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.clock import Clock
from bot.slack.incoming import App
from bot.web.parsing import form, json_object
from bot.web.server import read_body
from bot.web.signatures import slack_signed

PATH = "/slack/events"


class SlackDoor:
    """`app` gives None until Slack has told who we are."""

    def __init__(self, app: Callable[[], App | None], secret: str, clock: Clock) -> None:
        self._app = app
        self._secret = secret
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        stamp, signature = (
            request.headers.get(name, "") for name in ("X-Slack-Request-Timestamp", "X-Slack-Signature")
        )
        if not slack_signed(self._secret, stamp, signature, body, self._clock()):
            return web.Response(status=401, text="Not signed by Slack")
        payload = _parsed(request.content_type, body.decode())
        if payload is None:
            return web.Response(status=400, text="Not a payload")
        if payload.get("type") == "url_verification":
            return web.json_response({"challenge": str(payload.get("challenge", ""))})
        if "ssl_check" in payload:
            return web.Response()
        app = self._app()
        if app is None:
            return web.Response(status=503, text="Not ready yet")
        return _answer(await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload)))


def _parsed(kind: str, text: str) -> dict[str, Any] | None:
    """The payload as Socket Mode would carry it."""
    if kind == "application/json":
        return json_object(text)
    fields = form(text)
    return json_object(fields["payload"]) if fields and "payload" in fields else fields


def _answer(response: BoltResponse) -> web.Response:
    kind = response.headers.get("content-type", ["text/plain"])[0].partition(";")[0]
    return web.Response(status=response.status, text=response.body or "", content_type=kind)
