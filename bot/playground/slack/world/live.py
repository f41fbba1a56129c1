"""What the web page is told as it happens."""

import asyncio
from contextlib import suppress
from typing import Literal

from aiohttp import web

from bot.playground.slack.world.models import Json

BACKLOG = 1000


class Live:
    """One queue per open page; a page that reads too slowly loses its connection and starts afresh."""

    def __init__(self) -> None:
        self._pages: dict[web.WebSocketResponse, asyncio.Queue[Json | None]] = {}

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=64 * 1024)
        await socket.prepare(request)
        queue: asyncio.Queue[Json | None] = asyncio.Queue(BACKLOG)
        self._pages[socket] = queue
        reader = asyncio.create_task(self._until_closed(socket, queue))
        try:
            await self._write(socket, queue)
        finally:
            self._pages.pop(socket, None)
            reader.cancel()
            await socket.close()
        return socket

    async def _until_closed(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Json | None]) -> None:
        async for _ in socket:
            continue
        with suppress(asyncio.QueueFull):
            queue.put_nowait(None)

    async def _write(self, socket: web.WebSocketResponse, queue: asyncio.Queue[Json | None]) -> None:
        while (news := await queue.get()) is not None:
            with suppress(ConnectionError):
                await socket.send_json(news)
            if socket.closed:
                return

    def push(self, news: Json) -> None:
        for socket, queue in list(self._pages.items()):
            if queue.full():
                self._pages.pop(socket)
                queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(news)

    def notice(self, level: Literal["error", "info"], text: str) -> None:
        self.push({"type": "notice", "level": level, "text": text})

    async def close(self) -> None:
        for socket in list(self._pages):
            await socket.close()
