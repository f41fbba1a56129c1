"""What goes to the app: over its request URLs where it has them, else over Socket Mode; with the faults ordered."""

from contextlib import suppress

from bot.playground.slack.doors.errors import NoConnectionError, RefusedByAppError
from bot.playground.slack.doors.request_urls import RequestUrls
from bot.playground.slack.doors.retry import FIRST, Retry
from bot.playground.slack.doors.sockets import Sockets
from bot.playground.slack.faults.faults import Fault, Faults
from bot.playground.slack.world.background import Background
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Json

ACK_WITHIN = 3.0
UNDELIVERED = (NoConnectionError, RefusedByAppError, TimeoutError)


class Outbound:
    """Raises NoConnectionError, RefusedByAppError, and TimeoutError when nobody answers within 3 s."""

    def __init__(
        self, clock: Clock, background: Background, faults: Faults, sockets: Sockets, request_urls: RequestUrls
    ) -> None:
        self._clock = clock
        self._background = background
        self._faults = faults
        self._sockets = sockets
        self._request_urls = request_urls

    async def deliver(self, kind: str, payload: Json, retry: Retry = FIRST) -> Json:
        """Hand over one payload of `kind` as Socket Mode names them; the app's answer, empty when it said nothing."""
        fault = self._faults.take(kind, payload)
        if fault is not None:
            await self._fail(fault, kind, payload, retry)
        return await self._hand_over(kind, payload, retry)

    async def deliver_quietly(self, kind: str, payload: Json) -> None:
        """The same where nobody waits for the answer."""
        with suppress(*UNDELIVERED):
            await self.deliver(kind, payload)

    async def _hand_over(self, kind: str, payload: Json, retry: Retry) -> Json:
        way = self._request_urls if self._request_urls.in_use else self._sockets
        if way is self._sockets and not self._sockets.count:
            raise NoConnectionError
        return await self._clock.within(ACK_WITHIN, way.deliver(kind, payload, retry))

    async def _fail(self, fault: Fault, kind: str, payload: Json, retry: Retry) -> None:
        match fault.kind:
            case "delay":
                await self._clock.sleep(fault.seconds)
            case "duplicate":
                self._background.run(self._once_more(kind, payload, retry))
            case "drop_after_accept":
                with suppress(*UNDELIVERED):
                    await self._hand_over(kind, payload, retry)
                raise TimeoutError
            case _:
                await self._clock.sleep(ACK_WITHIN)
                raise TimeoutError

    async def _once_more(self, kind: str, payload: Json, retry: Retry) -> None:
        with suppress(*UNDELIVERED):
            await self._hand_over(kind, payload, retry)
