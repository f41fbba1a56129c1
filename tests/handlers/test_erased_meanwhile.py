"""An account is erased while its cards and forms stand open in Slack: nothing of it comes back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot import erasing
from bot.exits import prompts
from bot.risk.settings import RiskSettings
from storage import erasure, journal
from storage import facts as f
from tests.bot.test_erasing import erase, everything
from tests.company import DECLINED, FAILED, fill, running
from tests.factories import account, at
from tests.handlers.conftest import Stage, words
from tests.handlers.test_alerts import card_of, run, set_up
from tests.handlers.test_exit_interview import NOTED, REALLY, fills, opens, types
from tests.handlers.test_journal import filled
from tests.handlers.test_win_back import lists, marks_fixed, noted

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


async def test_nobody_is_called_or_asked_about_who_was_erased(stage: Stage) -> None:
    """Its bill is still open, it left lately, and for a feature that is fixed since."""
    due = replace(FAILED, id="in-van", account_id="van", subscription_id="sub-van", payment_refs=("pi-van",))
    failed = replace(DECLINED, id="py-van", account_id="van", intent_ref="pi-van")
    owed = running("van", 40, status=f.Status.PAST_DUE, status_word="past_due")
    rows: list[f.Fact] = [account("van", name="Vanishing Ltd", owner_email="ann@we.com"), owed, due, failed]
    await stage.services.database.write(fill, rows, stage.now)
    await set_up(stage)
    await run(stage)
    assert "Payment of $2,000.00" in words(await card_of(stage, "Vanishing"))
    over: dict[str, Any] = {"status": f.Status.ENDED, "status_word": "canceled", "ended_at": at(22, 11)}
    await stage.services.database.write(fill, [running("van", 40, **over)], stage.now)
    await noted(stage, "van")
    await stage.services.database.write(erase, "van")
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    for _ in range(3):
        await run(stage)
        await stage.services.database.write(prompts.ask, settings, stage.now)

    said = [words(message) for message in await stage.sees()]
    assert erasing.TOLD in said
    assert await marks_fixed(stage) == {}
    await stage.deliver()
    everywhere = [words(message) for message in await stage.slack.messages()]
    assert [text for text in (*said, *everywhere) if erasure.NAMELESS in text] == []
    assert "Nobody to win back just now" in words(await lists(stage))
