"""The HTTP server answers whatever happens in one word, and lets nothing of what came into the log."""

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.errors import SettingsError
from bot.web.server import WebServer

LOCKED = OperationalError("insert", {}, Exception("database is locked: Secret Customer Oy"))


async def answered(error: Exception) -> tuple[int, str]:
    """What a route that fails like this answers over a socket."""

    async def failing(_: web.Request) -> web.Response:
        raise error

    server = WebServer([web.get("/", failing)])
    port = await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/") as got:
            return got.status, await got.text()
    finally:
        await server.stop()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (LOCKED, (503, "Try again")),
        (TimeoutError("Secret Customer Oy"), (503, "Try again")),
        (web.HTTPConflict(text="Secret Customer Oy"), (409, "Conflict")),
    ],
)
async def test_what_fails_is_answered_in_a_word(error: Exception, answer: tuple[int, str]) -> None:
    with capture_logs() as logged:
        assert await answered(error) == answer
    assert "Secret" not in str(logged)


async def test_an_address_that_is_taken_is_named() -> None:
    first, second = WebServer([]), WebServer([])
    port = await first.start("127.0.0.1", 0)
    try:
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}, where nothing can listen"):
            await second.start("127.0.0.1", port)
    finally:
        await first.stop()


async def test_what_nobody_foresaw_is_logged_as_an_error() -> None:
    with capture_logs() as logged:
        assert await answered(ZeroDivisionError()) == (500, "Failed")
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [("a request failed", "error")]
