"""The one HTTP server: small bodies, short answers, its own log lines without a word of what came."""

import asyncio
import logging
from collections.abc import Iterable

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SettingsError

log = structlog.get_logger()

LARGEST_BODY = 1024 * 1024
READ_SECONDS = 10.0


async def read_body(request: web.Request) -> bytes:
    """The whole body; an HTTPException when it is too large, too slow, or not what its headers say."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError, ValueError):
        raise web.HTTPBadRequest from None


@web.middleware
async def calm(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever happens in one word; senders try again after 503."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        headers = {"Allow": refusal.headers["Allow"]} if "Allow" in refusal.headers else None
        return web.Response(status=refusal.status, text=refusal.reason, headers=headers)
    except (SQLAlchemyError, TimeoutError) as error:
        log.warning("a request cannot be taken now", error=type(error).__name__)
        return web.Response(status=503, text="Try again")
    except Exception:
        log.exception("a request failed")
        return web.Response(status=500, text="Failed")


class WebServer:
    """Serves the routes on one address until stopped."""

    def __init__(self, routes: Iterable[web.RouteDef]) -> None:
        app = web.Application(middlewares=[calm], client_max_size=LARGEST_BODY)
        app.add_routes(routes)
        quiet = logging.getLogger("kahvi.web")
        quiet.setLevel(logging.CRITICAL)  # its lines quote what was sent
        self._runner = web.AppRunner(app, access_log=None, logger=quiet, handle_signals=False, shutdown_timeout=1)

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, a free one for 0. Raises SettingsError when the address cannot be had."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"KAHVI_HTTP_HOST and KAHVI_HTTP_PORT name {host}:{port}, where nothing can listen"
                f" ({error.strerror or type(error).__name__}); set another port, or 0 for none."
            ) from None
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()
