import asyncio

from structlog.testing import capture_logs

from bot.tasks import Tasks
from tests.waiting import HANGS


async def test_work_runs_after_its_caller_and_is_awaited_at_the_stop() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("work")

    tasks = Tasks()
    with tasks.held() as begun:
        tasks.start("work", work())
    await asyncio.sleep(0)
    done.append("ack")
    begun.answered.set()
    await tasks.drain(5)

    assert done == ["ack", "work"]


async def test_work_that_fails_is_logged_and_harms_nobody() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with capture_logs() as logged:
        tasks = Tasks()
        tasks.start("sum", work())
        await tasks.drain(5)

    assert [(entry["event"], entry["work"]) for entry in logged] == [("work failed", "sum")]


async def test_the_stop_does_not_wait_for_ever() -> None:
    tasks = Tasks(at_once=1)
    tasks.start("sleep", asyncio.sleep(3600))
    tasks.start("its turn never comes", asyncio.sleep(3600))
    async with asyncio.timeout(HANGS):
        await tasks.drain(0.01)


async def test_only_so_many_run_together() -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    tasks = Tasks(at_once=2)
    for number in range(6):
        tasks.start(f"work {number}", work())
    await tasks.drain(5)

    assert most == 2
