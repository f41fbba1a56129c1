"""A form that Slack did not wait for is offered again, whichever it is."""

import re
from typing import Any

import pytest

from bot.playground.slack.faults.faults import Fault
from storage import journal
from storage.journal import Entry
from storage.states import NoteKind
from tests.handlers.conftest import Stage, words
from tests.handlers.test_at_risk import assess
from tests.handlers.test_win_back import left

# What is typed, and the button of its answer that opens the form; none where the command does.
FORMS = (
    ("/coffee here", ""),
    ("/at-risk assign", ""),
    ("/at-risk routing", ""),
    ("/at-risk settings", ""),
    ("/account acme robotics", "Log note"),
    ("/account acme robotics notes", "Correct"),
    ("/exit-interview report", "Post to product channel"),
    ("/exit-interview report tags", "Is a fix worth it?"),
    ("/exit-interview winback", "A feature is fixed …"),
    ("/exit-interview globex", ""),
    ("/exit-interview globex history", ""),
    ("/exit-interview reasons", ""),
)


async def asked(stage: Stage, command: str, button: str) -> None:
    await stage.types(command)
    if button:
        await stage.presses(await stage.last(), button)


def about(view: dict[str, Any]) -> tuple[Any, ...]:
    """Which form of what a view is, but for an id of its own."""
    own = re.sub(r'"form":"\w+",', "", view["private_metadata"])
    return view["callback_id"], own, view["title"]


@pytest.mark.parametrize(("command", "button"), FORMS)
async def test_a_form_that_came_too_late_is_one_press_away(stage: Stage, command: str, button: str) -> None:
    await assess(stage)
    await left(stage, "small", 1)
    note = Entry("n1", "acme", NoteKind.CALL, "They wait", "U00000001", stage.now)
    await stage.services.database.write(journal.add, note)
    await asked(stage, command, button)
    wanted = stage.view()

    await stage.slack.fault(Fault("views.open", "error", error="expired_trigger_id"))
    await asked(stage, command, button)
    offer = await stage.last()
    assert words(offer) == "Slack did not wait for the form. Press once more:"

    await stage.presses(offer, "Open the form")
    found = stage.view()
    assert found["id"] != wanted["id"]
    assert about(found) == about(wanted)


@pytest.mark.parametrize("command", [command for command, button in FORMS if not button])
async def test_no_form_opens_for_a_guest(stage: Stage, command: str) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].is_restricted = True

    await stage.types(command)

    assert "full members" in words(await stage.last())
    assert not stage.server.state.views.stack(stage.server.state.me)
