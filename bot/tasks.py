"""Work that goes on after Slack was answered: bounded, logged when it fails, awaited at the stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Tasks:
    """Runs coroutines in the background, at most `at_once` together; the others wait their turn.

    Work begins `head_start` seconds after it was noted, so that the ack is on its way before it takes the loop.
    """

    def __init__(self, at_once: int = 16, head_start: float = 0) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._head_start = head_start
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        """Run `work` soon; its errors are logged under `name`, never raised here."""
        task = asyncio.create_task(self._run(name, work), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drain(self, seconds: float) -> None:
        """Wait for all started work, and cancel what is not done in time."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        try:
            async with self._turn:
                await asyncio.sleep(self._head_start)
                await work
        except Exception:
            log.exception("work failed", work=name)
        finally:
            work.close()  # it may never have begun
