"""What Slack may have lost is settled by the press of whoever is asked."""

from datetime import timedelta
from typing import Any

import pytest

from bot.playground.slack.faults.faults import Fault
from bot.slack.delivery import LEASE
from storage import doubtful, outbox
from tests.handlers.conftest import Stage, words


@pytest.fixture
async def question(stage: Stage) -> dict[str, Any]:
    """A direct message to Aino gets no answer, and nobody may look whether it came; so she is asked."""
    aino = stage.server.state.me
    await stage.services.database.write(outbox.put, "card", aino, "Acme is at risk", [], now=stage.now)
    await stage.slack.fault(Fault("chat.postMessage", "500", channel=aino))
    await stage.deliver()
    stage.now += LEASE
    for _ in range(2):
        await stage.deliver()
    stage.channel = stage.server.state.workspace.direct_message(aino).id
    return await stage.last()


async def seen(stage: Stage) -> list[str]:
    return [words(message) for message in await stage.sees()]


async def test_one_that_is_missing_is_posted_again(stage: Stage, question: dict[str, Any]) -> None:
    await stage.presses(question, "Post again")
    await stage.deliver()

    assert (await seen(stage))[-1] == "Acme is at risk"
    assert not any("gave no answer" in one for one in await seen(stage))


async def test_one_that_is_there_is_left(stage: Stage, question: dict[str, Any]) -> None:
    await stage.presses(question, "It is there")
    await stage.deliver()

    assert "Acme is at risk" not in await seen(stage)
    assert not any("gave no answer" in one for one in await seen(stage))
    later = stage.now + timedelta(days=30)
    assert not await stage.services.database.read(doubtful.old, later)  # nobody is asked again


async def test_a_guest_settles_nothing(stage: Stage, question: dict[str, Any]) -> None:
    stage.server.state.workspace.users[stage.server.state.me].is_restricted = True

    await stage.presses(question, "Post again")
    await stage.deliver()

    assert "Acme is at risk" not in await seen(stage)
    assert "full members" in (await seen(stage))[-1]
