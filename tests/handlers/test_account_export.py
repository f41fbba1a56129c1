"""The card's export: what happened as CSV, what is stored as JSON, for those who may."""

import json
from typing import Any

from bot import roles
from bot.messages import exports
from bot.roles import Grant, Role
from storage import exit_forms, journal, tunings
from storage.exit_forms import Form
from storage.journal import Entry
from storage.states import NoteKind
from storage.tunings import ACCESS
from tests.company import fill, running
from tests.factories import account
from tests.handlers.conftest import Stage, words


def code(message: dict[str, Any]) -> str:
    found = [block for block in message["blocks"] if block["type"] == "rich_text"]
    return "".join(piece["text"] for one in found for piece in one["elements"][0]["elements"])


async def test_what_happened_comes_as_csv_that_runs_nothing(stage: Stage) -> None:
    entry = Entry("n1", "acme", NoteKind.CALL, '=HYPERLINK("x")\nand more', "U1", stage.now)
    await stage.services.database.write(journal.add, entry)
    await stage.types("/account acme robotics")
    await stage.person.chooses(await stage.last(), "account_export", "Export as CSV")
    await stage.services.tasks.drain(20)

    head, first, *rest = code(await stage.last()).splitlines()
    assert head == "at,what,said,amount_minor,currency,by"
    assert first == """2026-11-23T08:30:00+00:00,note call,"'=HYPERLINK(""x"") and more",,,U1"""
    assert "2026-11-20T12:00:00+00:00,payment failed,Your card was declined.,200000,usd," in rest
    assert "2026-03-01,mrr new,started,200000,usd," in rest


async def test_what_is_stored_comes_as_json(stage: Stage) -> None:
    form = Form("0" * 32, "acme", None, "U2", stage.now, {})
    await stage.services.database.write(exit_forms.opened, form)
    await stage.types("/account acme robotics")
    before = len(await stage.sees())
    await stage.person.chooses(await stage.last(), "account_export", "Export as JSON")
    await stage.services.tasks.drain(20)

    found = json.loads("".join(code(message) for message in (await stage.sees())[before:]))
    assert found["accounts"][0]["name"] == "Acme Robotics"
    assert {"payments", "movements", "invoices"} <= set(found)
    assert not {"audit", "exit_forms", "outbox"} & set(found)  # the looks and the drafts of others
    assert "globex" not in str(found)


async def test_what_is_too_long_for_a_message_is_left_out_and_named(stage: Stage) -> None:
    for number in range(20):
        entry = Entry(f"n{number}", "acme", NoteKind.CALL, "x" * 3000, "U1", stage.now)
        await stage.services.database.write(journal.add, entry)
    await stage.types("/account acme robotics")
    before = len(await stage.sees())
    await stage.person.chooses(await stage.last(), "account_export", "Export as JSON")
    await stage.services.tasks.drain(20)

    *parts, said = (await stage.sees())[before:]
    found = json.loads("".join(code(message) for message in parts))
    assert found["accounts"][0]["name"] == "Acme Robotics"
    assert "journal" not in found
    assert words(said).startswith("Left out, as it does not fit into a message: journal. On the machine")
    assert "`kahvi export`" in words(said)


def test_a_row_that_no_message_holds_is_left_out_with_its_table() -> None:
    parts = exports.as_object("acme.json", {"notes": [json.dumps("x" * 10_000)], "accounts": ["{}", "{}"]}, "Ask.")

    assert json.loads("".join(code({"blocks": one.blocks}) for one in parts[:-1])) == {"accounts": [{}, {}]}
    assert parts[-1].text == "Left out, as it does not fit into a message: notes. Ask."
    assert json.loads(code({"blocks": exports.as_object("acme.json", {}, "")[0].blocks})) == {}


async def test_a_viewer_and_a_forger_take_nothing_along(stage: Stage) -> None:
    ben = await stage.is_now("ben")
    await stage.types("/account acme robotics")
    await stage.services.database.write(tunings.choose, roles.plain([Grant(ben, Role.VIEWER)]), "U9", stage.now, ACCESS)
    await stage.person.chooses(await stage.last(), "account_export", "Export as JSON")
    await stage.services.tasks.drain(20)

    assert "This is for the role CSM" in words(await stage.last())


async def test_an_account_with_a_long_id_keeps_its_buttons(stage: Stage) -> None:
    """Slack's menus take shorter values than its buttons."""
    long = "z" * 255
    await stage.services.database.write(fill, [account(long, name="Long Id Ltd"), running(long, 1)], stage.now)
    await stage.types("/account long id")
    await stage.presses(await stage.last(), "Timeline")
    assert "Long Id Ltd" in words(await stage.last())


async def test_a_hostile_id_calls_nobody(stage: Stage) -> None:
    hostile = "<!channel>*you*"
    await stage.services.database.write(fill, [account(hostile, name="Plain Ltd"), running(hostile, 1)], stage.now)
    await stage.types("/account plain")
    card = await stage.last()
    for choice in ("Export as CSV", "Export as JSON"):
        await stage.person.chooses(card, "account_export", choice)
        await stage.services.tasks.drain(20)
        said = await stage.last()
        assert "&lt;!channel&gt;∗you∗" in said["blocks"][0]["text"]["text"]
        assert "<!channel>" not in words(said)
