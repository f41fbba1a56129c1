"""Answers the page's own API with what a test puts in, and records what the page asks."""

import asyncio
import time
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

import bot.playground.slack
from bot.playground.pages import page_routes

Json = dict[str, Any]

PATIENCE = 60  # seconds, for a page on a busy machine
PAGE = Path(bot.playground.slack.__path__[0]) / "page"

ANN = {"id": "U1", "name": "ann", "real_name": "Ann Lind", "color": "9f69e7", "is_bot": False}
BEN = {"id": "U2", "name": "ben", "real_name": "Ben Okafor", "color": "3c989f", "is_bot": False}
KAHVI = {"id": "U9", "name": "kahvi", "real_name": "Kahvi", "color": "674b1b", "is_bot": True}
COFFEE = {
    "id": "C1",
    "name": "cs-coffee",
    "is_private": False,
    "is_member": True,
    "is_im": False,
    "topic": "",
    "unread": 0,
}
ALERTS = COFFEE | {"id": "C2", "name": "at-risk", "is_private": True}
KAHVI_DM = COFFEE | {"id": "D9", "name": "", "is_im": True, "user": "U9"}
COMMANDS = [
    {"command": "/account", "description": "One account's whole story", "usage_hint": "acme"},
    {"command": "/at-risk", "description": "Accounts that need a call", "usage_hint": ""},
    {"command": "/coffee", "description": "The figures, any way you like", "usage_hint": "mrr 12m by region"},
]


class StandIn:
    """`calls` are the (path, body) of every POST; `answers` maps a path to what it answers instead of ok."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self.home: Json | None = None
        self.clock: Json = {"now": time.time(), "still": False, "moving": False}
        self.frame: Json = {"links": [], "story": None}
        self.calls: list[tuple[str, Json]] = []
        self.answers: dict[str, Json] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.me: Json = dict(ANN)
        self.users: list[Json] = [dict(ANN), dict(BEN), dict(KAHVI)]
        self.bot: Json = {"user_id": "U9", "name": "Kahvi", "app_id": "A1"}
        self.channels = [dict(COFFEE), dict(ALERTS), dict(KAHVI_DM)]
        self.url = ""
        self._pages: set[web.WebSocketResponse] = set()
        self._listening = asyncio.Event()
        self._called = asyncio.Condition()
        self._runner = web.AppRunner(self._app(), shutdown_timeout=0.1)

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(page_routes(PAGE))
        app.router.add_get("/_page/state", self._state)
        app.router.add_get("/_page/messages", self._list)
        app.router.add_get("/_page/home", self._home)
        app.router.add_get("/_page/live", self._live)
        app.router.add_post("/_page/{path}", self._post)
        return app

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/"

    async def stop(self) -> None:
        await self.drop_pages()
        await self._runner.cleanup()

    async def drop_pages(self) -> None:
        """Cut every live connection, as a restart would."""
        for socket in list(self._pages):
            await socket.close()

    async def push(self, **event: Any) -> None:
        """Tell the page, and hold what it is told of: it may ask anew at any time."""
        if event["type"] in ("message_changed", "message_deleted"):
            told = event["message"]
            changed = [told] if event["type"] == "message_changed" else []
            self.messages = [new for m in self.messages for new in (changed if m["ts"] == told["ts"] else [m])]
        for socket in self._pages:
            await socket.send_json(event)

    async def post_message(self, **message: Any) -> Json:
        """Add a message and tell the page of it."""
        message = shown(**message)
        self.messages.append(message)
        await self.push(type="message", channel=message["channel"], message=message)
        return message

    async def connected(self) -> None:
        """Until a page listens."""
        await self._listening.wait()

    def hold(self, path: str) -> asyncio.Event:
        """POSTs to `path` are answered once the event is set."""
        return self.gates.setdefault(path, asyncio.Event())

    def bodies(self, path: str) -> list[Json]:
        """What was asked so far; `received` waits for what a click is yet to send."""
        return [body for asked, body in self.calls if asked == path]

    async def received(self, path: str, count: int = 1) -> list[Json]:
        """The bodies of at least `count` POSTs to `path`, waiting for those still under way."""
        async with asyncio.timeout(PATIENCE), self._called:
            await self._called.wait_for(lambda: len(self.bodies(path)) >= count)
        return self.bodies(path)

    async def _state(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "team": {"id": "T1", "name": "Northwind"},
                "me": self.me,
                "users": self.users,
                "channels": self.channels,
                "commands": COMMANDS,
                "bot": self.bot,
                "clock": self.clock,
                "frame": self.frame,
            }
        )

    async def _list(self, request: web.Request) -> web.Response:
        channel, thread = request.query["channel"], request.query.get("thread_ts")
        found = [m for m in self.messages if m["channel"] == channel and m.get("thread_ts") == thread]
        if thread:
            found = [m for m in self.messages if m["ts"] == thread] + found
        return web.json_response({"messages": [self._counted(message) for message in found]})

    def _counted(self, message: Json) -> Json:
        replies = [m["ts"] for m in self.messages if m.get("thread_ts") == message["ts"]]
        return message | ({"reply_count": len(replies), "latest_reply": replies[-1]} if replies else {})

    async def _home(self, _: web.Request) -> web.Response:
        return web.json_response({"view": self.home})

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._pages.add(socket)
        self._listening.set()
        async for news in socket:
            if news.type is WSMsgType.ERROR:
                break
        self._pages.discard(socket)
        return socket

    async def _post(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.calls.append((path, await request.json()))
        async with self._called:
            self._called.notify_all()
        if gate := self.gates.get(path):
            await gate.wait()
        return web.json_response(self.answers.get(path, {"ok": True}))


def shown(**message: Any) -> Json:
    """A message as the page receives it, by Kahvi into #cs-coffee unless said otherwise."""
    return {"ts": "1790000000.000100", "channel": "C1", "user": "U9", "text": "", "blocks": []} | message
