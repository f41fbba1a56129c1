"""A form is answered in time, whatever its saving does."""

import asyncio

import pytest

from bot.errors import Denied
from handlers import saving

SORRY = "Please press Save again."


async def test_saving_that_takes_longer_than_slack_waits_is_called_off_and_owned_up_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called_off = asyncio.Event()

    async def endless() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            called_off.set()
        return "saved"

    monkeypatch.setattr(saving, "PATIENCE", 0)
    assert await saving.saved_in_time(endless(), SORRY) == SORRY
    assert called_off.is_set()


async def test_a_refusal_names_no_mention_at_a_field() -> None:
    async def refused() -> str:
        raise Denied("Ask <@U1> or <@U2> to give you the role.")

    assert await saving.saved_in_time(refused(), SORRY) == "Ask a Kahvi admin to give you the role."


async def test_what_was_saved_in_time_is_given_on() -> None:
    async def quick() -> int:
        return 7

    assert await saving.saved_in_time(quick(), SORRY) == 7
