"""How an ordered fault looks to the client that meets it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.faults.faults import Fault
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State

HELD_SECONDS = 120.0
Serve = Callable[[], Awaitable[web.Response]]


@dataclass(frozen=True)
class Attempt:
    """One request by its recorded name, with its arguments."""

    state: State
    request: web.Request
    name: str
    args: Json

    def record(self, outcome: str) -> None:
        self.state.calls.record(self.name, self.args, outcome, self.state.clock.iso())

    async def served(self, serve: Serve) -> web.StreamResponse:
        """What `serve` answers, unless a fault was ordered for this request."""
        fault = self.state.faults.take(self.name, self.args)
        return await serve() if fault is None else await self._failed(fault, serve)

    async def _failed(self, fault: Fault, serve: Serve) -> web.StreamResponse:
        match fault.kind:
            case "429":
                return self.rate_limited(fault.retry_after)
            case "error":
                self.record(fault.error)
                return web.json_response(SlackError(fault.error).body())
            case "500" | "502" | "503" | "504":
                self.record(f"http_{fault.kind}")
                return web.Response(status=int(fault.kind), text="<h1>Server Error</h1>", content_type="text/html")
            case "delay":
                await self.state.clock.sleep(fault.seconds)
                return await serve()
            case "cut_body":
                return await self._cut(await serve())
            case "timeout":
                self.record("timeout")
                await self.state.clock.sleep(HELD_SECONDS)
            case "drop":
                self.record("dropped")
            case "drop_after_accept":
                await serve()
        return self._hung_up()

    def rate_limited(self, retry_after: int | None) -> web.Response:
        """HTTP 429; seconds of None leave Retry-After out."""
        self.record("ratelimited")
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return web.json_response(SlackError("ratelimited").body(), status=429, headers=headers)

    async def _cut(self, whole: web.Response) -> web.StreamResponse:
        """The headers and half of the body that they promise, then nothing."""
        body = whole.body if isinstance(whole.body, bytes) else b""
        begun = web.StreamResponse(status=whole.status, headers={"Content-Length": str(len(body))})
        begun.content_type = whole.content_type
        await begun.prepare(self.request)
        await begun.write(body[: len(body) // 2])
        self._hung_up()
        return begun

    def _hung_up(self) -> web.Response:
        """Close the connection instead of answering; what is returned reaches nobody."""
        if self.request.transport is not None:
            self.request.transport.close()
        return web.Response()
