"""`/api/<method>`: who may call what, faults on order, and Slack's way of answering."""

import inspect
import logging
from typing import Any

from aiohttp import web

from bot.playground.slack import methods
from bot.playground.slack.arguments import Arguments, read_arguments
from bot.playground.slack.errors import RateLimitedError, SlackError
from bot.playground.slack.faults import Fault
from bot.playground.slack.models import Json
from bot.playground.slack.registry import METHODS, Call, Method
from bot.playground.slack.state import State

log = logging.getLogger(__name__)

HELD_SECONDS = 120.0


class WebApi:
    def __init__(self, state: State) -> None:
        self._state = state
        methods.load()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            raw = await read_arguments(request)
        except SlackError as error:
            return self._answer(name, {}, error.body(), None)
        fault = self._state.faults.take(name, _for_matching(raw))
        if fault is None:
            return await self._served(request, name, raw)
        return await self._faulty(request, name, raw, fault)

    async def _served(self, request: web.Request, name: str, raw: Json) -> web.StreamResponse:
        method = METHODS.get(name)
        try:
            body = await self._run(request, name, method, raw)
        except RateLimitedError as error:
            return self._rate_limited(name, raw, error.retry_after)
        except SlackError as error:
            body = error.body()
        except Exception:
            log.exception("%s failed inside the local Slack", name)
            body = SlackError("internal_error").body()
        return self._answer(name, raw, body, method)

    async def _run(self, request: web.Request, name: str, method: Method | None, raw: Json) -> Json:
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._authorise(method, _token(request, raw))
        call = Call(self._state, name, Arguments(raw))
        if method.scopes:
            call.need(*method.scopes)
        result = method.handler(call)
        answer: Any = await result if inspect.isawaitable(result) else result
        return {"ok": True, **answer}

    def _authorise(self, method: Method, token: str) -> None:
        if method.caller == "anyone":
            return
        if not token:
            raise SlackError("not_authed")
        config = self._state.config
        if token not in (config.bot_token, config.app_token):
            raise SlackError("invalid_auth")
        if (token == config.app_token) != (method.caller == "app"):
            raise SlackError("not_allowed_token_type")

    async def _faulty(self, request: web.Request, name: str, raw: Json, fault: Fault) -> web.StreamResponse:
        if fault.kind == "429":
            return self._rate_limited(name, raw, fault.retry_after)
        if fault.kind == "error":
            return self._answer(name, raw, SlackError(fault.error).body(), METHODS.get(name))
        if fault.kind == "500":
            self._record(name, raw, "http_500")
            return web.Response(status=500, text="<h1>Server Error</h1>", content_type="text/html")
        if fault.kind == "drop_after_accept":
            await self._served(request, name, raw)
        else:
            self._record(name, raw, "timeout")
            await self._state.clock.sleep(HELD_SECONDS)
        return hang_up(request)

    def _rate_limited(self, name: str, raw: Json, retry_after: int) -> web.Response:
        self._record(name, raw, "ratelimited")
        body = SlackError("ratelimited").body()
        return web.json_response(body, status=429, headers={"Retry-After": str(retry_after)})

    def _answer(self, name: str, raw: Json, body: Json, method: Method | None) -> web.Response:
        self._record(name, raw, "ok" if body["ok"] else str(body["error"]))
        headers = {}
        if method is not None and body.get("error") not in ("not_authed", "invalid_auth"):
            headers["x-oauth-scopes"] = ",".join(sorted(self._state.scopes))
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return web.json_response(body, headers=headers)

    def _record(self, name: str, raw: Json, outcome: str) -> None:
        self._state.calls.record(name, raw, outcome, self._state.clock.iso())


def hang_up(request: web.Request) -> web.Response:
    """Close the connection instead of answering; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def _token(request: web.Request, raw: Json) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    return str(raw.get("token") or "")


def _for_matching(raw: Json) -> Json:
    """Arguments with `blocks` decoded, so that a fault may ask for a type of block."""
    blocks = raw.get("blocks")
    if not isinstance(blocks, str):
        return raw
    try:
        return raw | {"blocks": Arguments(raw).decoded("blocks")}
    except SlackError:
        return raw
