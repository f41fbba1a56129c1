"""`/api/<method>`: who may call what, and Slack's way of answering."""

import logging

from aiohttp import web

from bot.playground.slack import methods
from bot.playground.slack.doors.arguments import Arguments, read_arguments
from bot.playground.slack.doors.errors import RateLimitedError, SlackError
from bot.playground.slack.doors.registry import METHODS, Call, Method
from bot.playground.slack.doors.tokens import bearer
from bot.playground.slack.faults.failing import Attempt
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State
from bot.playground.slack.world.teams import Teams

log = logging.getLogger(__name__)


class WebApi:
    def __init__(self, teams: Teams) -> None:
        self._teams = teams
        methods.load()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            raw = await read_arguments(request)
        except SlackError as error:
            return self._answer(Attempt(self._teams.first, request, name, {}), error.body(), None)
        state = self._teams.holding(_token(request, raw)) or self._teams.first
        attempt = Attempt(state, request, name, _with_blocks(raw))

        async def serve() -> web.Response:
            return self._served(attempt, raw)

        return await attempt.served(serve)

    def _served(self, attempt: Attempt, raw: Json) -> web.Response:
        method = METHODS.get(attempt.name)
        try:
            body = self._run(attempt, method, raw)
        except RateLimitedError as error:
            return attempt.rate_limited(error.retry_after)
        except SlackError as error:
            body = error.body()
        except Exception:
            log.exception("%s failed inside the local Slack", attempt.name)
            body = SlackError("internal_error").body()
        return self._answer(attempt, body, method)

    def _run(self, attempt: Attempt, method: Method | None, raw: Json) -> Json:
        if method is None:
            raise SlackError("unknown_method", req_method=attempt.name)
        self._authorise(attempt.state, method, _token(attempt.request, raw))
        attempt.state.pace.take_call(attempt.name, method.tier)
        call = Call(self._teams, attempt.state, attempt.name, Arguments(raw), _basic(attempt.request))
        if method.scopes:
            call.need(*method.scopes)
        return {"ok": True, **method.handler(call)}

    def _authorise(self, state: State, method: Method, token: str) -> None:
        if method.caller == "anyone":
            return
        if not token:
            raise SlackError("not_authed")
        config = state.config
        if token not in (config.bot_token, config.app_token):
            raise SlackError("invalid_auth")
        if token == config.bot_token and state.refusal:
            raise SlackError(state.refusal)
        if (token == config.app_token) != (method.caller == "app"):
            raise SlackError("not_allowed_token_type")

    def _answer(self, attempt: Attempt, body: Json, method: Method | None) -> web.Response:
        attempt.record("ok" if body["ok"] else str(body["error"]))
        headers = {}
        if method is not None and body.get("error") not in ("not_authed", "invalid_auth"):
            headers["x-oauth-scopes"] = ",".join(sorted(attempt.state.scopes))
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return web.json_response(body, headers=headers)


def _token(request: web.Request, raw: Json) -> str:
    return bearer(request) or str(raw.get("token") or "")


def _basic(request: web.Request) -> str:
    kind, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if kind.lower() == "basic" else ""


def _with_blocks(raw: Json) -> Json:
    """Arguments with `blocks` decoded, so that a fault may ask for a type of block."""
    blocks = raw.get("blocks")
    if not isinstance(blocks, str):
        return raw
    try:
        return raw | {"blocks": Arguments(raw).decoded("blocks")}
    except SlackError:
        return raw
