"""What was kept long enough goes, what figures need stays, and a period that cannot be meant is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from bot import retention
from bot.retention import Kind, ends, periods
from bot.settings import Settings
from bot.sweep import let_go
from storage import alert_cards, alerts, audit, exit_interviews, journal, outbox, signals
from storage.accounts.search import all_ids
from storage.alerts import Alert
from storage.engine import Database
from storage.exit_interviews import Entry as Exit
from storage.exit_interviews import Said
from storage.inputs import Signal
from storage.journal import Entry
from storage.old import left_before
from storage.states import NoteKind, OutboxState
from storage.tables import OutboxRow
from storage.upsert import table_of
from tests.company import ACME, OTHERS, PLAN, READ_AS, fill
from tests.factories import account

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
YEARS_AGO = NOW - timedelta(days=800)
TABLE = table_of(OutboxRow)


@pytest.fixture
def aged(database: Database) -> Database:
    """One thing of each kind from years ago and one of today."""
    alert = Alert(
        id="a1",
        cause_key="failed:in-acme",
        account_id="acme",
        rule="failed",
        object_id="in-acme",
        evidence={},
        since=YEARS_AGO,
        opened_at=YEARS_AGO,
    )
    with database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS], NOW)
        alerts.add(session, alert)
        for at, name in ((YEARS_AGO, "old"), (NOW, "new")):
            for key in (f"digest:{name}", f"pending:{name}"):
                outbox.put(session, key, "C1", name, [], now=at)
            journal.add(session, Entry(name, "acme", NoteKind.INCENTIVE, name, "U1", at, cost=5_000, currency="usd"))
            exit_interviews.save(session, Exit(name, "gone", None, "U1", at, Said(reason="price", missed=name), name))
            signals.store(session, [Signal("acme", "nps", at, Decimal(9))], NOW)
            audit.record(session, audit.Entry(at, "U1", "look", name, granted=True))
        outbox.put(session, alert_cards.card_key(alert, "C1"), "C1", "card", [], now=YEARS_AGO)
        sent = TABLE.update().where(TABLE.c.key.not_like("pending:%")).values(state=OutboxState.SENT)
        session.connection().execute(sent)
    return database


async def test_what_was_kept_long_enough_goes(aged: Database) -> None:
    await let_go(aged, READ_AS, ends("messages=400d audit=2y notes=2y signals=2y", NOW), NOW)

    with aged.reading() as session:
        keys = session.connection().execute(TABLE.select().order_by(TABLE.c.key)).mappings().all()
        notes = [(one.text, one.cost) for one in journal.of_account(session, "acme")]
        said = [(one.said.reason, one.said.missed, one.note) for one in exits(session)]
        looks = [one.subject for one in audit.found(session)]
        seen = signals.course(session, "acme", "nps", YEARS_AGO, NOW + timedelta(days=1))
    # The card of an alert that is not over stays, as does what waits.
    assert [row["key"] for row in keys] == ["alert:failed:in-acme:C1", "digest:new", "pending:new", "pending:old"]
    assert notes == [("new", 5_000), ("", 5_000)]
    assert said == [("price", "", ""), ("price", "new", "new")]
    assert looks == ["new"]
    assert [one.at for one in seen] == [NOW]


async def test_by_default_only_messages_and_looks_go(aged: Database) -> None:
    await let_go(aged, READ_AS, ends(retention.DEFAULT, NOW), NOW)

    with aged.reading() as session:
        assert [one.text for one in journal.of_account(session, "acme")] == ["new", "old"]
        assert [one.note for one in exits(session)] == ["old", "new"]
        assert len(audit.found(session)) == 1


async def test_customers_that_left_long_ago_are_erased(aged: Database) -> None:
    with aged.writing() as session:
        fill(session, [account("ghost", name="Ghost", deleted_at=YEARS_AGO)], NOW)
        assert left_before(session, NOW - timedelta(days=30)) == ["ghost", "gone"]
        assert left_before(session, NOW - timedelta(days=365)) == ["ghost"]

    await let_go(aged, READ_AS, ends("left=30d", NOW), NOW)

    with aged.reading() as session:
        assert left_before(session, NOW - timedelta(days=30)) == []
        kept = {one.account_id for one in exits(session)}
    assert len(kept) == 1
    assert kept.pop().startswith("erased-")


def exits(session: Session) -> list[Exit]:
    found = exit_interviews.of_accounts(session, sorted(all_ids(session)))
    return [entry for one in found.values() for interview in one for entry in interview.entries]


def test_what_is_not_named_keeps_its_default() -> None:
    assert periods("") == {Kind.MESSAGES: timedelta(days=400), Kind.AUDIT: timedelta(days=730)}
    assert periods("messages=forever left=5y") == {Kind.AUDIT: timedelta(days=730), Kind.LEFT: timedelta(days=1825)}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("mails=2y", 'has "mails=2y", which must begin with messages, audit, notes, signals, left and "="'),
        ("audit=2", "must say for how long"),
        ("audit=0d", "must say for how long"),
        ("audit=-1d", "must say for how long"),
        ("audit=99999y", "must say for how long"),
        ("audit", "must say for how long"),
        ("messages=5d", "must keep messages for at least 35d"),
    ],
)
def test_a_period_that_cannot_be_meant_is_refused(typed: str, told: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Settings(keep=typed, _env_file=None)
    assert told in str(refusal.value)
