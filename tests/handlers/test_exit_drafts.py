"""What is typed into the exit interview's form is kept as it is typed, and stands there again."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.exits import long_text
from bot.messages import exit_form
from bot.messages.exits import LABELS
from handlers import exit_drafts
from storage import exit_forms
from storage.exit_interviews import NOTE
from tests.handlers.conftest import Stage
from tests.handlers.test_exit_interview import BACK, NOTED, WHY, another, fills, kept, opens, shown, stands, types


async def test_a_closed_form_opens_again_with_all_that_was_typed(stage: Stage) -> None:
    view = await opens(stage)
    await types(stage, WHY, "Missing feature")
    await types(stage, NOTED, "Do not lose me\nnor this")
    await types(stage, LABELS["competitor"], "Initech")
    await types(stage, LABELS["ask_again_on"], "2027-02-01")
    await stage.person.closes(view)
    stage.now += timedelta(hours=3)

    again = await opens(stage)

    assert "*This is your draft*" in shown(again)
    assert stands(again, WHY) == "Missing feature"
    assert stands(again, NOTED) == "Do not lose me\nnor this"
    assert stands(again, LABELS["ask_again_on"]) == "2027-02-01"
    assert stands(again, LABELS["competitor"]) == "Initech"
    assert await fills(stage, {}) == {}
    found = await kept(stage)
    assert (found.said.reason, found.notes[0].text) == ("missing_feature", "Do not lose me\nnor this")
    assert "*This is your draft*" not in shown(await opens(stage))


async def test_a_draft_is_its_authors_own_and_can_be_left(stage: Stage) -> None:
    await opens(stage)
    await types(stage, NOTED, "Of mine")
    me = stage.server.state.me
    await stage.is_now(another(stage))
    assert stands(await opens(stage), NOTED) is None
    await stage.is_now(me)
    await opens(stage)

    await stage.presses_in_view("Start over")

    view = stage.view()
    assert stands(view, NOTED) is None
    assert stands(view, WHY) == "Moved to a competitor"
    assert view["state"]["values"] == {}  # nothing is left of what was typed
    assert "*This is your draft*" not in shown(view)
    assert "*This is your draft*" not in shown(await opens(stage))


async def test_letters_that_come_in_any_order_and_after_the_end_change_nothing(stage: Stage) -> None:
    view = await opens(stage)
    await types(stage, NOTED, "later")
    form = exit_form.subject_of(view).form
    early = exit_forms.Typed({NOTE: "earlier"}, "1.0", stage.now)
    await stage.services.database.write(exit_forms.keep, form, stage.server.state.me, early)
    assert stands(await opens(stage), NOTED) == "later"

    assert await fills(stage, {}) == {}
    late = exit_forms.Typed({NOTE: "late"}, "9999999999.9", stage.now)
    await stage.services.database.write(exit_forms.keep, exit_form.subject_of(view).form, stage.server.state.me, late)
    assert (await kept(stage)).notes[0].text == "later"


async def test_a_draft_too_long_for_a_form_is_saved_with_it(stage: Stage) -> None:
    await opens(stage)
    text = "字" * 39_000
    parts = long_text.parts_of(text)
    for _ in parts[1:]:
        await stage.presses_in_view("More room")
    for number, part in enumerate(parts):
        await types(stage, NOTED if not number else f"{NOTED} ({number + 1})", part)
    await stage.person.closes(stage.view())

    view = await opens(stage)
    assert "Your note of 39,000 characters is too long for a form." in str(view)
    await types(stage, NOTED, "and this")
    await stage.person.closes(stage.view())
    await opens(stage)
    assert await fills(stage, {}) == {}

    assert (await kept(stage)).notes[0].text == f"{text}\nand this"


async def test_letters_are_kept_in_the_order_in_which_they_were_typed(stage: Stage) -> None:
    view = await opens(stage)
    form, me = exit_form.subject_of(view).form, stage.server.state.me
    drafts = exit_drafts.Drafts(stage.services)

    for stamp in ("3", "1", "2", "5", "4"):
        drafts.keep(form, me, exit_forms.Typed({NOTE: stamp}, stamp, stage.now))
    await stage.services.tasks.drain(20)

    assert stands(await opens(stage), NOTED) == "5"


async def test_a_letter_that_could_not_be_kept_comes_with_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opens(stage)

    def full(*_: object) -> None:
        raise OperationalError("update", {}, OSError("disk full"))

    monkeypatch.setattr(exit_forms, "keep", full)
    await types(stage, BACK, "An A")
    monkeypatch.undo()
    await types(stage, NOTED, "A note")

    view = await opens(stage)
    assert (stands(view, BACK), stands(view, NOTED)) == ("An A", "A note")
