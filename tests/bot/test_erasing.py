"""After an erasure nothing tells of whom it was, in any table or byte, and all sums are what they were."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from bot import erasing, roles
from bot.accounts.names import Names
from bot.accounts.search import find
from bot.errors import CannotErase, SourceBusy
from bot.ledger import LedgerRules
from bot.messages.blocks import escape
from bot.sources.base import Changes, Page
from bot.sources.without_erased import WithoutErased
from bot.sync import Sync
from storage import (
    alert_cards,
    alerts,
    audit,
    erasure,
    exit_forms,
    exit_interviews,
    inbox,
    journal,
    outbox,
    people,
    signals,
    syncs,
    tunings,
)
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.exit_forms import Form
from storage.exit_interviews import Entry as Exit
from storage.exit_interviews import Said
from storage.faults import Held
from storage.inputs import Signal
from storage.journal import Entry
from storage.outbox_claims import claim
from storage.people import Person
from storage.personal import COLUMNS, texts
from storage.states import Fault, NoteKind, OutboxState
from storage.tables import MovementRow, OutboxRow, SignalRow, metadata
from storage.upsert import table_of
from tests.company import ACME, OTHERS, PLAN, READ_AS, fill
from tests.factories import account, at, dispute, invoice, item, line, payment, refund, subscription

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
NAME = "Tørst & <Daughters> *Ltd*"
MAIL = "Jean.Tør@torst-daughters.example"
ENDED = {"status": f.Status.ENDED, "status_word": "canceled", "ended_at": at(4, 10)}
GONE: list[f.Fact] = [
    account("cus_XQZ9", name=NAME, email=MAIL, attributes={"contact": "Jean", "vip": MAIL}, owner_email="ann@we.com"),
    subscription(
        "sub_XQZ9",
        [item("pro", 3, id="si_XQZ9", started_at=at(1, 3), ended_at=at(4, 10))],
        account_id="cus_XQZ9",
        started_at=at(1, 3),
        cancel_comment="We, Tørst, close down",
        default_method_id="pm_XQZ9",
        discounts=(f.Discount(id="di_XQZ9", duration=f.Duration.FOREVER, percent_off=Decimal(10)),),
        **ENDED,
    ),
    f.PaymentMethod(id="pm_XQZ9", account_id="cus_XQZ9", source="test", kind="card", brand="visa", last4="Z711"),
    payment("py_XQZ9", 15_000, account_id="cus_XQZ9", at=at(1, 4), intent_ref="pi_XQZ9", method_last4="Z711"),
    invoice(
        "in_XQZ9",
        account_id="cus_XQZ9",
        number="XQZ9-7",
        hosted_url="https://pay.example/in_XQZ9",
        payment_refs=("pi_XQZ9",),
        subscription_id="sub_XQZ9",
        lines=(line("il_XQZ9", 15_000, at(1, 3), subscription_id="sub_XQZ9", description="For Tørst"),),
    ),
    dispute(
        "dp_XQZ9", 100, account_id=None, payment_id="py_XQZ9", status="lost", reason="fraudulent", created_at=at(2, 4)
    ),
]
TRACES = ("XQZ9", "Tørst", "Daughters", "torst-daughters", "Jean", "Z711", "close down")


@pytest.fixture
def filled(database: Database) -> Database:
    with database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS, *GONE], NOW)
        told(session)
    return database


def answer(account_id: str, value: int) -> Signal:
    return Signal(
        account_id=account_id, name="nps", at=NOW, respondent=MAIL, value=Decimal(value), origin="signals.csv"
    )


def told(session: Session) -> None:
    """Something of the account wherever Kahvi keeps what is written."""
    alert = Alert(
        id="a1",
        cause_key="payment_failed:in_XQZ9",
        account_id="cus_XQZ9",
        rule="payment_failed",
        object_id="in_XQZ9",
        evidence={"cause": "payment_failed:in_XQZ9", "amount": 15_000, "plan": "Pro", "number": "XQZ9-7"},
        since=NOW,
        opened_at=NOW,
    )
    alerts.add(session, alert)
    card = alert_cards.card_key(alert, "C1")
    shown = f"*{escape(NAME)}* owes $150.00"
    block = {"type": "section", "text": {"type": "mrkdwn", "text": shown}}
    outbox.put(session, card, "C1", shown, [block], now=NOW)
    outbox.put(session, f"{card}:note:n1", "C1", "We, Tørst, close down", [], now=NOW, reply_to=card)
    outbox.put(
        session, "digest:C2:2026-11-23", "C2", f"Lost: {escape(NAME)}, {escape(NAME, 12)} and Globex", [], now=NOW
    )
    journal.add(session, Entry("n1", "cus_XQZ9", NoteKind.CALL, "Jean says they close down", "U0ANN", NOW))
    journal.add(session, Entry("n2", "acme", NoteKind.CALL, f"They know {NAME} ({MAIL}) well", "U0ANN", NOW))
    said = Said(reason="too_expensive", bring_back="Jean calls", missed="Jean left", link="https://x.example/XQZ9")
    exit_interviews.save(session, Exit("e1", "cus_XQZ9", date(2026, 3, 1), "U0ANN", NOW, said, "Jean was sad"))
    form = Form("e2", "cus_XQZ9", date(2026, 3, 1), "U0ANN", NOW, {"note": "Jean was sad"})
    exit_forms.opened(session, form)
    signals.store(session, [answer("cus_XQZ9", 3)], NOW)
    audit.record(session, audit.Entry(NOW, "U0ANN", "look at account", "cus_XQZ9", granted=True))
    given = inbox.Entry("slack", "d1", "slash_commands", None)
    inbox.note(session, given, NOW)
    inbox.promise(session, given, {"text": f"/account {NAME}", "view": {"account": "cus_XQZ9"}})
    people.keep(session, Person("ann@we.com", "U0ANN", "D0ANN", "Europe/Helsinki"), NOW)


def sums(session: Session) -> Any:
    m = table_of(MovementRow).c
    by_day = select(m.day, m.currency, m.kind, m.product_id, func.sum(m.amount), func.sum(m.accounts))
    scores = select(func.count(), func.sum(table_of(SignalRow).c.value))
    grouped = by_day.group_by(m.day, m.currency, m.kind, m.product_id).order_by(m.day, m.kind, m.product_id)
    return session.connection().execute(grouped).all(), session.connection().execute(scores).all()


def everything(session: Session) -> str:
    return "\n".join(
        f"{table.name} {json.dumps(dict(row), default=str, ensure_ascii=False)}"
        for table in metadata.sorted_tables
        for row in session.connection().execute(select(table)).mappings()
    )


def erase(session: Session, account_id: str = "cus_XQZ9") -> int:
    return erasing.erase_account(session, READ_AS, account_id, "root", NOW)


def test_nothing_tells_of_an_erased_account_and_all_sums_stay(filled: Database) -> None:
    with filled.writing() as session:
        before = sums(session)
        erase(session)
        assert sums(session) == before
        assert erasure.left(session, ["cus_XQZ9"]) == []

    with filled.reading() as session:
        text = everything(session)
    assert [one for one in text.splitlines() for trace in TRACES if trace.casefold() in one.casefold()] == []


def test_no_byte_of_it_is_left_in_the_files_of_sqlite(filled: Database) -> None:
    if not filled.is_sqlite:
        pytest.skip("The files of a PostgreSQL server are its administrator's.")
    with filled.writing() as session:
        erase(session)
    assert filled.scrub()

    path = Path(filled.url.database or "")
    files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    forms = [form for trace in TRACES for form in (trace, json.dumps(trace)[1:-1])]
    spelt = {spelt.encode() for form in forms for spelt in (form, form.lower(), form.upper())}
    assert path in files
    assert [(one.name, form) for one in files for form in spelt if form in one.read_bytes()] == []


def test_what_others_wrote_and_what_stands_in_slack_leaves_it_out(filled: Database) -> None:
    with filled.writing() as session:
        for message in claim(session, now=NOW, lease=timedelta(minutes=5), pace=timedelta(0))[0]:
            table = table_of(OutboxRow)
            posted = {"state": OutboxState.SENT, "ts": "1.0", "shown": 1}
            session.connection().execute(table.update().where(table.c.id == message.id).values(posted))
        messages = erase(session)

    with filled.reading() as session:
        note = journal.of_account(session, "acme")[0]
        rows = session.connection().execute(select(table_of(OutboxRow)).order_by(table_of(OutboxRow).c.id)).all()
    assert note.text == "They know [erased] ([erased]) well"
    assert messages == 2
    assert [(row.text, row.state, row.revision) for row in rows] == [
        (erasing.TOLD, OutboxState.PENDING, 2),
        ("Lost: [erased], [erased] and Globex", OutboxState.PENDING, 2),
    ]


def test_a_customer_with_a_word_of_kahvis_for_a_name_breaks_no_message(database: Database) -> None:
    told = {"type": "section", "text": {"type": "mrkdwn", "text": "section and Globex left; intersection stays"}}
    kept = {"type": "section", "text": {"type": "mrkdwn", "text": "[erased] and Globex left; intersection stays"}}
    with database.writing() as session:
        fill(session, [*PLAN, account("section", name="section"), account("A", name="")], NOW)
        outbox.put(session, "digest:C1:1", "C1", "A section", [told], now=NOW)
        for account_id in ("section", "A"):
            erase(session, account_id)
        row = session.connection().execute(select(table_of(OutboxRow))).one()
    assert (row.text, row.blocks) == ("A [erased]", [kept])


async def test_who_searches_no_longer_finds_it(filled: Database) -> None:
    names = Names()
    assert (await find(filled, names, "torst daughters")).one
    await filled.write(erase)
    found = await find(filled, names, "torst daughters")
    assert (found.one, found.matches) == (None, [])


def test_an_account_that_still_pays_is_not_erased(filled: Database) -> None:
    with filled.writing() as session, pytest.raises(CannotErase, match="sub-acme: end it in the billing source"):
        erase(session, "acme")
    with filled.writing() as session:
        syncs.take_lease(session, READ_AS, "another", NOW)
    with filled.writing() as session, pytest.raises(SourceBusy):
        erase(session)
    with filled.reading() as session:
        assert "Tørst" in everything(session)


def test_a_person_is_renamed_wherever_they_stand(filled: Database) -> None:
    with filled.writing() as session:
        outbox.put(session, "note", "C1", "<@U0ANN> is on it, says ann@we.com", [], now=NOW)
        outbox.put(session, "private", "D0ANN", "Good morning", [], now=NOW)
        before = sums(session)
        erasing.erase_person(session, "Ann@We.com", "root", NOW)
        assert sums(session) == before
        text = everything(session)
        kept = session.connection().execute(select(table_of(OutboxRow).c.text)).scalars().all()
        author = journal.of_account(session, "acme")[0].author

        assert erasure.left(session, ["ann@we.com", "U0ANN"]) == []
    assert [trace for trace in ("U0ANN", "ann@we.com", "D0ANN") if trace in text] == []
    assert any(one.startswith("a former colleague is on it, says erased-") for one in kept)
    assert author.startswith("erased-")
    assert "Tørst" in text


def test_a_person_with_a_role_or_of_no_kind_is_not_erased(filled: Database) -> None:
    with filled.writing() as session:
        for wrong in ("Ann", "", "a b@c.d", "C0123456"):
            with pytest.raises(CannotErase, match="neither an address nor the id"):
                erasing.erase_person(session, wrong, "root", NOW)
        grants = [roles.Grant("U0ANN", roles.Role.LEAD)]
        tunings.choose(session, roles.plain(grants), "root", NOW, tunings.ACCESS)
        with pytest.raises(CannotErase, match="kahvi access take U0ANN"):
            erasing.erase_person(session, "ann@we.com", "root", NOW)


def test_answers_of_an_erased_person_come_in_under_their_pseudonym(filled: Database) -> None:
    with filled.writing() as session:
        erasing.erase_person(session, MAIL, "root", NOW)
        signals.store(session, [answer("acme", 9)], NOW)
        found = session.connection().execute(select(table_of(SignalRow).c.respondent)).scalars().all()
    assert len(set(found)) == 1
    assert found[0].startswith("erased-")


class Insisting:
    """A billing source that goes on telling of everybody, in reads of everything and as changes."""

    name = READ_AS
    stages = ("everything",)

    def __init__(self, found: Sequence[f.Fact]) -> None:
        self.found = found

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        held = Held("invoice", "in_XQZ9", Fault.UNREADABLE, "Tørst has no currency", "cus_XQZ9")
        yield Page("everything", self.found, "changes", [held])

    async def changes(self, cursor: str) -> Changes:
        return Changes(self.found, cursor)

    async def confirm(self, cursor: str | None) -> None:
        pass


@pytest.mark.parametrize("full", [True, False])
async def test_a_source_that_goes_on_telling_of_it_brings_nothing_back(filled: Database, *, full: bool) -> None:
    later = refund("re_XQZ9", 700, account_id=None, payment_id="py_XQZ9", created_at=at(5, 10))
    await filled.write(syncs.note, READ_AS, cursor="changes")
    before = await filled.write(sums)
    await filled.write(erase)
    source: Any = Insisting([*PLAN, *ACME, *OTHERS, *GONE, later])
    sync = Sync(filled, WithoutErased(source, filled), LedgerRules(ZoneInfo("UTC"), "usd"), lambda: NOW)

    await sync.run(full=full)

    assert await filled.read(sums) == before
    text = await filled.read(everything)
    assert [one for one in text.splitlines() for trace in TRACES if trace.casefold() in one.casefold()] == []
    refunds = [one for one in text.splitlines() if one.startswith("refunds") and '"amount": 700' in one]
    assert len(refunds) == 1
    assert refunds[0].count("erased-") == 2


async def test_the_address_of_an_erased_person_does_not_come_back(filled: Database) -> None:
    with filled.writing() as session:
        erase(session)
        erasing.erase_person(session, "ann@we.com", "root", NOW)
    source: Any = Insisting([*PLAN, *ACME, *OTHERS, *GONE])
    sync = Sync(filled, WithoutErased(source, filled), LedgerRules(ZoneInfo("UTC"), "usd"), lambda: NOW)
    await sync.read_all()
    assert "ann@we.com" not in await filled.read(everything)


def test_each_column_of_text_says_what_it_holds() -> None:
    """A new column needs a place in `storage.personal`, or an erasure would pass it by."""
    known = {table.name: {column.name for column in texts(table)} for table in metadata.sorted_tables}
    assert {table: set(columns) for table, columns in COLUMNS.items()} == known
    assert set(erasure.WRITTEN) <= set(COLUMNS)
