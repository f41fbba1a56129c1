"""Exit interviews on both engines: what people add, together and apart, and what they choose from."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from storage import exit_forms, exit_interviews, exit_names, exit_reasons
from storage import facts as f
from storage.engine import Database
from storage.exit_forms import Form, Typed
from storage.exit_interviews import FIELDS, Entry, Interview, Said, without
from storage.exit_reasons import Set
from storage.states import Answer, NameKind
from tests.company import fill, running, stored
from tests.factories import account, at

HOUR = timedelta(hours=1)
WHOLE = Said(
    reason="price",
    root_cause="support",
    secondary_reason="budget_cut",
    competitor="initech",
    tags=("api", "sso"),
    avoidable=Answer.YES,
    left_anyway=Answer.NO,
    bring_back="An API",
    ask_again_on=date(2027, 2, 1),
    icp_fit=8,
    missed="Tickets lay for weeks",
    link="https://crm.example/1",
)


def entry(id_: str, written_at: datetime, author: str = "U1", **values: Any) -> Entry:
    said = {name: values.pop(name) for name in list(values) if name not in ("note", "came", "cleared", "account_id")}
    return Entry(
        id_, values.pop("account_id", "x"), values.pop("came", None), author, written_at, Said(**said), **values
    )


async def kept(database: Database, *entries: Entry) -> list[Interview]:
    for one in entries:
        await database.write(exit_interviews.save, one)
    return await database.read(exit_interviews.of_account, entries[0].account_id)


async def test_an_entry_comes_back_as_it_was_added(database: Database, morning: datetime) -> None:
    typed = ("Näin kävi: «ой» 🙂 \u202e漢字 abc\n" * 2000)[:40_000]
    added = Entry("V1", "x", date(2026, 1, 1), "U1", morning, WHOLE, typed, ("link",))

    (found,) = await kept(database, added)

    assert found.entries == (added,)
    assert found.said == WHOLE
    assert [note.text for note in found.notes] == [typed]


async def test_several_people_add_and_the_newest_answer_counts(database: Database, morning: datetime) -> None:
    (found,) = await kept(
        database,
        entry("V1", morning, "U1", reason="price", icp_fit=3, link="https://a.example", note="of U1"),
        entry("V2", morning + HOUR, "U2", root_cause="support", icp_fit=7, note="of U2"),
        entry("V3", morning + 2 * HOUR, "U1", note="of U1, later", cleared=("link",)),
    )

    assert found.said == Said(reason="price", root_cause="support", icp_fit=7)
    assert [(note.author, note.text) for note in found.notes] == [("U2", "of U2"), ("U1", "of U1, later")]
    assert [one.id for one in found.entries] == ["V1", "V2", "V3"]
    assert found.newest.author == "U1"


async def test_tags_of_two_people_stand_together(database: Database, morning: datetime) -> None:
    (found,) = await kept(
        database,
        entry("V1", morning, "U1", tags=("api", "sso")),
        entry("V2", morning + HOUR, "U2", tags=("audit",), cleared=(without("sso"),)),
        entry("V3", morning + 2 * HOUR, "U1", tags=("api", "export")),
    )

    assert found.said.tags == ("api", "audit", "export")


async def test_a_note_that_its_author_takes_back_is_told_no_more(database: Database, morning: datetime) -> None:
    (found,) = await kept(
        database, entry("V1", morning, note="mistaken"), entry("V2", morning + HOUR, cleared=("note",))
    )

    assert found.notes == ()
    assert found.entries[0].note == "mistaken"


async def test_a_form_that_is_sent_twice_is_one_entry(database: Database, morning: datetime) -> None:
    (found,) = await kept(database, *(entry("V1", morning, note=note) for note in ("first", "second")))

    assert [one.note for one in found.entries] == ["second"]


async def test_an_account_that_left_twice_has_two_interviews(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    ended = {"status": f.Status.ENDED, "status_word": "canceled"}
    first = replace(running("twice", 2, at(1, 3), ended_at=at(1, 5), **ended), id="sub-1")
    again = replace(running("twice", 2, at(1, 8), ended_at=at(1, 10), **ended), id="sub-2")
    again = replace(again, items=tuple(replace(one, id="again") for one in again.items))
    await database.write(fill, [account("twice"), first, again], morning)
    came, back = date(2026, 3, 1), date(2026, 8, 1)

    found = await kept(
        database,
        entry("V1", at(2, 5), account_id="twice", reason="price"),  # as an older release wrote it
        entry("V2", at(9, 10), account_id="twice", came=back, reason="support"),
        entry("V3", morning, account_id="twice", came=came, root_cause="budget_cut"),  # told much later
    )

    assert [(one.stay, one.left, one.said) for one in found] == [
        (came, date(2026, 5, 1), Said(reason="price", root_cause="budget_cut")),
        (back, date(2026, 10, 1), Said(reason="support")),
    ]
    assert await database.read(exit_interviews.last_stays, ["twice", "acme"]) == {"twice": back}
    await database.write(exit_interviews.save, entry("V4", morning, account_id="never"))
    assert await database.read(exit_interviews.last_stays, ["never"]) == {"never": morning.date()}
    for day, reason in ((date(2026, 5, 1), "price"), (date(2026, 10, 1), "support"), (date(2026, 6, 1), None)):
        told = exit_interviews.about(found, day)
        assert (told.said.reason if told else None) == reason


def test_every_field_is_an_answer_or_the_note() -> None:
    assert set(FIELDS) == {*Said.__dataclass_fields__, "note"}


@pytest.mark.parametrize(
    ("typed", "same"),
    [("Single Sign-On", "single  sign on"), ("Node.js", "NODEJS"), ("Élan", "elan"), ("漢字", "漢 字")],
)
async def test_a_name_is_kept_once_however_it_is_typed(
    database: Database, morning: datetime, typed: str, same: str
) -> None:
    ids = {await database.write(exit_names.add, NameKind.FEATURE, name, "U1", morning) for name in (typed, same, typed)}

    assert len(ids) == 1
    assert await database.read(exit_names.named, NameKind.FEATURE, ids) == {ids.pop(): typed}
    assert await database.read(exit_names.all_of, NameKind.COMPETITOR) == []
    ((_, name),) = await database.read(exit_names.all_of, NameKind.FEATURE)
    assert name == typed


async def test_the_latest_setting_of_a_reason_is_in_force(database: Database, morning: datetime) -> None:
    for chosen in (
        Set("price", "Costs too much", "yes", retired=False),
        Set("r1", "No Finnish", "partly", retired=False),
        Set("price", "Too dear", "yes", retired=True),
    ):
        await database.write(exit_reasons.choose, chosen, "U1", morning)

    assert await database.read(exit_reasons.in_force) == {
        "price": Set("price", "Too dear", "yes", retired=True),
        "r1": Set("r1", "No Finnish", "partly", retired=False),
    }


async def test_what_is_typed_into_a_form_is_kept_until_it_is_saved(database: Database, morning: datetime) -> None:
    form = Form("F1", "x", date(2026, 1, 1), "U1", morning, {"reason": "price"})
    await database.write(exit_forms.opened, form)
    assert await database.read(exit_forms.draft, "x", form.came, "U1") is None

    for author, text, stamp in (("U1", "second", "2.0"), ("U1", "first", "1.0"), ("U2", "of another", "3.0")):
        await database.write(exit_forms.keep, "F1", author, Typed({"note": text}, stamp, morning + HOUR))
    draft = await database.read(exit_forms.draft, "x", form.came, "U1")
    assert draft == replace(form, typed={"note": "second"}, typed_at=morning + HOUR)
    assert await database.read(exit_forms.draft, "x", None, "U1") is None
    assert await database.read(exit_forms.find, "F1", "U2") is None

    await database.write(exit_forms.saved, form, morning)
    await database.write(exit_forms.keep, "F1", "U1", Typed({"note": "late"}, "4.0", morning))
    assert await database.read(exit_forms.draft, "x", form.came, "U1") is None
    assert await database.read(exit_forms.find, "F1", "U1") == replace(form, saved_at=morning)


async def test_drafts_are_discarded_and_old_forms_forgotten(database: Database, morning: datetime) -> None:
    for id_, opened_at in (("F1", morning), ("F2", morning - 99 * HOUR)):
        await database.write(exit_forms.opened, Form(id_, id_, None, "U1", opened_at, {}))
        await database.write(exit_forms.keep, id_, "U1", Typed({"note": "x"}, "1", morning))

    await database.write(exit_forms.forget, morning - HOUR)
    assert await database.read(exit_forms.draft, "F2", None, "U1") is None
    assert await database.read(exit_forms.draft, "F1", None, "U1") is not None
    await database.write(exit_forms.discard, "F1", None, "U1")
    assert await database.read(exit_forms.draft, "F1", None, "U1") is None
