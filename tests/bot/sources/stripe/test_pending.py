from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import Unreadable
from bot.sources.stripe.pending import deleted_pending, parse_pending
from storage.facts import Invoice, InvoiceLine, InvoiceStatus, LineKind
from tests.bot.sources.stripe import payloads as stripe

FEB, MAR = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def test_a_change_that_waits_is_an_invoice_to_come() -> None:
    expected = Invoice(
        id="ii_1",
        account_id="cus_1",
        source="stripe",
        status=InvoiceStatus.UPCOMING,
        status_word="pending",
        currency="usd",
        total=9800,
        tax=0,
        amount_due=9800,
        amount_paid=0,
        issued_at=FEB,
        subscription_id="sub_1",
        lines=(
            InvoiceLine(
                id="ii_1",
                kind=LineKind.RECURRING,
                amount=9800,
                quantity=Decimal(2),
                period_start=FEB,
                period_end=MAR,
                subscription_id="sub_1",
                item_id="si_1",
                price_id="price_1",
                proration=True,
                description="2 x Team after 1 Feb 2026",
            ),
        ),
    )

    assert list(parse_pending(stripe.pending(), Known())) == [expected]


def test_an_item_of_old_names_its_subscription_at_the_top() -> None:
    old = stripe.pending(parent=None, subscription="sub_1", subscription_item="si_1")

    assert list(parse_pending(old, Known())) == list(parse_pending(stripe.pending(), Known()))


@pytest.mark.parametrize("billed", [True, False])
def test_one_that_was_billed_or_taken_back_waits_no_more(*, billed: bool) -> None:
    found = parse_pending(stripe.pending(invoice="in_1"), Known()) if billed else deleted_pending(stripe.pending())
    (invoice,) = found

    assert (invoice.id, invoice.status, invoice.total, invoice.lines) == ("ii_1", InvoiceStatus.VOID, 0, ())


def test_what_was_added_to_no_subscription_is_nothing() -> None:
    assert list(parse_pending(stripe.pending(parent=None), Known())) == []


def test_without_a_date_it_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="when it was added"):
        list(parse_pending(stripe.pending(date=None), Known()))
