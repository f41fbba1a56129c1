"""The exit interview's form, from the command to the card: what is typed is checked, kept, and never lost."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.access import Asker
from bot.exits import long_text
from bot.exits.long_text import LONGEST
from bot.exits.reasons import REASONS
from bot.messages import exit_form
from bot.messages.exits import LABELS
from bot.playground.slack.faults.faults import Fault
from handlers import exit_interview
from handlers.saving import not_saved
from storage import departures, exit_forms, exit_interviews, exit_names, syncs
from storage.exit_interviews import NOTE, TAGS, Interview, Said
from storage.states import Answer, NameKind
from tests.handlers.conftest import Stage, words

WHY, REALLY, BACK, NOTED = (LABELS[name] for name in ("reason", "root_cause", "bring_back", NOTE))
WHOLE: dict[str, str | Sequence[str]] = {
    WHY: "Too expensive",
    REALLY: "Unhappy with support",
    LABELS["secondary_reason"]: "Budget cut",
    LABELS["competitor"]: "Initech",
    LABELS[TAGS]: ["Single Sign-On", "API"],
    LABELS["avoidable"]: "Yes",
    LABELS["left_anyway"]: "Nobody knows",
    BACK: "An API\nand <!here>",
    LABELS["ask_again_on"]: "2027-02-01",
    LABELS["icp_fit"]: "8",
    LABELS["missed"]: "Tickets lay for weeks",
    NOTED: "Hank was *unhappy*",
    LABELS["link"]: "https://crm.example/globex",
}


def shown(view: dict[str, Any]) -> str:
    texts = [block.get("fields") or [block["text"]] for block in view["blocks"] if block["type"] == "section"]
    return "\n".join(text["text"] for section in texts for text in section)


def stands(view: dict[str, Any], label: str) -> Any:
    """What an input holds as the form is sent: a text, or the texts of what is chosen."""
    element = next(block["element"] for block in view["blocks"] if label == said(block))
    for key in ("initial_value", "initial_date"):
        if key in element:
            return element[key]
    if "initial_options" in element:
        return [one["text"]["text"] for one in element["initial_options"]]
    return element["initial_option"]["text"]["text"] if "initial_option" in element else None


def said(block: Mapping[str, Any]) -> str:
    return str(block.get("label", {}).get("text", ""))


async def fills(stage: Stage, answers: Mapping[str, str | Sequence[str]]) -> Any:
    """Fill in the open form by its labels and send it; wrong fields by their labels."""
    view = stage.view()
    answer = await stage.person.submits(view, answers)
    await stage.services.tasks.drain(20)
    labels = {block["block_id"]: said(block) for block in view["blocks"] if said(block)}
    return {labels[block_id]: message for block_id, message in answer.get("errors", {}).items()}


async def types(stage: Stage, label: str, *given: str) -> None:
    """Type or choose in the open form, which is not sent."""
    await stage.person.chooses(stage.view(), label, *given)
    await stage.services.tasks.drain(20)


async def opens(stage: Stage, name: str = "globex") -> dict[str, Any]:
    await stage.types(f"/exit-interview {name}")
    return stage.view()


def another(stage: Stage) -> str:
    """A colleague of the person at the page."""
    state = stage.server.state
    return next(one.id for one in state.workspace.users.values() if one.id != state.me and not one.is_bot)


async def kept(stage: Stage, account_id: str = "globex") -> Interview:
    (found,) = await stage.services.database.read(exit_interviews.of_account, account_id)
    return found


async def test_the_form_opens_filled_with_what_billing_knows(stage: Stage) -> None:
    view = await opens(stage)

    assert view["callback_id"] == exit_form.CALLBACK
    known = shown(view)
    assert "*Globex Corporation*" in known
    assert "*MRR at stake*\n$1,350.00" in known
    assert "(Moved to a competitor: “Moving to &lt;!channel&gt;" in known
    assert "They wrote" not in known  # it is said above
    assert "No alert before this." in known
    assert stands(view, WHY) == "Moved to a competitor"
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert [said(block) for block in inputs] == list(LABELS.values())
    assert all(block["optional"] for block in inputs)
    assert len(inputs[0]["element"]["options"]) == len(REASONS)


async def test_all_of_a_form_is_kept_and_stands_in_it_again(stage: Stage) -> None:
    await opens(stage)

    assert await fills(stage, WHOLE) == {}

    assert "Noted for Globex Corporation" in shown(stage.view())
    found = await kept(stage)
    assert found.said == Said(
        reason="price",
        root_cause="support",
        secondary_reason="budget_cut",
        competitor="initech",
        tags=("singlesignon", "api"),
        avoidable=Answer.YES,
        left_anyway=Answer.UNKNOWN,
        bring_back="An API\nand <!here>",
        ask_again_on=date(2027, 2, 1),
        icp_fit=8,
        missed="Tickets lay for weeks",
        link="https://crm.example/globex",
    )
    assert found.newest.came == date(2026, 3, 1)
    names = await stage.services.database.read(exit_names.named, NameKind.FEATURE, found.said.tags)
    assert names == {"singlesignon": "Single Sign-On", "api": "API"}
    await stage.presses_in_view("Change or add")
    again = stage.view()
    expected = {label: given for label, given in WHOLE.items() if label not in (LABELS["competitor"], LABELS[TAGS])}
    assert {label: stands(again, label) for label in expected} == expected
    assert stands(again, LABELS["competitor"]) == "Initech"
    assert stands(again, LABELS[TAGS]) == ["Single Sign-On", "API"]


async def test_a_saved_interview_stands_on_the_card(stage: Stage) -> None:
    await opens(stage)
    await fills(stage, WHOLE)

    await stage.types("/account globex")
    card = words(await stage.last())
    me = f"<@{stage.server.state.me}>"
    assert (
        "Too expensive; really: Unhappy with support; also: Budget cut; went to Initech; missed Single Sign-On, API; "
        f"could have been kept; fit 8 of 10, noted 23 Nov 2026 by {me}"
    ) in card
    assert "Would come back for “An API and &lt;!here&gt;”; may be asked again from 1 Feb 2027 on" in card
    assert f"{me}: “Hank was ∗unhappy∗”" in card


async def test_names_are_suggested_as_they_are_known(stage: Stage) -> None:
    view = await opens(stage)
    await fills(stage, {LABELS[TAGS]: ["Single Sign-On"]})
    view = await opens(stage)

    async def offered(label: str, typed: str) -> list[str]:
        offer = await stage.person.suggested(view, label, typed)
        return [one["text"]["text"] for one in offer.get("options", [])]

    assert await offered(LABELS[TAGS], "sign on") == ["Single Sign-On", "sign on"]
    assert await offered(LABELS[TAGS], "SINGLE sign-on") == ["Single Sign-On"]
    assert await offered(LABELS[TAGS], "") == ["Single Sign-On"]
    assert await offered(LABELS["competitor"], "single") == ["single"]


PAST = "2026-11-23"


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({WHY: "Something else", NOTED: "   "}, {NOTED: "“Something else” needs a few words: what was it?"}),
        ({REALLY: "Something else"}, {NOTED: "“Something else” needs a few words: what was it?"}),
        (
            {REALLY: "Budget cut", LABELS["secondary_reason"]: "Budget cut"},
            {LABELS["secondary_reason"]: "This is the cause you chose above; choose another one, or none."},
        ),
        ({LABELS["ask_again_on"]: PAST}, {LABELS["ask_again_on"]: "Choose a day that is still to come."}),
        (
            {LABELS["link"]: "crm.example"},
            {LABELS["link"]: "Write a whole address, such as https://crm.example/acme."},
        ),
        (
            {LABELS["link"]: "https://[::1", LABELS["ask_again_on"]: PAST},
            {
                LABELS["link"]: "Write a whole address, such as https://crm.example/acme.",
                LABELS["ask_again_on"]: "Choose a day that is still to come.",
            },
        ),
    ],
)
async def test_what_is_wrong_is_said_under_its_input_and_nothing_is_kept(
    stage: Stage, answers: dict[str, str], wrong: dict[str, str]
) -> None:
    await opens(stage)

    assert await fills(stage, answers) == wrong
    assert await stage.services.database.read(exit_interviews.of_account, "globex") == []
    for label, given in answers.items():
        (draft,) = [one for one in stage.view()["state"]["values"].items() if said(block_of(stage, one[0])) == label]
        assert given in str(draft)


def block_of(stage: Stage, block_id: str) -> Mapping[str, Any]:
    return next(block for block in stage.view()["blocks"] if block["block_id"] == block_id)


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


HOSTILE: list[tuple[str, dict[str, Any], str]] = [
    (
        "reason",
        {"type": "static_select", "selected_option": {"value": "nonsense"}},
        "Please choose one of the reasons.",
    ),
    (
        "avoidable",
        {"type": "static_select", "selected_option": {"value": "maybe"}},
        "Please choose one of the answers.",
    ),
    ("icp_fit", {"type": "static_select", "selected_option": {"value": "11"}}, "Please choose from 1 to 10."),
    ("ask_again_on", {"type": "datepicker", "selected_date": "2027-13-01"}, "Please choose a day."),
    (
        "competitor",
        {"type": "external_select", "selected_option": {"value": "initech"}},
        "Please choose a name from the list, or type one.",
    ),
    (
        "competitor",
        {"type": "external_select", "selected_option": {"value": "+" + "x" * 76}},
        "A name has up to 75 characters: shorten it.",
    ),
    (
        "tags",
        {"type": "multi_external_select", "selected_options": [{"value": f"+{n}"} for n in range(11)]},
        "Choose up to 10, those that mattered most.",
    ),
]


@pytest.mark.parametrize(("field", "value", "wrong"), HOSTILE)
async def test_what_no_form_offers_is_refused(stage: Stage, field: str, value: dict[str, Any], wrong: str) -> None:
    view = await opens(stage)
    block_id = next(block["block_id"] for block in view["blocks"] if said(block) == LABELS[field])

    answer = await stage.person.sends(view, {block_id: {"value": value}})

    assert answer["errors"] == {block_id: wrong}


async def test_a_form_in_which_nothing_is_said_asks_for_something(stage: Stage) -> None:
    view = await opens(stage, "labs")

    assert stands(view, WHY) is None
    assert await fills(stage, {}) == {WHY: "Say what you know: a reason, or a few words."}


async def test_nothing_changed_is_nothing_noted(stage: Stage) -> None:
    await opens(stage)
    await fills(stage, {WHY: "Too expensive"})
    await opens(stage)

    assert await fills(stage, {}) == {}
    assert "Nothing was changed" in shown(stage.view())
    assert len((await kept(stage)).entries) == 1


async def test_an_edit_is_a_new_entry_that_holds_what_was_changed(stage: Stage) -> None:
    await opens(stage)
    await fills(stage, WHOLE)
    stage.now += timedelta(hours=1)
    await opens(stage)
    changed = {WHY: "Missing feature", LABELS["link"]: "", LABELS[TAGS]: ["API"], NOTED: "Hank is happy"}
    assert await fills(stage, changed) == {}

    found = await kept(stage)
    first, second = found.entries
    assert second.said == Said(reason="missing_feature")
    assert second.cleared == ("link", "tags=singlesignon")
    assert (found.said.reason, found.said.link, found.said.tags) == ("missing_feature", "", ("api",))
    assert [note.text for note in found.notes] == ["Hank is happy"]
    assert first.note == "Hank was *unhappy*"


async def test_two_people_at_once_lose_nothing(stage: Stage) -> None:
    me = stage.server.state.me
    await opens(stage)
    await fills(stage, {WHY: "Too expensive", LABELS[TAGS]: ["API"], NOTED: "First"})
    await opens(stage)
    other = await stage.is_now(another(stage))
    view = await opens(stage)
    assert f"<@{me}> on 23 Nov 2026: “First”" in str(view)
    assert stands(view, NOTED) is None

    stage.now += timedelta(minutes=1)
    theirs = {REALLY: "Budget cut", LABELS[TAGS]: ["API", "Audit log"], NOTED: "Of another", BACK: "A discount"}
    assert await fills(stage, theirs) == {}
    await stage.is_now(me)
    stage.now += timedelta(minutes=1)
    mine = {REALLY: "Unhappy with support", LABELS[TAGS]: ["API", "Export"], NOTED: "First, and more"}
    assert await fills(stage, mine) == {}

    told = shown(stage.view())
    assert "Somebody answered while you wrote." in told
    assert f"• {REALLY} Budget cut" in told
    found = await kept(stage)
    assert found.said == Said(
        reason="price", root_cause="support", bring_back="A discount", tags=("api", "auditlog", "export")
    )
    assert [(note.author, note.text) for note in found.notes] == [(other, "Of another"), (me, "First, and more")]
    assert [entry.said.root_cause for entry in found.entries] == ["", "budget_cut", "support"]


async def test_a_form_sent_twice_is_one_entry_with_the_latest_words(stage: Stage) -> None:
    view = await opens(stage)
    block_id = next(block["block_id"] for block in view["blocks"] if said(block) == NOTED)

    async def sent(text: str) -> dict[str, Any]:
        filled = {block_id: {"value": {"type": "plain_text_input", "value": text}}}
        return await exit_interview.submitted(
            stage.services, Asker(stage.server.state.me), {**view, "state": {"values": filled}}
        )

    both = await asyncio.gather(sent("first"), sent("first"))
    assert [one["response_action"] for one in both] == ["update", "update"]
    assert (await sent("second"))["response_action"] == "update"

    found = await kept(stage)
    assert [entry.note for entry in found.entries] == ["second"]


async def test_when_saving_fails_the_form_stays_with_all_that_was_typed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opens(stage)

    def full(*_: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    monkeypatch.setattr(exit_interviews, "save", full)
    assert await fills(stage, {WHY: "Too expensive", NOTED: "Do not lose me"}) == {NOTED: not_saved()}
    assert "Do not lose me" in str(stage.view()["state"]["values"])

    monkeypatch.undo()
    assert await fills(stage, {}) == {}
    assert [note.text for note in (await kept(stage)).notes] == ["Do not lose me"]


@pytest.mark.parametrize(
    ("sign", "fits"),
    [
        ("Näin kävi: «ой» ", True),
        ("a line\n", True),
        ("é e\u0301 & <b>\t", True),
        ("漢字かな", False),
        ("🙂👩‍👩‍👧 ", False),
        ("שלום عالم \u202e", False),
    ],
)
async def test_40000_characters_of_any_language_are_kept_and_edited(stage: Stage, sign: str, *, fits: bool) -> None:
    text = (sign * LONGEST)[: LONGEST - 3].strip() + "!"
    parts = long_text.parts_of(text)
    await opens(stage)
    for number in range(1, len(parts)):
        await stage.presses_in_view("More room")
        assert said([b for b in stage.view()["blocks"] if said(b).startswith(NOTED)][-1]) == f"{NOTED} ({number + 1})"

    answers = {NOTED if not number else f"{NOTED} ({number + 1})": part for number, part in enumerate(parts)}
    assert await fills(stage, answers) == {}
    assert (await kept(stage)).notes[0].text == text

    stage.now += timedelta(minutes=1)
    view = await opens(stage)
    if fits:
        assert long_text.whole([stands(view, label) for label in answers]) == text
        assert await fills(stage, {}) == {}
        assert len((await kept(stage)).entries) == 1
    else:
        assert f"Your note of {len(text):,} characters is too long for a form." in str(view)
        assert await fills(stage, {NOTED: "!"}) == {}
        assert (await kept(stage)).notes[0].text == f"{text}\n!"


async def test_more_than_40000_characters_are_refused_and_stay_in_the_form(stage: Stage) -> None:
    await opens(stage)
    for _ in range(13):
        await stage.presses_in_view("More room")
    answers = {NOTED if not number else f"{NOTED} ({number + 1})": "x" * 3000 for number in range(14)}

    wrong = await fills(stage, answers)

    assert wrong == {f"{NOTED} (14)": "This holds up to 40,000 characters; yours has 42,000."}
    assert str(stage.view()["state"]["values"]).count("x" * 3000) == 14


async def test_characters_that_nothing_can_store_are_left_out_of_a_note(stage: Stage) -> None:
    await opens(stage, "globex\x00")

    assert await fills(stage, {BACK: "A\x00P\ud83dI", NOTED: "one\r\ntwo\x07"}) == {}

    found = await kept(stage)
    assert (found.said.bring_back, found.notes[0].text) == ("AP\N{REPLACEMENT CHARACTER}I", "one\ntwo")


async def test_a_form_that_nobody_remembers_counts_whole(stage: Stage) -> None:
    await opens(stage)
    await stage.services.database.write(exit_forms.forget, stage.now + timedelta(days=1))

    assert await fills(stage, {NOTED: "Still here"}) == {}

    found = await kept(stage)
    assert (found.said.reason, found.notes[0].text) == ("competitor", "Still here")


def test_what_a_form_carries_may_be_anything() -> None:
    for carried in (None, "", "[]", "{", '{"came":"never","account":7}', 7):
        assert exit_form.subject_of({"private_metadata": carried}).came is None


async def test_nothing_is_suggested_to_whoever_may_not_log_exits_or_in_other_forms(stage: Stage) -> None:
    view = await opens(stage)
    await stage.slack.fault(Fault("users.info", "500"))

    offer = await stage.person.suggested(view, LABELS["competitor"], "Initech")
    assert offer.get("options", []) == []


async def test_nobody_is_asked_any_more_once_an_interview_is_saved(stage: Stage) -> None:
    since = stage.now - timedelta(days=14)

    def waiting(session: Session) -> list[str]:
        return [one.account_id for one in departures.without_interview(session, since, stage.now)]

    await stage.services.database.write(lambda session: syncs.note(session, "test", completed_at=since))
    assert "globex" in await stage.services.database.read(waiting)
    await opens(stage)
    await fills(stage, {REALLY: "Budget cut"})

    assert "globex" not in await stage.services.database.read(waiting)
