"""An account is erased while its cards and forms stand open in Slack: nothing of it comes back."""

from collections.abc import Awaitable, Callable

import pytest

from storage import journal
from tests.bot.test_erasing import erase, everything
from tests.handlers.conftest import Stage, words
from tests.handlers.test_exit_interview import NOTED, REALLY, fills, opens, types
from tests.handlers.test_journal import filled

WROTE = "Fishermen of Inari told us so"


async def left(stage: Stage) -> list[str]:
    """Where the id of the account or what was typed about it stands; deliveries are forgotten after some days."""
    rows = (await stage.services.database.read(everything)).splitlines()
    told = [row for row in rows if not row.startswith("inbox ")]
    return [row for row in told if '"gone"' in row or ":gone:" in row or WROTE in row]


async def note(stage: Stage) -> str:
    await stage.types("/account gone fishing")
    await stage.presses(await stage.last(), "Log note")
    await stage.services.database.write(erase, "gone")
    return str((await stage.submits(**filled(WROTE)))["errors"]["text"])


async def interview(stage: Stage) -> str:
    await opens(stage, "gone fishing")
    await stage.services.database.write(erase, "gone")
    await types(stage, NOTED, WROTE)
    return str((await fills(stage, {NOTED: WROTE, REALLY: "Budget cut"}))[NOTED])


async def contacts(stage: Stage) -> str:
    await stage.types("/account gone fishing")
    await stage.presses(await stage.last(), "More")
    await stage.presses(await stage.last(), "Contacts")
    await stage.services.database.write(erase, "gone")
    answer = await stage.submits(people={"type": "plain_text_input", "value": WROTE})
    return str(answer["errors"]["people"])


async def buttons(stage: Stage) -> str:
    await stage.types("/account gone fishing")
    card = await stage.last()
    await stage.services.database.write(erase, "gone")
    for label in ("More", "Timeline", "Log note", "Share here"):
        await stage.presses(card, label)
    return words(await stage.last())


@pytest.mark.parametrize("way", [note, interview, contacts, buttons], ids=lambda way: way.__name__)
async def test_nothing_comes_back_of_what_is_erased_meanwhile(
    stage: Stage, way: Callable[[Stage], Awaitable[str]]
) -> None:
    assert "no longer know this account" in await way(stage)
    assert await left(stage) == []
    assert await stage.services.database.read(journal.of_account, "gone") == []
