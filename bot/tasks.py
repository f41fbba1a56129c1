"""Work that goes on after Slack was answered: bounded, logged when it fails, awaited at the stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.telemetry import HANDLER_SECONDS

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """Work that a delivery of Slack's started. It waits until that is `answered`: what it tells Slack comes later."""

    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Tasks:
    """Runs coroutines in the background, at most `at_once` together; the others wait their turn."""

    def __init__(self, at_once: int = 16) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._running: set[asyncio.Task[None]] = set()
        self._begun: ContextVar[Begun | None] = ContextVar("begun", default=None)

    def start(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        """Run `work` soon; its errors are logged under `name`, never raised here."""
        begun = self._begun.get()
        task = self._spawn(name, self._in_turn(name, work, begun))
        task.add_done_callback(lambda _: work.close())  # it may never have begun
        if begun is not None:
            begun.tasks.append(task)

    @contextmanager
    def held(self) -> Iterator[Begun]:
        """The work that is started inside of this, by whatever is called there, held until it is `answered`."""
        begun = Begun()
        token = self._begun.set(begun)
        try:
            yield begun
        finally:
            self._begun.reset(token)

    def follow(self, begun: Begun, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` once all that was begun has ended, unless some was cancelled; it takes no turn."""

        async def following() -> None:
            if begun.tasks:
                await asyncio.wait(begun.tasks)
            if not any(task.cancelled() for task in begun.tasks):
                await work()

        self._spawn("follow", following())

    async def drain(self, seconds: float) -> None:
        """Wait for all work, and cancel what is not done in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._running and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._running, timeout=left)
        late = list(self._running)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _in_turn(self, name: str, work: Coroutine[Any, Any, object], begun: Begun | None) -> None:
        asked = time.perf_counter()
        try:
            if begun is not None:
                await begun.answered.wait()
            async with self._turn:
                await work
        except Exception:
            log.exception("work failed", work=name)
        finally:
            HANDLER_SECONDS.labels(name).observe(time.perf_counter() - asked)
