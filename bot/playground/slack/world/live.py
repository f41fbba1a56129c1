"""What the web page is told as it happens."""

import asyncio
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from bot.playground.slack.world.models import Json

BACKLOG = 1000


@dataclass(eq=False)
class _Page:
    """An open page; `person` empty for whoever sits at it."""

    socket: web.WebSocketResponse
    person: str
    queue: asyncio.Queue[Json | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))


class Live:
    """One queue per open page; a page that reads too slowly loses its connection and starts afresh.

    `sitting` tells who sits at the pages that name nobody.
    """

    def __init__(self, sitting: Callable[[], str]) -> None:
        self._sitting = sitting
        self._pages: list[_Page] = []

    @property
    def watched(self) -> bool:
        """Whether any page is open."""
        return bool(self._pages)

    async def connect(self, request: web.Request, person: str = "") -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=64 * 1024)
        await socket.prepare(request)
        page = _Page(socket, person)
        self._pages.append(page)
        reader = asyncio.create_task(self._until_closed(socket, page.queue))
        try:
            await self._write(socket, page.queue)
        finally:
            self._leave(page)
            reader.cancel()
            await socket.close()
        return socket

    def _leave(self, page: _Page) -> None:
        if page in self._pages:
            self._pages.remove(page)

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

    def push(self, news: Json, *, to: Container[str] | None = None) -> None:
        """Tell the pages of these people, or all."""
        for page in list(self._pages):
            if to is not None and (page.person or self._sitting()) not in to:
                continue
            if page.queue.full():
                self._leave(page)
                page.queue.get_nowait()
                page.queue.put_nowait(None)
            else:
                page.queue.put_nowait(news)

    def notice(self, level: Literal["error", "info"], text: str, *, to: Container[str] | None = None) -> None:
        self.push({"type": "notice", "level": level, "text": text}, to=to)

    async def close(self) -> None:
        for page in list(self._pages):
            await page.socket.close()
