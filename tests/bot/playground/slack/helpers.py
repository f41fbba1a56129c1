"""A person at the page, a bare Socket Mode client, and waiting without sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.waiting import HANGS

Json = dict[str, Any]
Socket = aiohttp.ClientWebSocketResponse
Connect = Callable[[], Awaitable[None]]


class Person:
    """Someone at the web page."""

    def __init__(self, server: SlackServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self._http = http

    async def get(self, path: str, **query: str) -> Any:
        async with self._http.get(f"{self.server.url}{path}", params=query) as answer:
            return await answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        async with self._http.post(f"{self.server.url}{path}", json=body) as answer:
            return await answer.json()

    async def say(self, text: str, channel: str = "C00000002", **more: Any) -> Any:
        return await self.post("/_page/send", channel=channel, text=text, **more)

    async def sees(self, channel: str = "C00000002", **query: str) -> list[dict[str, Any]]:
        return (await self.get("/_page/messages", channel=channel, **query))["messages"]

    async def advance(self, seconds: float) -> None:
        await self.post("/_ctl/clock", advance_seconds=seconds)


async def until(holds: Callable[[], Any]) -> None:
    """Give the event loop turns until something holds; the test's own timeout ends a vain wait."""
    async with asyncio.timeout(HANGS):
        while not holds():  # noqa: ASYNC110 - what is waited for belongs to a client without events
            await asyncio.sleep(0)


async def connected(server: SlackServer, http: aiohttp.ClientSession) -> Socket:
    answer = await AsyncWebClient(base_url=server.api_url).apps_connections_open(app_token=server.app_token)
    socket = await http.ws_connect(answer["url"])
    assert (await socket.receive_json())["type"] == "hello"
    return socket


async def ack(socket: Socket, envelope: Json, **payload: Any) -> None:
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": payload})
