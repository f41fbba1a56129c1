"""Who needs a call: a charge that failed is one, a bank debit in progress is none."""

from typing import Any

import pytest

from bot.digest.sections.calls import Calls
from storage import facts as f
from storage.engine import Database
from tests import factories
from tests.bot.digest.company import hold, morning, read, steady

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
