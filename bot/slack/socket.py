"""The Socket Mode connection, watched: one that looks alive and is silent is replaced.

The client pings and reconnects by itself; this looks from outside whether that still works. What is heard of Slack,
answers to pings too, is the only sign of life that counts.
"""

import asyncio

import structlog
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import KahviError
from bot.settings import Settings
from bot.slack import connection

log = structlog.get_logger()

LOOK_SECONDS = 5.0
SILENT_SECONDS = 45.0  # the client pings every ten
QUIET_SECONDS = 1800.0  # without anything delivered: pings may be answered by what stands between us and Slack
OPEN_SECONDS = 10.0


class Socket:
    """One connection at a time, replaced by a new one when it has been `silent` or `quiet` for so many seconds."""

    def __init__(
        self,
        app: AsyncApp,
        settings: Settings,
        client: AsyncWebClient,
        *,
        look: float = LOOK_SECONDS,
        silent: float = SILENT_SECONDS,
        quiet: float = QUIET_SECONDS,
    ) -> None:
        self._app = app
        self._settings = settings
        self._client = client
        self._look, self._silent, self._quiet = look, silent, quiet
        self._handler: AsyncSocketModeHandler | None = None
        self._heard = self._delivered = 0.0  # in the loop's time
        self._pong: float | None = None

    @property
    def connected(self) -> bool:
        """Whether Slack was heard of lately on a connection that is open."""
        session = self._handler.client.current_session if self._handler else None
        return session is not None and not session.closed and self._silence() < self._silent

    async def open(self) -> None:
        """Connect; errors as in `connection.socket_address`."""
        handler = await connection.connect(self._app, self._settings, self._client)
        handler.client.on_message_listeners.append(self._on_message)
        self._handler, self._pong = handler, None
        self._heard = self._delivered = asyncio.get_running_loop().time()

    async def close(self) -> None:
        if self._handler:
            await connection.let_go(self._handler)

    async def watch(self) -> None:
        """Look after the connection until cancelled."""
        while True:
            await asyncio.sleep(self._look)
            self._listen_for_pongs()
            now = asyncio.get_running_loop().time()
            if self._silence() >= self._silent or now - self._delivered >= self._quiet:
                await self._replace()

    async def _replace(self) -> None:
        """The new one first, so that Slack always has one to deliver to."""
        log.info("the connection to Slack is replaced", silent_seconds=round(self._silence(), 1))
        old = self._handler
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self.open()
        except (KahviError, TimeoutError) as error:
            log.warning("no new connection to Slack yet", reason=type(error).__name__)
            return
        if old is not None:
            await connection.let_go(old)

    def _silence(self) -> float:
        return asyncio.get_running_loop().time() - self._heard

    def _listen_for_pongs(self) -> None:
        """The client keeps when it sent the last ping that was answered, by a clock that may be set."""
        pong = self._handler.client.last_ping_pong_time if self._handler else None
        if pong is not None and pong != self._pong:
            self._pong, self._heard = pong, asyncio.get_running_loop().time()

    async def _on_message(self, _: WSMessage) -> None:
        self._heard = self._delivered = asyncio.get_running_loop().time()
