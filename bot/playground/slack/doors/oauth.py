"""`/oauth/v2/authorize`: a person agrees to install the app in one of the workspaces, and goes back with a code."""

from html import escape
from urllib.parse import urlencode

from aiohttp import web

from bot.playground.loopback import host_of, is_loopback
from bot.playground.slack.doors.arguments import read_form
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State
from bot.playground.slack.world.teams import Teams

PATH = "/oauth/v2/authorize"
HEADERS = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}


class OAuthPage:
    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    async def ask(self, request: web.Request) -> web.Response:
        """The page with one button for each workspace."""
        asked = dict(request.query)
        try:
            self._redirect_uri(asked)
        except SlackError as error:
            return web.Response(status=400, text=f"Slack would say: {error.code}")
        choices = "".join(_choice(state, asked) for state in self._teams)
        scopes = escape(asked.get("scope", "")).replace(",", ", ")
        title = escape(f"Install {self._teams.first.config.bot_name}")
        body = f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><p>It asks for: {scopes}</p>"
        return web.Response(text=body + choices, content_type="text/html", headers=HEADERS)

    async def agree(self, request: web.Request) -> web.Response:
        """Send the person back to the app, with a code or with `access_denied`."""
        try:
            asked: Json = dict(await read_form(request))
            target = self._redirect_uri(asked)
            answer = {"error": "access_denied"} if asked.get("deny") else {"code": self._code(asked, target)}
        except SlackError as error:
            return web.Response(status=400, text=f"Slack would say: {error.code}")
        query = urlencode(answer | {"state": str(asked.get("state", ""))})
        raise web.HTTPFound(f"{target}{'&' if '?' in target else '?'}{query}")

    def _code(self, asked: Json, target: str) -> str:
        state = self._teams.named(str(asked.get("team", "")))
        scopes = tuple(scope for scope in str(asked.get("scope", "")).split(",") if scope)
        if not scopes:
            raise SlackError("invalid_scope_requested")
        return self._teams.grant(state, state.me, scopes, target)

    def _redirect_uri(self, asked: Json) -> str:
        """Where the app wants the person back, which must be an address it registered, on this machine."""
        config = self._teams.first.config
        if asked.get("client_id") != config.client_id:
            raise SlackError("invalid_client_id")
        target = str(asked.get("redirect_uri") or next(iter(config.redirect_urls), ""))
        if not any(target.startswith(known) for known in config.redirect_urls) or not is_loopback(host_of(target)):
            raise SlackError("bad_redirect_uri")
        return target


def _choice(state: State, asked: Json) -> str:
    kept = {name: str(asked.get(name, "")) for name in ("client_id", "scope", "state", "redirect_uri")}
    hidden = {**kept, "team": state.config.team_id}
    fields = "".join(f'<input type=hidden name={name} value="{escape(value)}">' for name, value in hidden.items())
    button = f"<button>Allow in {escape(state.config.team_name)}</button>"
    return f"<form method=post action={PATH}>{fields}{button} <button name=deny value=1>Cancel</button></form>"
