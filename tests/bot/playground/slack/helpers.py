"""A person at the page, and waiting without sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from bot.playground.slack import SlackServer

Json = dict[str, Any]
Connect = Callable[[], Awaitable[None]]


class Person:
    """Someone at the web page."""

    def __init__(self, server: SlackServer, http: aiohttp.ClientSession) -> None:
        self._server = server
        self._http = http

    async def get(self, path: str, **query: str) -> Any:
        async with self._http.get(f"{self._server.url}{path}", params=query) as answer:
            return await answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        async with self._http.post(f"{self._server.url}{path}", json=body) as answer:
            return await answer.json()

    async def say(self, text: str, channel: str = "C00000002", **more: Any) -> Any:
        return await self.post("/_page/send", channel=channel, text=text, **more)

    async def sees(self, channel: str = "C00000002", **query: str) -> list[dict[str, Any]]:
        return (await self.get("/_page/messages", channel=channel, **query))["messages"]

    async def advance(self, seconds: float) -> None:
        await self.post("/_ctl/clock", advance_seconds=seconds)


async def until(holds: Callable[[], Any]) -> None:
    """Give the event loop turns until something holds; the test's own timeout ends a vain wait."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for belongs to a client without events
            await asyncio.sleep(0)
