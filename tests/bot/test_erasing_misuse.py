"""Erasing accounts and people whose ids, names and addresses are made to break it."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot import erasing
from storage import audit, contacts, erasure, exit_forms, journal, outbox
from storage import facts as f
from storage.contacts import Contact
from storage.engine import Database
from storage.exit_forms import Form, Typed
from storage.journal import Entry
from storage.states import NoteKind, OutboxState
from storage.tables import OutboxRow
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
