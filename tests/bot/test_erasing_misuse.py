"""Erasing accounts and people whose ids, names and addresses are made to break it."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot import erasing
from bot.exits import saving
from bot.messages.account import Setting
from storage import alerts, audit, contacts, erasure, exit_forms, journal, outbox
from storage import facts as f
from storage.alerts import Alert
from storage.contacts import Contact
from storage.engine import Database
from storage.exit_forms import Form, Typed
from storage.journal import Entry
from storage.states import AlertState, NoteKind, OutboxState
from storage.tables import AlertRow, OutboxRow
from storage.upsert import table_of
from tests.bot.test_erasing import ENDED, NOW, erase, everything, sums
from tests.company import ACME, OTHERS, PLAN, fill
from tests.factories import account, at, invoice, item, subscription

NOTE = "We offered 100 USD on 3 Mar 2026 (a digest, v2.0)"
MESSAGES = {
    "exit_prompt:acme:2026-10-04": "Acme leaves",
    "digest:C1:2026-11-23": "MRR is $100 since 2026",
    "share:C1:acme:U0ANN:1.0": "Acme",
    "doubt:100": "Did it arrive?",
}


def known(session: Session, *more: f.Fact) -> None:
    fill(session, [*PLAN, *ACME, *OTHERS, *more], NOW)
    journal.add(session, Entry("n-acme", "acme", NoteKind.CALL, NOTE, "U0ANN", NOW))
    for key, text in MESSAGES.items():
        outbox.put(session, key, "C1", text, [], now=NOW)


def messages(session: Session) -> dict[str, str]:
    rows = select(table_of(OutboxRow).c.key, table_of(OutboxRow).c.text)
    return {row.key: row.text for row in session.connection().execute(rows)}


@pytest.mark.parametrize(
    "id_",
    [
        "%",
        "_",
        "*",
        "1",
        "100",
        "2026",
        "2.0",
        "acme:eu",
        "x'; drop table accounts;--",
        "a\nb",
        "ac\u200bme",
        "(",
        "\\",
    ],
)
def test_whatever_its_id_it_alone_is_erased(database: Database, id_: str) -> None:
    with database.writing() as session:
        known(session, account(id_, name="Vanishing Ltd", email="v@vanish.example"))
        for one in (id_, "acme"):
            audit.record(session, audit.Entry(NOW, "U0ANN", "look at account", one, granted=True))
        outbox.put(session, f"exit_prompt:{id_}:2026-10-04", "U0ANN", "Vanishing leaves", [], now=NOW)
        before = sums(session)

        erase(session, id_)

        assert sums(session) == before
        assert erasure.left(session, [id_]) == []
        assert messages(session) == MESSAGES
        assert journal.of_account(session, "acme")[0].text == NOTE
        renamed, others = sorted((one.subject for one in audit.found(session)), reverse=True)
        assert (renamed.startswith("erased-"), others) == (True, "acme")
        assert "anish" not in everything(session)


def test_two_with_colons_in_their_ids_are_both_erased(database: Database) -> None:
    """Their messages stand in Slack, each under a key of its own."""
    ids = ("crm:1", "crm:2")
    with database.writing() as session:
        known(session, *(account(one, name=f"Vanishing {one}") for one in ids))
        for one in ids:
            outbox.put(session, f"exit_prompt:{one}:2026-10-04", "U0ANN", "Leaves", [], now=NOW)
        posted = table_of(OutboxRow).update().values(state=OutboxState.SENT, ts="1.0", shown=1)
        session.connection().execute(posted)
        for one in ids:
            erase(session, one)
        told = [text for key, text in messages(session).items() if key not in MESSAGES]
        text = everything(session)
    assert told == [erasing.TOLD, erasing.TOLD]
    assert [one for one in ids if one in text] == []


def test_what_others_wrote_leaves_it_out_however_it_is_spelt(database: Database) -> None:
    with database.writing() as session:
        known(session, account("cus_V1", name="Vanishing Ltd", email="Vi@vanish.co"))
        text = "VANISHING LTD and vanishing ltd, vi@VANISH.co at mail.vanish.co; not vi@vanish.co.uk, vanish.co-op"
        journal.add(session, Entry("n1", "acme", NoteKind.CALL, text, "U0ANN", NOW))
        contacts.save(session, "acme", [Contact("Jo (Vanishing Ltd)", "vi@vanish.co")], "U0ANN", NOW)
        shown = {"note": "knows Vanishing Ltd"}
        exit_forms.opened(session, Form("e1", "acme", date(2026, 3, 1), "U0ANN", NOW, shown))
        exit_forms.keep(session, "e1", "U0ANN", Typed({"note": "asks Vanishing Ltd"}, "1", NOW))

        erase(session, "cus_V1")

        entry = journal.with_id(session, "n1")
        (contact,), _ = contacts.of_account(session, "acme")
        form = exit_forms.find(session, "e1", "U0ANN")
    assert entry
    assert entry.text == "[erased] and [erased], [erased] at mail.[erased]; not vi@vanish.co.uk, vanish.co-op"
    assert contact == Contact("Jo ([erased])", "[erased]")
    assert form
    assert (form.shown, form.typed) == ({"note": "knows [erased]"}, {"note": "asks [erased]"})


def test_a_person_is_not_taken_for_another_with_a_longer_address(database: Database) -> None:
    text = "Ask kim@acme.co, not kim@acme.co.uk, kim@acme.co-op or jo.kim@acme.co."
    with database.writing() as session:
        known(session)
        journal.add(session, Entry("n1", "acme", NoteKind.CALL, text, "U0ANN", NOW))
        erasing.erase_person(session, "Kim@Acme.co", "root", NOW)
        entry = journal.with_id(session, "n1")
    assert entry
    assert entry.text.startswith("Ask erased-")
    assert entry.text.endswith(", not kim@acme.co.uk, kim@acme.co-op or jo.kim@acme.co.")


def test_one_with_many_bills_is_erased_in_good_time(database: Database) -> None:
    """Ten years of monthly bills, each with a long address and a number of its own."""
    ended = {**ENDED, "started_at": at(1, 3)}
    bills = [
        invoice(
            f"in_V{number}",
            account_id="cus_V1",
            number=f"VAN-{number:04}",
            hosted_url=f"https://pay.example/i/{number:04}/{'x' * 150}?s=ap",
            subscription_id="sub_V1",
        )
        for number in range(120)
    ]
    sub = subscription("sub_V1", [item("pro", 3, id="si_V1", started_at=at(1, 3))], account_id="cus_V1", **ended)
    with database.writing() as session:
        known(session, account("cus_V1", name="Vanishing Ltd"), sub, *bills)
        for number in range(200):
            text = f"They wrote of VAN-{number:04} again, and then again, until nobody could hear it any more. " * 5
            journal.add(session, Entry(f"n{number}", "acme", NoteKind.CALL, text, "U0ANN", NOW))
        erase(session, "cus_V1")
        text = everything(session)
    assert "VAN-0119" not in text
    assert "VAN-0120" in text


def test_what_was_written_when_they_cancelled_or_an_alert_was_dismissed_goes(database: Database) -> None:
    part: dict[str, Any] = {
        "cause": "cancel_scheduled:sub_V1",
        "reason": "too_expensive",
        "comment": "Our Jean is ill",
        "rest": None,
    }
    dismissed = {"ending": "dismissed", "by": "U0ANN", "why": "other", "note": "Jean told me why", "at": None}
    alert = Alert(
        id="a1",
        cause_key=part["cause"],
        account_id="cus_V1",
        rule="cancel_scheduled",
        object_id="sub_V1",
        evidence=part,
        since=NOW,
        opened_at=NOW,
    )
    with database.writing() as session:
        known(session, account("cus_V1", name="Vanishing Ltd"))
        alerts.add(session, alert)
        values = {"evidence": {**part, "parts": [part]}, "outcome": dismissed, "state": AlertState.CLOSED}
        session.connection().execute(table_of(AlertRow).update().values(values))
        erase(session, "cus_V1")
        (row,) = session.connection().execute(select(table_of(AlertRow))).all()
        assert "Jean" not in everything(session)
    assert (row.outcome, row.evidence["reason"]) == ({**dismissed, "note": ""}, "too_expensive")


def test_what_was_quoted_of_it_in_a_message_about_several_goes(database: Database) -> None:
    lines = (
        "*SSO* is fixed. 2 customers of yours left for it:",
        "*Vanishing Ltd*, left on 4 Oct 2026 with $150 MRR: “Call Jean “the boss” back”",
        "*Globex*, left on 5 Oct 2026 with $20 MRR: “Call Hank back”",
    )
    with database.writing() as session:
        known(session, account("cus_V1", name="Vanishing Ltd"))
        outbox.put(session, "fixed:sso:U0ANN:2026-11-23", "U0ANN", "\n".join(lines), [{"text": lines[1]}], now=NOW)
        erase(session, "cus_V1")
        text = messages(session)["fixed:sso:U0ANN:2026-11-23"]
        assert "Jean" not in everything(session)
    told = "*[erased]*, left on 4 Oct 2026 with $150 MRR: “[erased]”"
    assert text.split("\n") == [lines[0], told, lines[2]]


def test_letters_and_their_accents_may_stand_apart_in_what_others_wrote(database: Database) -> None:
    apart, as_it_was = "Cafe\u0301 No\u0308rd", "Cafe\u0301 stays as it was"
    with database.writing() as session:
        known(session, account("cus_V1", name="Café Nörd"))
        journal.add(session, Entry("n1", "acme", NoteKind.CALL, f"They know {apart}", "U0ANN", NOW))
        journal.add(session, Entry("n2", "acme", NoteKind.CALL, as_it_was, "U0ANN", NOW))
        erase(session, "cus_V1")
        texts = {entry.id: entry.text for entry in journal.of_account(session, "acme")}
    assert (texts["n1"], texts["n2"]) == ("They know [erased]", as_it_was)


def test_who_saves_while_an_erasure_goes_on_waits_and_is_told(database: Database) -> None:
    """Before it is committed nobody else sees it: without waiting the interview would be kept under the old id."""
    form, setting = Form("e1", "cus_V1", None, "U0ANN", NOW, {}), Setting(NOW, ZoneInfo("UTC"))

    def save() -> saving.Kept:
        with database.writing() as session:
            return saving.keep(session, form, {"note": "Vanishing told me"}, setting)

    with database.writing() as session:
        known(session, account("cus_V1", name="Vanishing Ltd"))
    with ThreadPoolExecutor() as pool:
        with database.writing() as session:
            erase(session, "cus_V1")
            saved = pool.submit(save)
            assert wait([saved], timeout=0.3).not_done
        assert saved.result() == saving.Kept({"note": saving.NOT_KEPT})
    with database.reading() as session:
        assert "anish" not in everything(session)
