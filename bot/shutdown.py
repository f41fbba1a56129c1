"""The end of the process: one deadline for all parts, and no wait for a thread beyond it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import structlog

log = structlog.get_logger()

STOP_SECONDS = 9.0  # from the signal to the end; containers are killed after ten
CLOSE_SECONDS = 0.5
CANCEL_SECONDS = 0.3  # for a part to cancel what it waited for in vain


class Shutdown:
    """The time there is to stop, shared by all parts; it begins to run out at `begin`, or with the first part."""

    def __init__(self) -> None:
        self._deadline: float | None = None  # in the loop's time

    @property
    def has_begun(self) -> bool:
        return self._deadline is not None

    def begin(self) -> float:
        """The instant, in the loop's time, by which all is to be over."""
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + STOP_SECONDS
        return self._deadline

    def left(self, most: float) -> float:
        """How many seconds a part may take that wants so many."""
        return max(0.0, min(most, self.begin() - asyncio.get_running_loop().time()))

    def stops(
        self, stack: AsyncExitStack, part: str, stop: Callable[[], Awaitable[object]], seconds: float = CLOSE_SECONDS
    ) -> None:
        """Have a part stopped in its turn; one that fails or hangs does not keep the others from it."""

        async def bounded() -> None:
            try:
                async with asyncio.timeout(self.left(seconds + CANCEL_SECONDS)):
                    await stop()
            except TimeoutError:
                log.warning("a part did not stop in time", part=part)
            except Exception:
                log.exception("a part failed while it stopped", part=part)

        stack.push_async_callback(bounded)

    async def end_threads(self) -> None:
        """Let database threads finish until the deadline; then the process ends, and their work is rolled back."""
        ending = asyncio.create_task(asyncio.get_running_loop().shutdown_default_executor())
        done, _ = await asyncio.wait({ending}, timeout=self.left(STOP_SECONDS))
        if not done:
            log.warning("a thread is still at work; what it has not written is rolled back")
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)  # asyncio and the interpreter would both wait for it without limit
