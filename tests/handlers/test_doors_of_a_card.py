"""The card of somebody whose role was changed since: its buttons ask again, each time."""

import json
from typing import Any

import pytest

from bot.roles import Grant, Reach, Role
from handlers import mentions
from storage import exit_interviews, journal
from storage.exit_interviews import Entry as Exit
from storage.exit_interviews import Said
from storage.journal import Entry
from storage.states import NoteKind
from tests.bot.test_erasing import everything
from tests.handlers.conftest import HERE, Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_mentions import answers, mentions_it
from tests.handlers.test_win_back import left

SECRET = "Hank drinks with Initech"
LOOKS = ("More", "Timeline")
WRITTEN = ("Log note", "All notes", "Log exit note", "Exit history", "Share here")
EXPORTS = ("Export as CSV", "Export as JSON")
UNKNOWN = ("I know no account like", "names no account that you may see")
REFUSED = ("ask <@U00000001>", "full members", "Another company", "workspace it is installed in")
WHO: dict[str, tuple[str, ...]] = {
    "viewer": LOOKS,
    "csm": (*LOOKS, *WRITTEN, *EXPORTS),
    "csm of others": (),
    "viewer of all, csm of others": LOOKS,
    "nobody": (),
    "guest": (),
    "stranger": (),
    "outside": (),
}


async def opened(stage: Stage) -> dict[str, Any]:
    """Globex's card as Ben got it while he might do everything, with what people wrote."""
    note = Entry("n1", "globex", NoteKind.CALL, SECRET, "U00000001", stage.now)
    await stage.services.database.write(journal.add, note)
    said = Said(reason="price", bring_back=SECRET, missed=SECRET)
    await stage.services.database.write(exit_interviews.save, Exit("e1", "globex", None, "U1", stage.now, said, SECRET))
    await stage.is_now("ben")
    await stage.types("/account globex")
    return await stage.last()


async def becomes(stage: Stage, who: str) -> None:
    ben = await stage.is_now("ben")
    user = stage.server.state.workspace.users[ben]
    user.email = "ann@we.com"
    user.is_restricted, user.is_stranger = who == "guest", who == "stranger"
    grants = {
        "viewer": [Grant(ben, Role.VIEWER)],
        "csm of others": [Grant(ben, Role.CSM, Reach.OWN)],
        "viewer of all, csm of others": [Grant(ben, Role.CSM, Reach.OWN), Grant(HERE, Role.VIEWER)],
        "nobody": [],
    }
    await give(stage, Grant("U00000001", Role.ADMIN), *grants.get(who, [Grant(ben, Role.CSM)]))
    stage.server.state.workspace.channels[HERE].is_ext_shared = who == "outside"


async def answer(stage: Stage, card: dict[str, Any], label: str) -> str:
    """What pressing a button brings: a window, or messages to this person."""
    before = len(await stage.sees())
    if label in EXPORTS:
        await stage.person.chooses(card, "account_export", label)
        await stage.services.tasks.drain(20)
    else:
        await stage.presses(card, label)
    if stage.server.state.views.stack(stage.server.state.me):
        view = stage.view()
        await stage.person.closes(view)
        return json.dumps(view["blocks"], ensure_ascii=False)
    return " ".join(json.dumps(one["blocks"]) + words(one) for one in (await stage.sees())[before:])


@pytest.mark.parametrize("who", WHO)
async def test_an_old_card_gives_no_more_than_the_present_role(stage: Stage, who: str) -> None:
    card = await opened(stage)
    await becomes(stage, who)
    before = await stage.services.database.read(everything)

    passed = []
    for label in (*LOOKS, *WRITTEN, *EXPORTS):
        said = await answer(stage, card, label)
        refused = any(mark in said for mark in REFUSED)
        assert said
        assert SECRET not in said or (who == "csm" and not refused)
        passed += [] if refused else [label]

    assert tuple(passed) == WHO[who]
    if who != "csm":
        after = await stage.services.database.read(everything)
        kept = [one for one in after.splitlines() if one not in before and not one.startswith(("audit ", "inbox "))]
        assert kept == []


