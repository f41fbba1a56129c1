"""Notes about accounts at the local Slack: by a form, in one line, corrected, and never lost."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.roles import Grant, Reach, Role
from handlers.answers import SORRY
from storage import journal
from storage.journal import Entry
from storage.states import NoteKind
from tests.company import fill
from tests.factories import account
from tests.handlers.conftest import Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_alerts import assessed, card_of, set_up


def filled(text: str = "They wait for the invoice", kind: str = "call", cost: str = "") -> dict[str, Any]:
    return {
        "kind": {"type": "static_select", "selected_option": {"value": kind}},
        "text": {"type": "plain_text_input", "value": text},
        "cost": {"type": "plain_text_input", "value": cost},
    }


async def kept(stage: Stage, account_id: str = "acme") -> list[Entry]:
    return await stage.services.database.read(journal.of_account, account_id)


async def test_a_note_on_a_card_is_kept_and_told_in_its_thread(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    card = await card_of(stage, "Acme")
    await stage.presses(card, "Log note")

    await stage.submits(**filled("<!channel> *they* wait", cost="250", kind="incentive"))
    await stage.deliver()

    (entry,) = await kept(stage)
    assert (entry.kind, entry.text, entry.cost, entry.currency) == (
        NoteKind.INCENTIVE,
        "<!channel> *they* wait",
        25_000,
        "usd",
    )
    thread = [words(reply) for reply in await stage.person.sees(card["ts"])]
    assert any("noted (incentive given): “&lt;!channel&gt; ∗they∗ wait”" in reply for reply in thread)
    await stage.types("/account acme robotics")
    assert "Incentive given, $250.00: &lt;!channel&gt;" in words(await stage.last())


async def test_a_note_is_typed_in_one_line_and_found_again(stage: Stage) -> None:
    await stage.types("/account acme robotics note They call back on Monday")
    assert words(await stage.last()) == "Noted of *Acme Robotics*."
    await stage.types("/account acme robotics note Tuesday is fine too")

    await stage.types("/account acme robotics notes monday")
    said = words(await stage.last())
    assert "1 note with “monday” of Acme Robotics" in said
    assert "They call back on Monday" in said
    await stage.types("/account globex notes")
    assert words(await stage.last()) == "Nothing is noted of *Globex Corporation*."


async def test_a_correction_leaves_what_it_corrects_readable(stage: Stage) -> None:
    await stage.types("/account acme robotics note They left")
    await stage.types("/account acme robotics notes")
    await stage.presses(await stage.last(), "Correct")
    assert "They left" in str(stage.view()["blocks"])

    await stage.submits(**filled("They stay"))

    await stage.types("/account acme robotics notes")
    said = words(await stage.last())
    assert "They stay" in said
    assert "~They left~ (corrected)" in said
    assert [entry.corrects is not None for entry in await kept(stage)].count(True) == 1


async def test_what_cannot_be_saved_stays_in_the_form(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.types("/account acme robotics")
    await stage.presses(await stage.last(), "Log note")

    answer = await stage.submits(**filled(cost="much"))
    assert "is not a number" in answer["errors"]["cost"]

    def broken(*_: object) -> bool:
        raise OperationalError("", {}, Exception("locked"))

    monkeypatch.setattr(journal, "add", broken)
    answer = await stage.submits(**filled())
    assert "Nothing you typed is lost" in answer["errors"]["text"]
    monkeypatch.undo()
    await stage.submits(**filled())
    assert [entry.text for entry in await kept(stage)] == ["They wait for the invoice"]


async def test_a_note_for_an_account_that_is_not_clear_is_not_lost(stage: Stage) -> None:
    await stage.types("/account nobody at all note They call back")

    said = words(await stage.last())
    assert "Nothing was noted yet: “They call back”" in said
    assert "They call back" in str((await stage.last())["blocks"])


async def test_a_note_goes_to_no_account_that_is_only_alike(stage: Stage) -> None:
    await stage.types("/account acmee robotcs note They *call* back")
    offer = await stage.last()
    assert "No account matches “acmee robotcs” as written" in words(offer)
    assert await kept(stage) == []

    await stage.presses(offer, "Note it here")
    await stage.presses(offer, "Note it here")

    assert words(await stage.last()) == "Noted of *Acme Robotics*."
    assert [entry.text for entry in await kept(stage)] == ["They *call* back"]


async def test_whoever_sees_only_their_own_may_choose_it_too(stage: Stage) -> None:
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = "ann@we.com"
    await give(stage, Grant(ben, Role.CSM, Reach.OWN))

    await stage.types("/account acmee robotcs note They call back")
    await stage.presses(await stage.last(), "Note it here")

    assert [entry.text for entry in await kept(stage)] == ["They call back"]


async def test_a_long_note_for_an_account_that_is_only_alike_can_be_pasted(stage: Stage) -> None:
    await stage.types(f"/account acmee robotcs note {'long ' * 500}")
    offer = await stage.last()

    await stage.presses(offer, "Log note")

    assert "*Acme Robotics*" in str(stage.view()["blocks"])


async def test_a_hostile_name_stays_inert_when_something_is_noted(stage: Stage) -> None:
    await stage.services.database.write(fill, [account("evil", name="<!channel> *evil*")], stage.now)

    await stage.types("/account evil note hello")

    assert words(await stage.last()) == "Noted of *&lt;!channel&gt; ∗evil∗*."


async def test_guests_neither_read_nor_write_notes(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].is_restricted = True

    await stage.types("/account acme robotics note hello")

    assert "full members" in words(await stage.last())
    assert await kept(stage) == []


def promised(
    text: str = "A call about prices", due: str | None = "2026-11-20", kind: str = "promise"
) -> dict[str, Any]:
    return filled(text, kind) | {"due": {"type": "datepicker", "selected_date": due}}


async def test_a_promise_stands_on_the_card_until_it_is_kept(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    await stage.presses(await stage.last(), "Log note")
    await stage.submits(**promised())
    me = f"<@{stage.server.state.me}>"

    await stage.types("/account acme robotics")
    card = words(await stage.last())
    assert f"Open promises: A call about prices ({me}, due 20 Nov 2026 (*3 days late*))" in card

    await stage.types("/account acme robotics notes")
    notes = await stage.last()
    for _ in range(2):  # pressed twice, it is kept once
        await stage.presses(notes, "Kept")
        assert words(await stage.last()) == "Noted that it is kept."
    assert sorted(entry.kind for entry in await kept(stage)) == [NoteKind.KEPT, NoteKind.PROMISE]
    await stage.types("/account acme robotics")
    assert "Open promises" not in words(await stage.last())
    await stage.types("/account acme robotics notes")
    said = words(await stage.last())
    assert f"{me} · Promise kept: A call about prices" in said
    assert "~A call about prices~ (settled)" in said


async def test_a_day_belongs_to_a_promise(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    await stage.presses(await stage.last(), "Log note")
    answer = await stage.submits(**promised(kind="call"))
    assert list(answer["errors"]) == ["due"]
    assert "errors" not in await stage.submits(**promised(due=None))
    await stage.types("/account acme robotics")
    assert "Open promises: A call about prices (<@" in words(await stage.last())


async def test_a_note_too_long_for_the_form_is_not_corrected_to_its_beginning(stage: Stage) -> None:
    long = "They wait. " * 3000
    entry = Entry("n1", "acme", NoteKind.CALL, long.strip(), "U00000001", stage.now)
    await stage.services.database.write(journal.add, entry)
    await stage.types("/account acme robotics notes")
    await stage.presses(await stage.last(), "Correct")
    form = str(stage.view()["blocks"])
    assert "too long for this form (32,999 letters)" in form
    assert "They wait" not in form


async def test_a_promise_is_kept_once_whoever_presses_and_however_often(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    await stage.presses(await stage.last(), "Log note")
    assert (await stage.submits(**filled("Call back", kind="promise")))["ok"]
    await stage.types("/account acme robotics notes")
    message = await stage.last()
    await asyncio.gather(*(stage.person.presses(message, "Kept") for _ in range(5)))
    await stage.services.tasks.drain(20)
    await stage.is_now("ben")
    await stage.types("/account acme robotics notes")

    kept_notes = [entry for entry in await kept(stage) if entry.kind is NoteKind.KEPT]
    assert [(entry.author, entry.text) for entry in kept_notes] == [("U00000001", "Call back")]


@pytest.mark.parametrize("why", ["broken", "viewer", "unclear"])
async def test_a_typed_note_comes_back_whole_when_it_is_not_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Slack shows nobody again what was typed behind a command."""
    text = " ".join(f"<!channel> *{number}*" for number in range(400))

    def broken(*_: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    if why == "broken":
        monkeypatch.setattr(journal, "add", broken)
    if why == "viewer":
        await give(stage, Grant(await stage.is_now("ben"), Role.VIEWER))

    await stage.types(f"/account {'nobody at all' if why == 'unclear' else 'acme robotics'} note {text}")

    message = await stage.last()
    told = {"broken": SORRY, "viewer": "This is for the role CSM", "unclear": "I know no account like"}[why]
    assert told in words(message)
    back = [block["text"] for block in message["blocks"] if block.get("text", {}).get("type") == "plain_text"]
    assert "".join(part["text"] for part in back) == text
    assert "<!channel>" not in words(message)
    assert await kept(stage) == []
