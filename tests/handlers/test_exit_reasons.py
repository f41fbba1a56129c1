"""The reasons for leaving are reworded, retired and added in Slack; what was chosen before stays what it was."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.access import Asker
from bot.exits.reasons import MOST, REASONS
from bot.messages import exit_reasons as messages
from bot.messages.exits import LABELS
from handlers import exit_reasons as handler
from handlers.saving import not_saved
from storage import exit_reasons
from storage.exit_reasons import Set
from tests.handlers.conftest import UNHURRIED, Stage, words
from tests.handlers.test_exit_interview import fills, kept, opens, shown, stands

LABEL, KEEP, RETIRE = "How people read it", "Could a customer who leaves for it be kept?", "Retire it"
NATURAL = "Is it natural churn, whatever you do?"


async def lists(stage: Stage) -> dict[str, Any]:
    await stage.types("/exit-interview reasons")
    return stage.view()


async def changes(stage: Stage, label: str, answers: Mapping[str, str | list[str]]) -> Any:
    """Press the button of a reason in the open list, and send its form."""
    view = stage.view()
    block = next(b for b in view["blocks"] if "accessory" in b and b["text"]["text"].startswith(f"*{label}*"))
    await stage.person.presses({**view, "blocks": [block]}, "Change")
    await stage.services.tasks.drain(20)
    return await sends(stage, answers)


async def adds(stage: Stage, answers: Mapping[str, str | list[str]]) -> Any:
    await stage.presses_in_view("Add a reason")
    return await sends(stage, answers)


async def sends(stage: Stage, answers: Mapping[str, str | list[str]]) -> Any:
    answer = await stage.person.submits(stage.view(), answers)
    await stage.services.tasks.drain(20)
    return answer.get("errors", {})


def offered(view: dict[str, Any], label: str = LABELS["reason"]) -> list[str]:
    element = next(b["element"] for b in view["blocks"] if b.get("label", {}).get("text") == label)
    return [option["text"]["text"] for option in element["options"]]


async def test_a_reason_is_reworded_everywhere_and_its_id_stays(stage: Stage) -> None:
    await opens(stage)
    await fills(stage, {LABELS["reason"]: "Too expensive"})
    assert "*Too expensive* · avoidable" in shown(await lists(stage))

    assert await changes(stage, "Too expensive", {LABEL: "  Costs   <!channel> more ", KEEP: "Partly avoidable"}) == {}

    assert "*Costs &lt;!channel&gt; more* is saved." in shown(stage.view())
    assert "*Costs &lt;!channel&gt; more* · partly avoidable" in shown(stage.view())
    view = await opens(stage)
    assert stands(view, LABELS["reason"]) == "Costs <!channel> more"
    assert (await kept(stage)).said.reason == "price"
    await stage.types("/account globex")
    assert "Costs &lt;!channel&gt; more, noted" in words(await stage.last())


async def test_a_retired_reason_is_offered_no_more_and_told_where_it_was_chosen(stage: Stage) -> None:
    await opens(stage)
    await fills(stage, {LABELS["reason"]: "Too expensive"})
    await lists(stage)

    assert await changes(stage, "Too expensive", {RETIRE: ["Offer it no more"]}) == {}

    assert "*Too expensive* · avoidable · retired" in shown(stage.view())
    assert stands(await opens(stage), LABELS["reason"]) == "Too expensive"  # it was chosen here
    assert "Too expensive" not in offered(await opens(stage, "labs"))
    await lists(stage)
    assert await changes(stage, "Too expensive", {RETIRE: []}) == {}
    assert "Too expensive" in offered(await opens(stage, "labs"))


async def test_what_billing_heard_is_not_filled_in_once_it_is_retired(stage: Stage) -> None:
    assert stands(await opens(stage), LABELS["reason"]) == "Moved to a competitor"
    await lists(stage)
    await changes(stage, "Moved to a competitor", {RETIRE: ["Offer it no more"]})

    assert stands(await opens(stage), LABELS["reason"]) is None


async def test_a_reason_of_ones_own_is_added_and_chosen(stage: Stage) -> None:
    await lists(stage)

    assert (
        await adds(stage, {LABEL: "No invoices in Finnish", KEEP: "Avoidable", NATURAL: "Misjudged their need"}) == {}
    )

    await opens(stage)
    await fills(stage, {LABELS["root_cause"]: "No invoices in Finnish"})
    assert (await kept(stage)).said.root_cause == "no_invoices_in_finnish"
    assert await stage.services.database.read(exit_reasons.in_force) == {
        "no_invoices_in_finnish": Set("no_invoices_in_finnish", "No invoices in Finnish", "yes", False, "misjudged")
    }


async def test_an_id_is_never_given_twice(stage: Stage) -> None:
    await lists(stage)
    for label in ("Price", "漢字", "!!!", "???"):
        assert await adds(stage, {LABEL: label, KEEP: "Not judged"}) == {}

    assert list(await stage.services.database.read(exit_reasons.in_force)) == ["price_2", "漢字", "reason", "reason_2"]


@pytest.mark.parametrize(
    ("label", "wrong"),
    [
        ("   ", "Write how people are to read this reason."),
        ("TOO  expensive", "There is a reason “Too expensive” already."),
        ("Old one", "There is a reason “Old one” already, which is retired: bring it back instead."),
    ],
)
async def test_a_label_that_says_nothing_new_is_refused(stage: Stage, label: str, wrong: str) -> None:
    old = Set("old", "Old one", "no", retired=True)
    await stage.services.database.write(exit_reasons.choose, old, "U1", stage.now)
    await lists(stage)

    assert await adds(stage, {LABEL: label, KEEP: "Avoidable"}) == {messages.LABEL: wrong}
    assert stage.view()["callback_id"] == messages.FORM


async def test_another_of_the_same_label_is_refused_and_its_own_is_not(stage: Stage) -> None:
    await lists(stage)
    assert await changes(stage, "Budget cut", {LABEL: "Too expensive"}) == {
        messages.LABEL: "There is a reason “Too expensive” already."
    }
    await lists(stage)
    assert await changes(stage, "Budget cut", {KEEP: "Not avoidable"}) == {}


async def test_the_reason_that_is_none_of_the_others_cannot_be_retired(stage: Stage) -> None:
    await lists(stage)
    await changes(stage, "Something else", {LABEL: ""})

    assert [block["block_id"] for block in stage.view()["blocks"]] == [
        messages.LABEL,
        messages.COULD_KEEP,
        messages.NATURE,
    ]


async def test_there_are_no_more_than_a_menu_holds(stage: Stage) -> None:
    for number in range(MOST - len(REASONS)):
        one = Set(f"own_{number}", f"Own {number}", "no", retired=False)
        await stage.services.database.write(exit_reasons.choose, one, "U1", stage.now)
    view = await lists(stage)
    assert "Add a reason" not in str(view)
    assert len(view["blocks"]) <= 100

    who = Asker(stage.server.state.me)
    form = messages.form(None)
    values = {messages.LABEL: {"value": {"type": "plain_text_input", "value": "One more"}}}
    assert await handler.save(stage.services, who, {**form, "state": {"values": values}}) == handler.TOO_MANY
    assert len(offered(await opens(stage))) == MOST


async def test_the_same_reason_added_by_two_at_once_is_one(stage: Stage) -> None:
    form = messages.form(None)
    values = {messages.LABEL: {"value": {"type": "plain_text_input", "value": "Twice"}}}
    sent = {**form, "state": {"values": values}}
    who = Asker(stage.server.state.me)

    both = await asyncio.gather(*(handler.save(stage.services, who, sent) for _ in range(2)))

    assert sorted(isinstance(one, str) for one in both) == [False, True]


async def test_when_saving_fails_the_form_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    await lists(stage)
    monkeypatch.setattr(exit_reasons, "choose", full)
    assert await adds(stage, {LABEL: "Mine", KEEP: "Avoidable"}) == {messages.LABEL: not_saved()}
    assert "Mine" in str(stage.view()["state"]["values"])
    monkeypatch.undo()
    assert await sends(stage, {}) == {}


async def test_a_press_that_slack_no_longer_takes_can_be_repeated(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = handler._listed

    async def late(*args: Any) -> Any:
        await stage.slack.advance(UNHURRIED + 1)
        return await found(*args)

    monkeypatch.setattr(handler, "_listed", late)
    await stage.types("/exit-interview reasons")
    monkeypatch.undo()
    await stage.presses(await stage.last(), "Open the form")

    assert "*Too expensive*" in shown(stage.view())


async def test_a_reason_that_is_gone_is_told(stage: Stage) -> None:
    found = await handler.form(stage.services, Asker(stage.server.state.me), "no such")
    assert getattr(found, "text", "") == handler.GONE
    values = {messages.LABEL: {"value": {"type": "plain_text_input", "value": "x"}}}
    view = {"private_metadata": '{"id":"no such"}', "state": {"values": values}}
    assert await handler.save(stage.services, Asker(stage.server.state.me), view) == handler.GONE


async def test_who_comes_second_with_a_reason_is_told(stage: Stage) -> None:
    """The same sent twice, as by a press that came twice, is no quarrel."""
    await lists(stage)
    (block,) = (b for b in stage.view()["blocks"] if b.get("text", {}).get("text", "").startswith("*Too expensive*"))
    await stage.person.presses({**stage.view(), "blocks": [block]}, "Change")
    await stage.services.tasks.drain(20)
    mine = stage.view()
    await stage.is_now("ben")
    await lists(stage)
    assert await changes(stage, "Too expensive", {LABEL: "Price"}) == {}
    await stage.is_now("aino")

    again = await stage.person.submits(mine, {LABEL: "Costs", KEEP: "Not avoidable"})
    assert list(again["errors"].values()) == [handler.CHANGED]
    assert (await stage.services.database.read(exit_reasons.in_force))["price"].label == "Price"
    assert (await stage.person.submits(mine, {LABEL: "Price", KEEP: "Avoidable"}))["ok"]
