"""Posts are written together, each caller learns of its own, and one that cannot be written takes no other along."""

import asyncio
from typing import Any, cast

import pytest

from bot.slack.posted import Posted, Posts
from storage.outbox_claims import Claimed


def message(number: int) -> Claimed:
    return cast(Any, number)  # only handed on


class Written:
    def __init__(self, poison: int | None = None) -> None:
        self.groups: list[list[int]] = []
        self._poison = poison

    async def __call__(self, posts: Posts) -> None:
        await asyncio.sleep(0)
        numbers = [cast(int, one) for one, _ in posts]
        if self._poison in numbers:
            raise ValueError("poison")
        self.groups.append(numbers)


async def test_what_comes_during_a_write_goes_together_into_the_next() -> None:
    written = Written()
    posted = Posted(written)

    await asyncio.gather(*(posted.add(message(number), "1.0") for number in range(5)))
    await posted.add(message(5), "1.0")

    assert written.groups == [[0, 1, 2, 3, 4], [5]]


async def test_one_that_cannot_be_written_takes_no_other_along() -> None:
    written = Written(poison=1)
    posted = Posted(written)

    outcomes = await asyncio.gather(
        *(posted.add(message(number), "1.0") for number in range(3)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert written.groups == [[0], [2]]
    with pytest.raises(ValueError, match="poison"):
        await posted.add(message(1), "1.0")


async def test_who_no_longer_waits_does_not_keep_the_rest_from_learning() -> None:
    written = Written()
    posted = Posted(written)
    gone = asyncio.create_task(posted.add(message(0), "1.0"))
    stays = asyncio.create_task(posted.add(message(1), "1.0"))
    await asyncio.sleep(0)

    gone.cancel()
    await stays

    assert written.groups == [[0, 1]]
