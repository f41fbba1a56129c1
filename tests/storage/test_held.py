"""All that is stored about one account, and nothing of another, on both engines."""

from datetime import UTC, datetime

from sqlmodel import SQLModel

from storage import audit, journal, outbox
from storage.audit import Entry as Look
from storage.engine import Database
from storage.held import held
from storage.journal import Entry
from storage.states import NoteKind
from tests.company import ACME, OTHERS, PLAN, fill

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def test_each_table_that_holds_something_is_told(database: Database) -> None:
    with database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS], NOW)
        for account_id in ("acme", "globex", "acme2"):
            journal.add(session, Entry(f"n-{account_id}", account_id, NoteKind.CALL, "Hello", "U1", NOW))
            audit.record(session, Look(NOW, "U1", "look at account", account_id, granted=True))
            outbox.put(session, f"share:C1:{account_id}:U1:1.0", "C1", f"Card of {account_id}", [], now=NOW)
    with database.reading() as session:
        found, nothing = held(session, "acme"), held(session, "nobody")

    assert nothing == {}
    assert {name: len(rows) for name, rows in found.items()} == {
        "accounts": 1,
        "audit": 1,
        "invoices": 1,
        "items": 1,
        "journal": 1,
        "movements": 1,
        "name_changes": 1,
        "outbox": 1,
        "payment_methods": 1,
        "payments": 2,
        "refunds": 1,
        "subscriptions": 1,
    }
    assert [row["text"] for row in found["outbox"]] == ["Card of acme"]


def test_no_table_with_accounts_is_forgotten() -> None:
    """Those without the column are known not to speak of one account."""
    apart = {"accounts", "audit", "outbox", "inbox"}  # the first three by other columns; deliveries name none
    without = {table.name for table in SQLModel.metadata.sorted_tables if "account_id" not in table.c} - apart

    assert without == {
        "channels",
        "erasures",
        "exchange_rates",
        "exit_names",
        "exit_reasons",
        "fixes",
        "people",
        "policies",
        "prices",
        "pseudonym_keys",
        "products",
        "quiet_times",
        "slots",
        "spend",
        "syncs",
        "targets",
        "tunings",
    }
