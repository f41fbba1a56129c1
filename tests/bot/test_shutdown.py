"""All parts of a stop share one deadline, and none keeps the others from theirs."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from structlog.testing import capture_logs

from bot import shutdown
from bot.shutdown import Shutdown


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_parts_that_hang_or_fail_do_not_keep_others_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown, "STOP_SECONDS", 0.05)
    stopped: list[str] = []

    async def well() -> None:
        stopped.append("well")

    async def badly() -> None:
        raise ZeroDivisionError

    ending = Shutdown()
    with capture_logs() as logged:
        async with asyncio.timeout(30), AsyncExitStack() as stack:
            ending.stops(stack, "last", well)
            ending.stops(stack, "third", for_ever)
            ending.stops(stack, "second", for_ever, 60)
            ending.stops(stack, "first", badly)

    assert stopped == ["well"]
    assert [(entry["part"], entry["log_level"]) for entry in logged] == [
        ("first", "error"),
        ("second", "warning"),
        ("third", "warning"),
    ]


async def test_what_is_left_only_grows_less(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = Shutdown()
    assert ending.left(2) == 2
    first = ending.begin()
    assert ending.begin() == first
    assert ending.left(60) <= shutdown.STOP_SECONDS
    monkeypatch.setattr(ending, "_deadline", asyncio.get_running_loop().time() - 1)

    assert ending.left(60) == 0
