"""`/exit-interview icp`: the team says what a good customer looks like; cards, filters and figures go by it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot import icp
from bot.icp import COST, TICKETS, VALUE, WORDS
from bot.messages.windows import CHANGED
from bot.playground.slack.faults.faults import Fault
from handlers import saving
from handlers.saving import not_saved
from tests.handlers.conftest import Stage, words
from tests.handlers.test_exit_interview import shown


async def opens(stage: Stage) -> dict[str, Any]:
    await stage.types("/exit-interview icp")
    return stage.view()


async def sends(stage: Stage, **typed: str) -> Any:
    filled = {WORDS: "", VALUE: "", TICKETS: "", COST: ""} | typed
    return await stage.submits(
        **{name: {"type": "plain_text_input", "value": text or None} for name, text in filled.items()}
    )


async def test_what_a_good_customer_looks_like_is_said_and_shown(stage: Stage) -> None:
    await opens(stage)
    assert (await sends(stage, words="mrr>=150", value="1000"))["ok"]
    assert "*1 account fits*, 6 do not, 1 cannot be judged yet." in shown(stage.view())

    await stage.types("/account acme robotics")
    assert "Ideal customer: Fits" in words(await stage.last())
    await stage.types("/account labs")
    assert "Ideal customer: Does not fit: outside the filter" in words(await stage.last())
    await stage.types("/coffee mrr by icp")
    assert "MRR by ideal customer" in words(await stage.last())

    view = await opens(stage)
    values = {
        block["block_id"]: block["element"].get("initial_value") for block in view["blocks"] if "element" in block
    }
    assert values == {WORDS: "mrr>=150", VALUE: "1000", TICKETS: None, COST: None}


async def test_cards_say_nothing_of_it_while_nobody_said_anything(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    assert "Ideal customer" not in words(await stage.last())
    await opens(stage)
    await sends(stage, words="mrr>=150")
    await opens(stage)
    await sends(stage)
    assert "no account is judged" in shown(stage.view())
    await stage.types("/account acme robotics")
    assert "Ideal customer" not in words(await stage.last())


async def test_what_is_wrong_is_said_at_its_field(stage: Stage) -> None:
    await opens(stage)
    answer = await sends(stage, words="plan:Gold", value="-3", tickets="x")
    assert set(answer["errors"]) == {VALUE, TICKETS}
    assert set((await sends(stage, tickets="1,5"))["errors"]) == {TICKETS}
    answer = await sends(stage, words="plan:Gold")
    assert "Gold" in answer["errors"][WORDS]
    answer = await sends(stage, words="<!channel> mrr>")
    assert set(answer["errors"]) == {WORDS}
    assert not await stage.services.database.read(icp.in_force)


async def test_when_saving_fails_the_form_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    await opens(stage)
    monkeypatch.setattr(icp, "choose", full)
    assert (await sends(stage, words="mrr>=150"))["errors"] == {WORDS: not_saved()}


async def test_judging_that_takes_long_goes_on_behind_a_window(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    judged = icp.judge

    async def slowly(*args: Any) -> Any:
        while not (seen and seen[-1] == "One moment …"):
            await asyncio.sleep(0)
            seen.append(shown(stage.view()))
        return await judged(*args)

    await opens(stage)
    monkeypatch.setattr(saving, "QUICK", 0)
    monkeypatch.setattr(icp, "judge", slowly)
    assert (await sends(stage, words="mrr>=150"))["ok"]
    assert shown(stage.view()).startswith("Saved. *3 accounts fit*")
    assert set(seen) >= {"One moment …"}


async def test_a_profile_that_is_saved_is_never_called_unsaved(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise OperationalError("select", {}, OSError("disk full"))

    await opens(stage)
    monkeypatch.setattr(icp, "judge", fails)
    assert (await sends(stage, words="mrr>=150"))["ok"]
    assert shown(stage.view()).startswith("Saved. The accounts could not be judged by it just now")
    assert (await stage.services.database.read(icp.in_force)).words == "mrr>=150"


async def test_a_form_that_came_too_late_is_one_press_away(stage: Stage) -> None:
    await stage.slack.fault(Fault("views.open", "error", error="expired_trigger_id"))
    await stage.types("/exit-interview icp")
    await stage.presses(await stage.last(), "Open the form")
    assert stage.view()["callback_id"] == "icp"


async def test_who_comes_second_with_a_profile_is_told(stage: Stage) -> None:
    """The same sent twice, as by a press that came twice, is no quarrel."""
    mine = await opens(stage)
    await stage.is_now("ben")
    await opens(stage)
    await sends(stage, words="mrr>=150")
    await stage.is_now("aino")
    typed = {block: {"value": {"type": "plain_text_input", "value": None}} for block in (VALUE, TICKETS, COST)}

    answer = await stage.person.sends(mine, typed | {WORDS: {"value": {"type": "plain_text_input", "value": "mrr>9"}}})
    assert answer["errors"] == {WORDS: CHANGED}
    assert (await stage.services.database.read(icp.in_force)).words == "mrr>=150"
    same = await stage.person.sends(mine, typed | {WORDS: {"value": {"type": "plain_text_input", "value": "mrr>=150"}}})
    assert same["ok"]


@pytest.mark.parametrize("why", ["misnamed", "broken"])
async def test_a_form_that_is_refused_late_comes_back_as_it_was_filled_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    typed = "plan:Gold" if why == "misnamed" else "mrr>=150"
    await opens(stage)
    with monkeypatch.context() as slow:
        slow.setattr(saving, "QUICK", 0)
        if why == "broken":
            slow.setattr(icp, "choose", full)
        assert (await sends(stage, words="plan:Gold" if why == "misnamed" else "mrr>=150", value="1000", cost="7"))[
            "ok"
        ]

    view = stage.view()
    assert ("Gold" if why == "misnamed" else not_saved()) in shown(view)
    begins = {one["block_id"]: one["element"].get("initial_value") for one in view["blocks"] if "element" in one}
    assert begins == {WORDS: typed, VALUE: "1000", TICKETS: None, COST: "7"}
    assert (await sends(stage, words="mrr>=150", value="1000"))["ok"]
    assert "Saved." in shown(stage.view())
