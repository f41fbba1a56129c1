"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

import asyncio
import secrets
import uuid
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.playground.slack.doors.errors import NoConnectionError, SlackError
from bot.playground.slack.doors.retry import FIRST, Retry
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Json
from bot.playground.strict_json import parse_json

TICKET_LIFETIME = 60.0
TICKETS_KEPT = 1000  # on a clock that stands still none runs out
CONNECTIONS = 10
LONGEST_FRAME = 1024 * 1024
ACCEPTS_PAYLOAD = frozenset({"slash_commands", "interactive"})


class Sockets:
    """Each envelope goes to exactly one open connection; whichever acknowledges it first settles it."""

    def __init__(self, clock: Clock, app_id: str) -> None:
        self._clock = clock
        self._app_id = app_id
        self._tickets: dict[str, float] = {}
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0

    @property
    def count(self) -> int:
        return len(self._open)

    def ticket(self) -> str:
        """A key to one connection; `too_many_websockets` is told on connecting, not here."""
        now = self._clock.now()
        self._tickets = {key: due for key, due in self._tickets.items() if due > now}
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = now + TICKET_LIFETIME
        if len(self._tickets) > TICKETS_KEPT:
            del self._tickets[next(iter(self._tickets))]
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        due = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if due < self._clock.now():
            return web.json_response(SlackError("invalid_ticket").body(), status=401)
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=LONGEST_FRAME)
        await socket.prepare(request)
        if len(self._open) >= CONNECTIONS:
            await _goodbye(socket, "too_many_websockets")
            return socket
        self._open.append(socket)
        try:
            await socket.send_json(self._hello(request.host))
            await self._listen(socket)
        finally:
            self._forget(socket)
        return socket

    def _hello(self, host: str) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {"host": host, "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app_id},
        }

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self._settle(frame.data)

    def _settle(self, text: str) -> None:
        try:
            ack = parse_json(text)
        except ValueError:
            return
        envelope_id = ack.get("envelope_id") if isinstance(ack, dict) else None
        waiting = self._waiting.get(envelope_id) if isinstance(envelope_id, str) else None
        if waiting is not None and not waiting.done():
            payload = ack.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)

    def _next(self) -> web.WebSocketResponse:
        usable = [socket for socket in self._open if not socket.closed]
        if not usable:
            raise NoConnectionError
        self._turn += 1
        return usable[self._turn % len(usable)]

    async def deliver(self, kind: str, payload: Json, retry: Retry = FIRST) -> Json:
        """Send one envelope and give the payload of its acknowledgement, an empty one if there was none.

        Raises NoConnectionError when nobody listens; who asks decides how long to wait.
        """
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind in ACCEPTS_PAYLOAD,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry.number, "retry_reason": retry.reason}
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        try:
            await self._send(envelope)
            return await answer
        finally:
            del self._waiting[envelope_id]

    async def _send(self, envelope: Json) -> None:
        while True:
            socket = self._next()
            try:
                await socket.send_json(envelope)
            except ConnectionError:
                self._forget(socket)
            else:
                return

    async def disconnect(self, reason: str) -> int:
        """Ask every client to come back. `warning` leaves connections in use, anything else retires them."""
        asked = list(self._open)
        for socket in asked:
            if reason != "warning":
                self._forget(socket)
            with suppress(ConnectionError):
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        return len(asked)

    async def cut(self) -> int:
        """Close every connection without a word, as a network does."""
        cut = list(self._open)
        for socket in cut:
            self._forget(socket)
            await socket.close()
        return len(cut)


async def _goodbye(socket: web.WebSocketResponse, reason: str) -> None:
    await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
    await socket.close()
