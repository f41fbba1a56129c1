"""The local Slack as one HTTP server on the loopback interface."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from bot.playground.loopback import is_loopback
from bot.playground.pages import Handler, only_local, page_routes
from bot.playground.slack.doors import control, page_api
from bot.playground.slack.doors.errors import invalid_arguments
from bot.playground.slack.doors.file_api import FileApi
from bot.playground.slack.doors.oauth import PATH, OAuthPage
from bot.playground.slack.doors.response_api import ResponseApi
from bot.playground.slack.doors.web_api import WebApi
from bot.playground.slack.world.config import SlackConfig
from bot.playground.slack.world.teams import Teams

LARGEST_BODY = 1024 * 1024
LONGEST_ADDRESS = 64 * 1024  # slack_sdk sends the payload of blocks.validate in the address
PAGE = Path(__file__).parent.parent / "page"


class SlackServer:
    """A Slack workspace with one installed app. `start`, point a client at `api_url`, `stop`.

    `others` are workspaces that the same app can be installed in by OAuth.
    """

    def __init__(
        self, config: SlackConfig | None = None, host: str = "127.0.0.1", others: Sequence[SlackConfig] = ()
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"the local Slack listens on loopback only, not on {host}; use 127.0.0.1")
        self.config = config or SlackConfig()
        self.teams = Teams(self.config, others)
        self.state = self.teams.first
        self._host = host
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return self.state.base_url

    @property
    def api_url(self) -> str:
        """The `base_url` of a Slack client; ends in `/api/`."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        return self.config.bot_token

    @property
    def app_token(self) -> str:
        return self.config.app_token

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one. Raises OSError when the port is taken."""
        runner = web.AppRunner(
            self._application(), access_log=None, shutdown_timeout=0.2, max_line_size=LONGEST_ADDRESS
        )
        await runner.setup()
        site = web.TCPSite(runner, self._host, port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.teams.common.base_url = f"http://{host}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self.state.background.stop()
        await self.state.sockets.cut()
        await self.state.common.request_urls.close()
        for state in self.teams:
            await state.live.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_local, _not_too_large])
        api, files, oauth = WebApi(self.teams), FileApi(self.teams), OAuthPage(self.teams)
        app.add_routes(
            [
                web.post("/api/{method}", api.handle),
                web.get("/api/{method}", api.handle),
                web.get("/link/", self.state.sockets.connect),
                web.post("/response/{team}/{key}", ResponseApi(self.teams).handle),
                web.post("/upload/{team}/{key}", files.upload),
                web.get("/files/{id}", files.download),
                web.get(PATH, oauth.ask),
                web.post(PATH, oauth.agree),
                *page_routes(PAGE),
                *page_api.routes(self.teams),
                *control.routes(self.teams),
            ]
        )
        return app


@web.middleware
async def _not_too_large(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A body over the limit is refused in Slack's shape."""
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        refusal = invalid_arguments(f"the body must be no longer than {LARGEST_BODY} bytes")
        return web.json_response(refusal.body(), status=413)
