"""What stands in Slack is written down for many messages at once: a transaction of its own for each costs too much."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from storage.outbox_claims import Claimed

Posts = Sequence[tuple[Claimed, str]]
Waiting = tuple[Claimed, str, asyncio.Future[None]]
log = structlog.get_logger()


class Posted:
    """Writes posts by `write`, one transaction at a time: those that come meanwhile go into the next together."""

    def __init__(self, write: Callable[[Posts], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, message: Claimed, ts: str) -> None:
        """Return once it is written; what `write` raises if it could not be."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((message, ts, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                error = await self._failed(group)
                if error and len(group) > 1:
                    log.warning("posts could not be written together", posts=len(group), error=type(error).__name__)
                for one in group:  # what is wrong with one must not take the others along
                    _tell(one, await self._failed([one]) if error and len(group) > 1 else error)
        finally:
            self._writing = None

    async def _failed(self, group: Sequence[Waiting]) -> Exception | None:
        try:
            await self._write([(message, ts) for message, ts, _ in group])
        except Exception as error:  # noqa: BLE001 - it is raised where the post was added
            return error
        return None


def _tell(one: Waiting, error: Exception | None) -> None:
    written = one[2]
    if written.done():
        return  # nobody waits any more
    if error:
        written.set_exception(error)
    else:
        written.set_result(None)
