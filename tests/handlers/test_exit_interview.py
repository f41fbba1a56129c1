"""The exit interview's form, from the command to the note on the card."""

import asyncio
from typing import Any

import pytest

from bot.access import Asker
from bot.messages import exits
from handlers import exit_interview, resolving
from storage import exit_interviews
from storage.engine import Database
from tests.handlers.conftest import Stage, words

COMPETITOR = {"type": "static_select", "selected_option": {"value": "competitor"}}
OTHER = {"type": "static_select", "selected_option": {"value": "other"}}


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def shown(view: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in view["blocks"] if block["type"] == "section")


async def test_the_form_opens_filled_with_what_billing_knows(stage: Stage) -> None:
    await stage.types("/exit-interview globex")

    view = stage.view()
    assert view["callback_id"] == exits.CALLBACK
    known = shown(view)
    assert "*Globex Corporation*" in known
    assert "MRR at stake: $1,350.00" in known
    assert "(Moved to a competitor: “Moving to &lt;!channel&gt;" in known
    assert "They wrote" not in known  # it is said above
    reason = next(block for block in view["blocks"] if block["block_id"] == exits.REASON)
    assert reason["element"]["initial_option"]["value"] == "competitor"
    assert len(reason["element"]["options"]) == 19


async def test_a_submitted_note_stands_on_the_card(stage: Stage) -> None:
    await stage.types("/exit-interview globex")

    answer = await stage.submits(
        reason=COMPETITOR, bring_back=text("An API\nand <!here>"), note=text("Hank was unhappy")
    )

    assert answer == {"ok": True}
    assert "Noted for Globex Corporation." in shown(stage.view())
    await stage.types("/account globex")
    said = words(await stage.last())
    assert f"Moved to a competitor, noted 23 Nov 2026 by <@{stage.server.state.me}>" in said
    assert "would come back for “An API and &lt;!here&gt;”; “Hank was unhappy”" in said


async def test_a_form_sent_twice_is_one_note_with_the_latest_words(stage: Stage) -> None:
    await stage.types("/exit-interview globex")
    view = stage.view()
    typed = exits.submitted(view, {"reason": "price", "bring_back": "", "note": "first"})
    later = exits.submitted(view, {"reason": "price", "bring_back": "", "note": "second"})
    who = Asker(stage.server.state.me)

    for filled in (typed, later):
        assert await exit_interview._saved(stage.services, who, view["id"], filled) is None

    (found,) = await stage.services.database.read(exit_interviews.of_account, "globex")
    assert [note.text for note in found.notes] == ["second"]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"reason": OTHER, "note": text("   ")}, {"note": "“Something else” needs a few words: what was it?"}),
    ],
)
async def test_what_is_missing_is_said_under_its_input(
    stage: Stage, values: dict[str, Any], wrong: dict[str, str]
) -> None:
    await stage.types("/exit-interview globex")

    assert await stage.submits(**values) == {"ok": False, "errors": wrong}


async def test_when_saving_fails_the_form_stays_with_all_that_was_typed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.types("/exit-interview globex")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(exit_interviews, "save", full)
    answer = await stage.submits(reason=COMPETITOR, note=text("Do not lose me"))
    assert answer == {"ok": False, "errors": {"note": exit_interview.NOT_SAVED}}
    assert stage.view()["state"]["values"]["note"]["value"]["value"] == "Do not lose me"

    monkeypatch.undo()
    assert await stage.submits(reason=COMPETITOR, note=text("Do not lose me")) == {"ok": True}
    (found,) = await stage.services.database.read(exit_interviews.of_account, "globex")
    assert [note.text for note in found.notes] == ["Do not lose me"]


async def test_several_accounts_are_offered_first(stage: Stage) -> None:
    await stage.types("/exit-interview acme l")
    await stage.types("/exit-interview acm")
    offer = await stage.last()
    assert "2 accounts match" in words(offer)

    await stage.presses(offer, "Choose")

    assert "*Acme Robotics*" in shown(stage.view())


