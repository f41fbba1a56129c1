"""Which charges failed, which are under way, and which invoices are past their day; on both engines."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import fact_store, receivables, syncs
from storage import facts as f
from storage.engine import Database
from storage.receivables import Collecting, Receivable
from tests.factories import account, at, invoice, subscription

NOW = at(24, 11)
FAILED, PENDING, PAID = f.PaymentStatus.FAILED, f.PaymentStatus.PENDING, f.PaymentStatus.SUCCEEDED


def store(database: Database, *found: f.Fact, read_at: datetime = NOW) -> None:
    with database.writing() as session:
        fact_store.store(session, [account(), *found], read_at)


def owed(id_: str = "in", **values: Any) -> f.Invoice:
    return invoice(id_, **{"status": f.InvoiceStatus.OPEN, "amount_due": 900, "amount_paid": 400, **values})


def payment(id_: str, day: int, status: f.PaymentStatus, **values: Any) -> f.Payment:
    given = {"id": id_, "account_id": "acme", "source": "test", "amount": 500, "currency": "usd", "status": status}
    return f.Payment(**{**given, "at": at(day, 11), **values})


def missing(database: Database) -> list[Receivable]:
    with database.reading() as session:
        return receivables.missing(session, NOW)


def states(database: Database, *ids: str) -> dict[str, Collecting]:
    with database.reading() as session:
        return {id_: one.state for id_, one in receivables.with_ids(session, ids or ("in",), NOW).items()}


def test_a_failed_charge_tells_when_how_often_and_why(database: Database) -> None:
    store(
        database,
        owed(payment_refs=("pi",), issued_at=at(5, 11), attempt_count=2, next_attempt_at=at(28, 11)),
        payment("first", 5, FAILED, intent_ref="pi", failure_code="lost_card"),
        payment("second", 20, FAILED, intent_ref="pi", failure_code="expired_card"),
        payment("of something else", 23, FAILED, intent_ref="pi-2", failure_code="stolen_card"),
    )

    assert missing(database) == [
        Receivable("in", "acme", "Acme", "usd", 500, Collecting.FAILED, at(20, 11), 2, at(28, 11), "expired_card")
    ]


def given_up(name: str, tries: int, **values: Any) -> f.Invoice:
    return owed(name, **{"attempt_count": tries, "issued_at": at(1, 9), "next_attempt_at": None, **values})


def test_charges_are_usually_tried_as_often_as_most_that_were_given_up(database: Database) -> None:
    written_off = {"status": f.InvoiceStatus.UNCOLLECTIBLE}
    store(database, *(given_up(f"four-{n}", 4, **written_off) for n in range(3)), given_up("rare", 8))
    with database.reading() as session:
        assert receivables.usual_tries(session, NOW) == 4


@pytest.mark.parametrize(
    "values",
    [
        {"next_attempt_at": at(28, 11)},  # is tried again
        {"attempt_count": 1},
        {"collection": f.Collection.INVOICE},
        {"status": f.InvoiceStatus.PAID, "amount_paid": 900},
        {"issued_at": NOW - timedelta(days=366)},
    ],
)
def test_what_was_not_given_up_says_nothing_of_the_usual_tries(database: Database, values: dict[str, Any]) -> None:
    store(database, *(given_up(f"in-{n}", 4, **values) for n in range(9)), given_up("a", 4), given_up("b", 4))
    with database.reading() as session:
        assert receivables.usual_tries(session, NOW) is None


@pytest.mark.parametrize(
    ("tried", "state"),
    [
        ((PENDING,), Collecting.UNDER_WAY),
        ((FAILED, PENDING), Collecting.UNDER_WAY),
        ((PENDING, FAILED), Collecting.UNDER_WAY),
        ((FAILED,), Collecting.FAILED),
        ((PAID, FAILED), Collecting.FAILED),
        ((FAILED, PAID), Collecting.WAITING),
    ],
)
def test_a_debit_in_progress_has_not_failed(
    database: Database, tried: tuple[f.PaymentStatus, ...], state: Collecting
) -> None:
    payments = [payment(f"py{day}", day, status) for day, status in enumerate(tried, 10)]
    store(database, owed(payment_refs=tuple(one.id for one in payments), attempt_count=len(tried)), *payments)

    assert states(database) == {"in": state}
    assert bool(missing(database)) == (state is Collecting.FAILED)


def test_payments_that_name_their_invoice_are_found(database: Database) -> None:
    store(database, owed(), payment("py", 10, FAILED, intent_ref="in"))

    assert [(one.invoice_id, one.attempts) for one in missing(database)] == [("in", 1)]


def test_without_payments_a_charge_failed_once_it_is_past_due_or_tried_again(database: Database) -> None:
    store(
        database,
        subscription("owing", status=f.Status.PAST_DUE),
        subscription("fine"),
        owed("past_due", attempt_count=1, subscription_id="owing"),
        owed("past_its_day", attempt_count=1, due_at=NOW - timedelta(days=1)),
        owed("again", attempt_count=2),
        owed("sent_off", attempt_count=1, subscription_id="fine"),
        owed("not_tried", subscription_id="owing"),
    )

    assert {one.invoice_id for one in missing(database)} == {"past_due", "past_its_day", "again"}
    assert {one.since for one in missing(database)} == {owed().issued_at}


def test_sent_invoices_are_overdue_and_never_failed(database: Database) -> None:
    sent = {"collection": f.Collection.INVOICE, "attempt_count": 3}
    store(
        database,
        owed("overdue", **sent, due_at=at(20, 11)),
        owed("in_time", **sent, due_at=at(30, 11)),
        owed("paying", **sent, due_at=at(20, 11), payment_refs=("py",)),
        payment("py", 22, PENDING),
    )

    assert [(one.invoice_id, one.state, one.since) for one in missing(database)] == [
        ("overdue", Collecting.OVERDUE, at(20, 11))
    ]
    assert states(database, "in_time", "paying") == {"in_time": Collecting.WAITING, "paying": Collecting.UNDER_WAY}


def test_what_is_paid_over_or_of_a_deleted_account_is_not_missing(database: Database) -> None:
    failed = {"attempt_count": 3}
    store(
        database,
        account("gone", deleted_at=NOW),
        owed("paid", **failed, status=f.InvoiceStatus.PAID),
        owed("settled", **failed, amount_paid=900),
        owed("void", **failed, status=f.InvoiceStatus.VOID),
        owed("of_nobody", **failed, account_id="gone"),
    )

    assert missing(database) == []


def test_a_debit_that_fails_late_failed_when_that_was_read(database: Database) -> None:
    """Stripe dates a charge by its start, also one that the bank returns weeks later."""
    with database.writing() as session:
        syncs.note(session, "test", completed_at=at(1, 11))
    store(database, owed(issued_at=at(5, 11), payment_refs=("py", "old")), payment("py", 5, PENDING), read_at=at(5, 11))
    assert missing(database) == []

    store(database, payment("py", 5, FAILED))

    assert [one.since for one in missing(database)] == [NOW]


def test_what_had_failed_at_the_first_read_keeps_its_day(database: Database) -> None:
    with database.writing() as session:
        syncs.note(session, "test", completed_at=NOW)
    store(database, owed(payment_refs=("py",)), payment("py", 5, FAILED))

    assert [one.since for one in missing(database)] == [at(5, 11)]


def test_a_failure_read_again_much_later_is_no_news(database: Database) -> None:
    with database.writing() as session:
        syncs.note(session, "test", completed_at=at(1, 9))
    store(database, owed(payment_refs=("py",)), payment("py", 5, FAILED, at=at(5, 9)))

    assert [one.since for one in missing(database)] == [at(5, 9) + receivables.LONGEST_DEBIT]
