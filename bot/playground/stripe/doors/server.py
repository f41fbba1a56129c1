"""A local Stripe on 127.0.0.1 that any Stripe client can read from."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.clock import Clock
from bot.playground.pages import only_local, page_routes
from bot.playground.stripe.billing.billing import Billing
from bot.playground.stripe.doors import api, errors
from bot.playground.stripe.doors.control import Control
from bot.playground.stripe.doors.errors import StripeError
from bot.playground.stripe.doors.faults import Fault
from bot.playground.stripe.doors.served import Served, Story
from bot.playground.stripe.store import dump

VERSION: Final = "2026-10-28.endive"
DEFAULT_KEY: Final = "rk_test_51KettleLocalPlaygroundKey00000000000"
PAGE = Path(__file__).parent.parent / "page"
_HANG = 3_600.0  # a fault of kind "timeout" answers after an hour, which is never


class StripeServer(Served):
    """Serves the objects of `billing` on a socket; the calendar goes on with every request."""

    def __init__(
        self,
        billing: Billing,
        clock: Clock,
        *,
        api_key: str = DEFAULT_KEY,
        per_second: int = 0,
        stories: Mapping[str, Story] | None = None,
    ) -> None:
        super().__init__(billing, clock, api_key=api_key, per_second=per_second, stories=stories)
        self._requests = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one, `url` tells which. Raises OSError when the port is taken."""
        app = web.Application(middlewares=[only_local])
        app.add_routes(page_routes(PAGE))
        Control(self).add_to(app)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, handler_cancellation=True)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError:
            await self.stop()
            raise
        host, chosen = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{chosen}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self._requests += 1
        version = request.headers.get("Stripe-Version", VERSION)
        headers = {"Request-Id": f"req_{self._requests:014d}", "Stripe-Version": version}
        try:
            body, fault = self._answer(request, version)
        except StripeError as error:
            return web.json_response(error.body, status=error.status, headers=headers | error.headers, dumps=dump)
        if fault:
            return await _spoil(request, body, fault, headers)
        return web.Response(text=body, content_type="application/json", headers=headers)

    def _answer(self, request: web.Request, version: str) -> tuple[str, Fault | None]:
        self.calls.count(request.method, api.endpoint(request.path), version)
        self.keys.admit(request.headers.get("Authorization"))
        if request.method != "GET":
            errors.unknown_address(request.method, request.path)
        fault = self.faults.next(request.path)
        kind = api.kind(request.path)
        self.pace.check(api.endpoint(request.path))
        self.keys.permit(kind, self.store.account["id"])
        self.advance()
        pairs = list(request.query.items())
        since, most = self.billing.books.events_since, self.rows_of_a_page
        return api.answer(self.store, request.path, pairs, since, most), fault


async def _spoil(request: web.Request, body: str, fault: Fault, headers: dict[str, str]) -> web.StreamResponse:
    """Answer as badly as the fault asks: not at all, by hanging up, or with half of the body."""
    transport = request.transport
    if fault.kind == "timeout":
        await asyncio.sleep(_HANG)
    response = web.StreamResponse(headers=headers | {"Content-Type": "application/json"})
    if fault.kind == "cut_body":
        raw = body.encode()
        response.content_length = len(raw)
        await response.prepare(request)
        await response.write(raw[: len(raw) // 2])
    if transport:
        transport.abort() if fault.kind == "drop" else transport.close()
    return response
