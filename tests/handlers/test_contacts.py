"""The people of a customer are set in a form, and stand on its card."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.messages.contacts_form import PEOPLE
from bot.messages.windows import CHANGED
from storage import contacts, signals
from storage.contacts import Contact
from storage.inputs import Signal
from tests.handlers.conftest import Stage, words
from tests.handlers.test_exit_interview import shown


async def opens(stage: Stage) -> dict[str, Any]:
    await stage.types("/account acme robotics")
    await stage.presses(await stage.last(), "More")
    await stage.presses(await stage.last(), "Contacts")
    return stage.view()


def typed(text: str) -> dict[str, Any]:
    return {PEOPLE: {"type": "plain_text_input", "value": text}}


async def card(stage: Stage) -> str:
    await stage.types("/account acme robotics")
    return words(await stage.last())


async def test_those_who_are_known_stand_on_the_card_the_champion_first(stage: Stage) -> None:
    await opens(stage)
    await stage.submits(**typed("Tom <!channel>\nJane Doe, jane@acme.com, CTO, champion"))
    assert "Saved." in shown(stage.view())

    said = await card(stage)
    assert "Champion Jane Doe (CTO, jane@acme.com); Contact Tom &lt;!channel&gt;" in said
    assert "Only one person" not in said
    view = await opens(stage)
    assert "Jane Doe, jane@acme.com, CTO, champion" in str(view["blocks"])

    old = Signal("acme", "nps", stage.now - timedelta(days=70), Decimal(9), "jane@acme.com")
    await stage.services.database.write(signals.store, [old], stage.now)
    assert "*The champion has gone quiet*: last heard of 14 Sep 2026 (70 days ago)" in await card(stage)


async def test_one_who_is_known_alone_is_marked(stage: Stage) -> None:
    await opens(stage)
    await stage.submits(**typed("Jane Doe, champion"))
    assert "Champion Jane Doe; *Only one person is known*" in await card(stage)
    await opens(stage)
    await stage.submits(**typed(""))
    assert "Contact jane@acme.com" in await card(stage)


async def test_what_is_wrong_is_said_and_two_editors_lose_nothing(stage: Stage) -> None:
    form = await opens(stage)
    answer = await stage.submits(**typed("a, b, c"))
    assert "Line 1" in answer["errors"][PEOPLE]
    await stage.services.database.write(contacts.save, "acme", [Contact("Ann")], "U9", stage.now)
    answer = await stage.person.sends(form, {PEOPLE: {"value": {"type": "plain_text_input", "value": "Tom"}}})
    assert answer["errors"] == {PEOPLE: CHANGED}
    found, _ = await stage.services.database.read(contacts.of_account, "acme")
    assert found == [Contact("Ann")]
