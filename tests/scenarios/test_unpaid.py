"""A customer whom billing gives up as unpaid, in the running bot: card, lists and ledger agree."""

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import owed
from bot.playground.slack.client import Control, Person
from storage import ledger, tunings
from storage.states import MovementKind
from storage.tunings import ACCESS
from tests.bot.playground.slack.helpers import until
from tests.bot.web.opened import Open, opened
from tests.company import OPEN

CS = "C00000001"
CALM: dict[str, Any] = {"high_value_mrr": 1, "alert_settle_minutes": 0, "quiet_hours": "none", "free_days": "none"}


async def test_whom_billing_gives_up_as_unpaid_has_left_everywhere_and_may_come_back(tmp_path: Path) -> None:
    async with opened(tmp_path, **CALM) as doors, Control(doors.slack.url) as control:
        aino, billing = control.person("aino", CS), doors.kettle.company.billing
        await set_up(doors)
        customer = next(
            one["customer"]
            for one in doors.kettle.company.store["subscriptions"]
            if one["status"] == "active" and one["collection_method"] == "charge_automatically"
        )
        name = doors.kettle.company.store["customers"][customer]["name"]
        billing.books.habits[customer].when_exhausted = "unpaid"

        await after(doors, lambda: [billing.fail_payment(customer) for _ in range(2)])
        await until(lambda: [one for one in cards(doors, name) if "failed twice" in one])
        assert name in await answer(doors, aino, "/at-risk all")

        await after(doors, lambda: [billing.fail_payment(customer) for _ in range(2)])
        await until(lambda: [one for one in cards(doors, name) if "Closed: They left on 2 Nov 2026" in one])
        assert name not in await answer(doors, aino, "/at-risk all")

        doors.kettle.later(days=3)
        saves = await answer(doors, aino, "/at-risk saves 30d")
        assert name in saves
        assert "left on 2 Nov 2026" in saves
        await after(doors, lambda: billing.recover_payment(customer))
        story = await doors.bot.services.database.read(ledger.story, customer)
        assert [one.kind for one in story][-2:] == [MovementKind.CHURN, MovementKind.REACTIVATION]
        assert len([one for one in cards(doors, name) if "They left on" in one]) == 1


async def set_up(doors: Open) -> None:
    write, now = doors.bot.services.database.write, doors.kettle.now
    wish: dict[str, Any] = {"at": time(8), "zone": ZoneInfo("UTC"), "weekdays": frozenset[int](), "alerts": True}
    await write(owed.set_up, CS, **wish, user=doors.slack.state.me, now=now)
    await write(tunings.choose, OPEN, "tests", now, ACCESS)


async def after(doors: Open, act: Callable[[], object]) -> None:
    """Something happens in billing, and Kahvi reads it."""
    doors.kettle.later(minutes=1)
    act()
    doors.kettle.later(minutes=1)
    assert await doors.bot.read()


def cards(doors: Open, name: str) -> list[str]:
    return [one.text for one in doors.slack.state.messages.timeline(CS) if one.text.startswith(name)]


async def answer(doors: Open, person: Person, command: str) -> str:
    before = len(await person.sees())
    await person.types(command)
    await doors.bot.services.tasks.drain(20)
    await until(lambda: len(doors.slack.state.messages.seen_by(CS, doors.slack.state.me, None)) > before)
    return str(await person.last())
