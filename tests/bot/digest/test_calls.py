"""Who needs a call: a charge that failed is one, a bank debit in progress is none."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.digest.sections.calls import Calls, Leaving
from storage import facts as f
from storage.engine import Database
from tests import factories
from tests.bot.digest.company import LEFT, hold, morning, movement, read, steady

UNPAID: dict[str, Any] = {"status": f.InvoiceStatus.OPEN, "amount_due": 5_000, "amount_paid": 0, "attempt_count": 1}


@pytest.mark.parametrize(
    ("status", "owed"),
    [(f.PaymentStatus.FAILED, (5_000, 1, "debit_not_authorized")), (f.PaymentStatus.PENDING, None)],
)
def test_only_a_debit_that_failed_needs_a_call(
    database: Database, status: f.PaymentStatus, owed: tuple[int, int, str] | None
) -> None:
    payment = factories.payment(
        "py", 5_000, account_id="steady003", at=factories.at(18, 11), status=status, failure_code="debit_not_authorized"
    )
    unpaid = factories.invoice("in1", account_id="steady003", payment_refs=("py",), **UNPAID)
    with database.writing() as session:
        hold(session, steady(25), [unpaid, payment])
        read(session)
    with database.reading() as session:
        found = [part for part in morning(session).parts if isinstance(part, Calls)]

    calls = [call for part in found for call in part.calls]
    assert [(one.amount, one.tries, one.code) for call in calls if (one := call.owed)] == ([owed] if owed else [])


def test_who_is_to_leave_needs_a_call_though_the_policy_counts_that_from_the_request_on(database: Database) -> None:
    asked: dict[str, Any] = {
        "cancel_at": factories.at(1, 12),
        "cancel_requested_at": factories.at(18, 11),
        "cancel_reason": "unused",
    }
    leaving = factories.subscription("sub-steady003", account_id="steady003", **asked)
    counted_out = movement("steady003", date(2026, 11, 18), LEFT, -10_000)
    with database.writing() as session:
        hold(session, [*steady(25), counted_out], [leaving])
        read(session)
    with database.reading() as session:
        (found,) = [part for part in morning(session).parts if isinstance(part, Calls)]

    (call,) = found.calls
    assert (call.account_id, call.mrr) == ("steady003", 10_000)
    assert call.leaving == Leaving(date(2026, 12, 1), "unused", Decimal(10_000), all_of_it=True)