async def test_the_button_of_a_card_opens_the_form(stage: Stage) -> None:
    await stage.types("/account labs")

    await stage.presses(await stage.last(), "Log exit note")

    assert "*Acme Labs*" in shown(stage.view())


@pytest.mark.parametrize(("typed", "seen"), [("globex", "*Globex"), ("zzzqqq", "I know no account like")])
async def test_a_slow_look_up_waits_in_a_window(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, typed: str, seen: str
) -> None:
    opened, found, read = asyncio.Event(), resolving.find, stage.services.client.views_open

    async def slowly(*args: Any) -> Any:
        await opened.wait()
        return await found(*args)

    async def opening(**arguments: Any) -> Any:
        answer = await read(**arguments)
        waiting.append(shown(answer["view"]))
        opened.set()
        return answer

    waiting: list[str] = []
    monkeypatch.setattr(resolving, "find", slowly)
    monkeypatch.setattr(stage.services.client, "views_open", opening)
    await stage.types(f"/exit-interview {typed}")

    assert waiting == ["One moment …"]
    assert seen in shown(stage.view())


async def test_a_choice_inside_the_waiting_window_becomes_the_form(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await test_a_slow_look_up_waits_in_a_window(stage, monkeypatch, "acm", "2 accounts match")

    await stage.presses_in_view("Choose")

    assert "*Acme Robotics*" in shown(stage.view())
    assert stage.view()["callback_id"] == exits.CALLBACK


async def test_a_waiting_window_that_the_person_closed_stays_closed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await stage.sees()
    opening, found = stage.services.client.views_open, resolving.find
    closed = asyncio.Event()

    async def slowly(*args: Any) -> Any:
        await closed.wait()
        return await found(*args)

    async def open_and_close(**arguments: Any) -> Any:
        answer = await opening(**arguments)
        await stage.person.closes(answer["view"])
        closed.set()
        return answer

    monkeypatch.setattr(resolving, "find", slowly)
    monkeypatch.setattr(stage.services.client, "views_open", open_and_close)
    await stage.types("/exit-interview globex")

    assert stage.server.state.views.stack(stage.server.state.me) == []
    assert await stage.sees() == before


async def test_a_press_that_slack_no_longer_takes_can_be_repeated(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = exit_interview.form_for_text

    async def late(*args: Any) -> Any:
        await stage.slack.advance(10)
        return await found(*args)

    monkeypatch.setattr(exit_interview, "form_for_text", late)
    await stage.types("/exit-interview globex")
    offer = await stage.last()
    assert words(offer).startswith("Slack did not wait for the form.")

    await stage.presses(offer, "Open the form")

    assert "*Globex Corporation*" in shown(stage.view())


async def test_without_a_name_there_is_help(stage: Stage) -> None:
    await stage.types("/exit-interview")

    assert words(await stage.last()).startswith("Which account?")


async def test_a_note_survives_in_any_language_and_length(database: Database, morning: Any) -> None:
    """On both engines, as typed."""
    typed = ("Näin kävi: «ой» 🙂 \u202eabc\n" * 200)[:3000]
    said = exit_interviews.Said(reason="other", bring_back=typed)
    entry = exit_interviews.Entry("V1", "acme", None, "U1", morning, said, typed)
    await database.write(exit_interviews.save, entry)
    await database.write(exit_interviews.save, entry)

    (found,) = await database.read(exit_interviews.of_account, "acme")
    assert found.entries == (entry,)


async def test_characters_that_nothing_can_store_are_left_out_of_a_note(stage: Stage) -> None:
    await stage.types("/exit-interview globex\x00")

    answer = await stage.submits(reason=COMPETITOR, bring_back=text("A\x00P\ud83dI"), note=text("one\r\ntwo\x07"))

    assert answer == {"ok": True}
    (found,) = await stage.services.database.read(exit_interviews.of_account, "globex")
    assert (found.said.bring_back, found.notes[0].text) == ("AP\N{REPLACEMENT CHARACTER}I", "one\ntwo")
