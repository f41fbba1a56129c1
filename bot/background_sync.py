"""Keeps facts and ledger fresh while the bot runs: small polls here, a read of everything in a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process

import structlog

from bot.errors import SourceBusy, SourceError
from bot.settings import Settings, environment
from bot.sync import Sync

log = structlog.get_logger()

CHILD = "--child"  # of `kahvi sync`: stop when the parent is gone
FULL = "--full"
STOP_SECONDS = 3.0


class Reading:
    """Reads the billing source once at each `poll`; `in_child` False reads everything in this process too."""

    def __init__(self, settings: Settings, sync: Sync, *, in_child: bool = True) -> None:
        self._settings = settings
        self._sync = sync
        self._in_child = in_child
        self._child: Process | None = None
        self._alone = asyncio.Lock()

    async def poll(self) -> bool:
        """Bring facts and ledger up to date; False, and a line in the log that says why, when that failed.

        One poll waits for another. What another process is reading now is as fresh as it can be, once it was whole.
        """
        try:
            async with self._alone:
                return await self._read()
        except SourceBusy as error:
            log.debug("the billing source is being read", reason=str(error))
            return await self.is_whole()
        except SourceError as error:
            log.warning("the billing source could not be read", reason=str(error))
            return False
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            log.exception("the billing data could not be brought up to date; it is tried again", reason=reason)
            return False

    async def is_whole(self) -> bool:
        """Whether everything was read once."""
        return (await self._sync.state()).completed_at is not None

    async def _read(self) -> bool:
        state = await self._sync.state()
        if state.completed_at and await self._sync.catch_up():
            return True
        log.info("everything is read from the billing source; this can take minutes")
        return await self._read_all(again=state.completed_at is not None)

    async def _read_all(self, *, again: bool) -> bool:
        if not self._in_child:
            await self._sync.read_all()
            return True
        # Its standard input is a pipe from us: it ends when we do, however we do.
        arguments = ("-m", "bot", "sync", CHILD, *([FULL] if again else []))
        self._child = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=PIPE, env={**os.environ, **environment(self._settings)}
        )
        code = await self._child.wait()
        self._child = None
        if code == os.EX_TEMPFAIL:
            raise SourceBusy("Another process is reading everything now.")
        if code == 0:
            log.info("everything was read")
        else:
            state = await self._sync.state()
            log.warning("reading everything ended early", code=code, reason=state.error if state.failing else None)
        return code == 0

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End a read of everything, within this time; the next one goes on from its last page."""
        if self._child is None or self._child.returncode is not None:
            return
        child = self._child
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), seconds)
        except TimeoutError:
            child.kill()
            await child.wait()
