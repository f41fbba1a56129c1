"""About which departure a form is, and what it is filled with, on both engines."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.exits.opening import Asked, opened
from bot.messages.account import Setting
from bot.messages.exits import LABELS
from storage import alerts, exit_forms, exit_interviews
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.exit_forms import Form, Typed
from storage.exit_interviews import Entry, Said
from storage.states import AlertState
from tests.company import fill, running, stored
from tests.factories import account, at

FIRST, SECOND = date(2026, 3, 1), date(2026, 8, 1)
ENDED = {"status": f.Status.ENDED, "status_word": "canceled"}


async def came_and_went(database: Database, morning: datetime, **second: object) -> None:
    """An account of two stays: the first over, the second as told."""
    await stored(database, morning)
    first = running("twice", 2, at(1, 3), ended_at=at(1, 5), cancel_reason="too_expensive", **ENDED)
    again = running("twice", 4, at(1, 8), **second)
    again = replace(again, id="again", items=tuple(replace(one, id="again") for one in again.items))
    await database.write(fill, [account("twice", name="Twice"), replace(first, id="first"), again], morning)


async def form_of(
    database: Database, now: datetime, account_id: str = "twice", came: date | None = None
) -> tuple[dict[str, object], Form]:
    asked = Asked("f00d", account_id, "U1", came)
    found = await database.read(opened, asked, Setting(now, ZoneInfo("UTC")))
    assert found is not None
    return found


def known(view: dict[str, Any]) -> str:
    blocks = view["blocks"]
    return "\n".join([*(field["text"] for field in blocks[1]["fields"]), blocks[2]["text"]["text"]])


def reason(view: dict[str, Any]) -> str | None:
    blocks = view["blocks"]
    element = next(one["element"] for one in blocks if one.get("label", {}).get("text") == LABELS["reason"])
    return element.get("initial_option", {}).get("value")


@pytest.mark.parametrize(
    ("second", "came", "money"),
    [
        ({"ended_at": at(4, 10), **ENDED}, SECOND, "*MRR lost on 4 Oct 2026*\n$200.00"),
        ({}, FIRST, "*MRR lost on 1 May 2026*\n$100.00"),  # it is back, and nothing says that it leaves again
        ({"cancel_at": at(1, 12), "cancel_requested_at": at(18, 11)}, SECOND, "*MRR at stake*\n$200.00"),
    ],
)
async def test_a_form_is_about_the_departure_at_hand(
    database: Database, morning: datetime, second: dict[str, object], came: date, money: str
) -> None:
    await came_and_went(database, morning, **second)

    view, form = await form_of(database, morning)

    assert form == Form("f00d", "twice", came, "U1", morning, {})
    assert money in known(view)


async def test_an_earlier_departure_is_opened_by_its_first_day(database: Database, morning: datetime) -> None:
    await came_and_went(database, morning, ended_at=at(4, 10), cancel_reason="unused", **ENDED)
    told = Entry("V1", "twice", SECOND, "U1", morning, Said(reason="support"), "Of the second")
    await database.write(exit_interviews.save, told)

    second, form = await form_of(database, morning)
    first, of_first = await form_of(database, morning, came=FIRST)

    assert form.shown == {"reason": "support", "note": "Of the second"}
    assert reason(second) == "support"
    assert (of_first.came, of_first.shown, reason(first)) == (FIRST, {}, None)
    assert "*MRR lost on 1 May 2026*\n$100.00" in known(first)


async def test_an_account_that_never_paid_has_one_interview_too(database: Database, morning: datetime) -> None:
    await stored(database, morning)

    _, form = await form_of(database, morning, "empty")
    await database.write(exit_interviews.save, Entry("V1", "empty", None, "U1", morning, Said(reason="price")))
    _, again = await form_of(database, morning, "empty")

    assert (form.came, form.shown, again.shown) == (None, {}, {"reason": "price"})


async def test_what_was_told_before_an_account_ever_paid_can_still_be_changed(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    told = Entry("V1", "acme", None, "U1", at(2, 2), Said(reason="price"))
    await database.write(exit_interviews.save, told)

    _, form = await form_of(database, morning, "acme", date(2026, 2, 2))
    changed = Entry("V2", "acme", form.came, "U1", morning, Said(root_cause="support"))
    await database.write(exit_interviews.save, changed)

    assert (form.came, form.shown) == (date(2026, 2, 2), {"reason": "price"})
    (found,) = await database.read(exit_interviews.of_account, "acme")
    assert found.said == Said(reason="price", root_cause="support")


async def test_nothing_is_opened_of_an_account_that_is_not_known(database: Database, morning: datetime) -> None:
    await stored(database, morning)

    assert await database.read(opened, Asked("f", "nobody", "U1"), Setting(morning, ZoneInfo("UTC"))) is None


async def test_the_newest_draft_of_this_departure_fills_it(database: Database, morning: datetime) -> None:
    await came_and_went(database, morning, ended_at=at(4, 10), **ENDED)
    for id_, came, author, text in (
        ("F1", SECOND, "U1", "older"),
        ("F2", SECOND, "U1", "newer"),
        ("F3", FIRST, "U1", "of another departure"),
        ("F4", SECOND, "U2", "of another person"),
    ):
        await database.write(exit_forms.opened, Form(id_, "twice", came, author, morning, {}))
        typed = Typed({"note": text}, id_, morning + timedelta(minutes=int(id_[1])))
        await database.write(exit_forms.keep, id_, author, typed)

    view, _ = await form_of(database, morning)

    assert "'initial_value': 'newer'" in str(view)
    assert "of another" not in str(view)


async def test_the_alerts_of_the_stay_are_told_with_how_long_they_stood(database: Database, morning: datetime) -> None:
    await came_and_went(database, morning, ended_at=at(4, 10), **ENDED)
    for number, day in enumerate((at(2, 4), at(1, 9), at(5, 9), at(8, 9), at(9, 9))):
        alert = Alert(
            id=f"a{number}",
            cause_key=f"k{number}",
            account_id="twice",
            rule="other_rule",
            object_id="x",
            evidence={},
            since=day,
            opened_at=day,
            state=AlertState.CLOSED,
            closed_at=day + timedelta(days=2),
        )
        await database.write(alerts.add, alert)

    told = known((await form_of(database, morning))[0])

    assert told.count("Alert from") == 3
    assert "Alert from 9 Sep 2026 to 11 Sep 2026: other rule" in told
    assert "1 earlier alert" in told
    assert "Apr 2026" not in told
