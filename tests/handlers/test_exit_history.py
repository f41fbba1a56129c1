"""Everything that was ever written into an exit interview can be read again, by whom and when."""

from datetime import timedelta
from typing import Any

from bot.exits.long_text import LONGEST
from bot.messages.exits import LABELS
from bot.playground.slack.validate import check_view
from storage import exit_interviews
from storage.exit_interviews import Entry, Said
from tests.handlers.conftest import Stage
from tests.handlers.test_exit_interview import BACK, NOTED, WHOLE, WHY, another, fills, opens, shown, stands


def whole(view: dict[str, Any]) -> str:
    return "\n".join(str(block["text"]["text"]) for block in view["blocks"] if "text" in block)


async def test_every_entry_is_told_with_its_author_and_what_it_changed(stage: Stage) -> None:
    me = stage.server.state.me
    await opens(stage)
    await fills(stage, WHOLE)
    other = await stage.is_now(another(stage))
    stage.now += timedelta(days=1)
    await opens(stage)
    await fills(stage, {WHY: "Missing feature", LABELS["tags"]: ["API"], LABELS["link"]: "", NOTED: "Second\nnote"})

    await stage.presses_in_view("History")

    view = stage.view()
    assert check_view({key: view[key] for key in ("type", "title", "close", "callback_id", "blocks")}) == []
    told = whole(view)
    assert "*From 1 Mar 2026 on*" in told
    newest, oldest = told.split(f"<@{me}> on ")
    assert f"<@{other}> on " in newest
    assert f"• {WHY} Missing feature" in newest
    assert "• Taken back: Link, Single Sign-On" in newest
    assert "Second\nnote" in newest
    assert f"• {WHY} Too expensive" in oldest
    assert f"• {BACK} An API and &lt;!here&gt;" in oldest
    assert "Hank was *unhappy*" in oldest
    assert f"• {LABELS['left_anyway']} Nobody knows" in oldest
    assert f"• {LABELS['ask_again_on']} 1 Feb 2027" in oldest


async def test_it_is_asked_for_by_command_and_by_the_card(stage: Stage) -> None:
    await stage.types("/exit-interview globex history")
    assert "Nobody has noted why *Globex Corporation* leaves." in whole(stage.view())
    await opens(stage)
    await fills(stage, {NOTED: "Once"})

    await stage.types("/account globex")
    await stage.presses(await stage.last(), "Exit history")
    assert "Once" in whole(stage.view())
    await stage.presses_in_view("Change or add")

    assert stands(stage.view(), NOTED) == "Once"


async def test_an_account_that_left_before_has_an_interview_of_its_own_to_change(stage: Stage) -> None:
    then = Entry("V1", "gone", None, "U1", stage.now - timedelta(days=1), Said(reason="price"))
    await stage.services.database.write(exit_interviews.save, then)
    await stage.types("/exit-interview gone fishing history")
    assert "*From 1 Mar 2026 to 4 Oct 2026*" in whole(stage.view())

    await stage.presses_in_view("Change or add")

    assert "*MRR lost on 4 Oct 2026*\n$150.00" in shown(stage.view())


async def test_more_than_a_window_holds_is_said_to_be_kept(stage: Stage) -> None:
    for number, sign in enumerate(("字", "a", "🙂", "b", "c")):
        added = Entry(f"V{number}", "globex", None, "U1", stage.now + number * timedelta(hours=1), note=sign * LONGEST)
        await stage.services.database.write(exit_interviews.save, added)

    await stage.types("/exit-interview globex history")

    told = whole(stage.view())
    assert "c" * 3000 in told
    assert "b" * 3000 in told
    assert "字" not in told
    assert "a window holds no more" in str(stage.view()["blocks"][-1])


async def test_a_choice_is_offered_where_several_match(stage: Stage) -> None:
    await stage.types("/exit-interview acm history")

    await stage.presses(await stage.last(), "Choose")

    assert "Nobody has noted why *Acme Robotics* leaves." in whole(stage.view())
