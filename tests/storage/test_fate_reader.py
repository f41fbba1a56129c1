"""The lines beside those of licensed items, for the policies that count usage or one-off items; on both engines."""

import pytest

from storage import fact_store, fate_reader
from storage import facts as f
from storage.engine import Database
from tests.factories import account, at, invoice, line, subscription

USAGE, ONE_OFF = f.LineKind.USAGE, f.LineKind.ONE_OFF


@pytest.fixture
def billed(database: Database) -> Database:
    """A subscription billed for a licence, for usage, for a one-off item, and in ways that were given up."""
    facts = (
        account(),
        subscription(),
        invoice("paid", [line("licence", 5000, at(1)), line("calls", 300, at(1), kind=USAGE)]),
        invoice("open", [line("set-up", 900, at(1, 2), kind=ONE_OFF)], status=f.InvoiceStatus.OPEN),
        invoice("void", [line("void calls", 700, at(1, 2), kind=USAGE)], status=f.InvoiceStatus.VOID),
        invoice("lost", [line("lost calls", 800, at(1, 2), kind=USAGE)], status=f.InvoiceStatus.UNCOLLECTIBLE),
        invoice("alone", [line("no subscription", 400, at(1, 2), kind=ONE_OFF, subscription_id=None)]),
    )
    with database.writing() as session:
        fact_store.store(session, facts, at(1, 3))
    return database


def test_usage_and_one_off_lines_that_were_not_given_up_are_read(billed: Database) -> None:
    with billed.reading() as session:
        found = fate_reader.other_lines(session, ["acme", "nobody"])

    assert found == {
        "sub": [line("calls", 300, at(1), kind=USAGE), line("set-up", 900, at(1, 2), kind=ONE_OFF)],
    }


def test_other_accounts_have_none(billed: Database) -> None:
    with billed.reading() as session:
        assert fate_reader.other_lines(session, ["globex"]) == {}