NARROW = ("csm of others", "viewer of all, csm of others")
TEXT = {"type": "plain_text_input", "value": SECRET}
PICKED = {"type": "static_select", "selected_option": {"value": "sso"}}
# What is typed, the buttons that lead to the form, what is filled in, and who of WHO may still send it.
FORMS: dict[str, tuple[str, tuple[str, ...], dict[str, Any], tuple[str, ...]]] = {
    "note": ("/account globex", ("Log note",), {"text": TEXT}, ("csm",)),
    "correction": ("/account globex notes", ("Correct",), {"text": TEXT}, ("csm",)),
    "contacts": ("/account globex", ("More", "Contacts"), {"people": TEXT}, ("csm",)),
    "interview": ("/exit-interview globex", (), {}, ("csm",)),
    "post": (
        "/exit-interview report",
        ("Post to product channel",),
        {"channel": {"type": "conversations_select", "selected_conversation": HERE}},
        ("csm", *NARROW),
    ),
    "fixed": ("/exit-interview winback", ("A feature is fixed …",), {"feature": PICKED}, ()),
    "icp": ("/exit-interview icp", (), {"words": {"type": "plain_text_input", "value": "mrr>1"}}, ()),
    "reason": ("/exit-interview reasons", ("Change",), {"label": TEXT}, ()),
    "worth": (
        "/exit-interview report tags",
        ("Is a fix worth it?",),
        {"feature": PICKED, "cost": {"type": "plain_text_input", "value": "5"}},
        ("viewer", "csm", *NARROW),
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("who", [one for one in WHO if one != "outside"])
async def test_an_open_form_is_taken_by_the_present_role(stage: Stage, who: str, form: str) -> None:
    typed, buttons, filled, may = FORMS[form]
    await left(stage, "small", 1, owner="boss@we.com")
    await opened(stage)
    await stage.types(typed)
    for label in buttons:
        stack = stage.server.state.views.stack(stage.server.state.me)
        await stage.presses(stage.view() if stack else await stage.last(), label)
    view = stage.view()
    if form == "interview":
        block = next(one["block_id"] for one in view["blocks"] if ":note" in one.get("block_id", ""))
        filled = {block: TEXT}
    await becomes(stage, who)
    before = (await stage.services.database.read(everything)).splitlines()

    answer = await stage.submits(**filled)

    after = (await stage.services.database.read(everything)).splitlines()
    kept = [one for one in after if one not in before and not one.startswith(("audit ", "inbox "))]
    if who in may:
        assert "errors" not in answer, answer
        assert who not in NARROW or not [one for one in kept if "Gone Fishing" in one or "Small" in one]
    else:
        assert kept == []
        shown = json.dumps(stage.view()["blocks"], ensure_ascii=False)
        assert answer.get("errors") or "Customer figures are for full members" in shown, (answer, shown[:500])


@pytest.mark.parametrize("who", WHO)
async def test_a_mention_and_the_shortcut_ask_for_the_role_too(stage: Stage, who: str) -> None:
    await opened(stage)
    await stage.person.types("Globex Corporation called")
    message = await stage.last()
    await becomes(stage, who)
    before = await stage.services.database.read(everything)

    passed = []
    for asked in ("globex", "globex timeline", "globex notes", "globex note Hello"):
        await mentions_it(stage, f"{{bot}} {asked}")
        said = words((await answers(stage))[-1])
        assert SECRET not in said or who == "csm"
        passed += [] if any(mark in said for mark in (*UNKNOWN, *REFUSED)) else [asked]
    seen = len(await stage.sees())
    await stage.person.uses_shortcut(mentions.SHORTCUT, message)
    await stage.services.tasks.drain(20)
    said = " ".join(map(words, (await stage.sees())[seen:]))
    assert SECRET not in said or who == "csm"
    passed += [] if any(mark in said for mark in (*UNKNOWN, *REFUSED)) else ["shortcut"]

    may = {"csm": ["globex", "globex timeline", "globex notes", "globex note Hello", "shortcut"]}
    looks = ["globex", "globex timeline", "shortcut"] if "viewer" in who else []
    assert passed == may.get(who, looks)
    if who != "csm":
        after = await stage.services.database.read(everything)
        kept = [one for one in after.splitlines() if one not in before and not one.startswith(("audit ", "inbox "))]
        assert kept == []
