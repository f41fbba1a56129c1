from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.sources.stripe.fields import Unreadable
from bot.sources.stripe.payments import parse_charge, parse_dispute, parse_refund
from storage.facts import Dispute, ExchangeRate, Payment, PaymentStatus, Refund
from tests.bot.sources.stripe import payloads as stripe

AT = datetime(2026, 2, 1, 1, 1, 40, tzinfo=UTC)


def test_a_charge_is_a_payment() -> None:
    expected = Payment(
        id="ch_1",
        account_id="cus_1",
        source="stripe",
        at=AT,
        amount=24500,
        currency="usd",
        status=PaymentStatus.SUCCEEDED,
        intent_ref="pi_1",
        method_brand="visa",
        method_last4="4242",
    )

    assert [expected] == list(parse_charge(stripe.charge()))


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        ("card_declined", "insufficient_funds", "insufficient_funds"),
        ("card_declined", None, "card_declined"),
        ("expired_card", "generic_decline", "expired_card"),
    ],
)
def test_a_decline_says_the_banks_reason(code: str, reason: str | None, expected: str) -> None:
    raw = stripe.charge(status="failed", failure_code=code, failure_message="No.", outcome={"reason": reason})

    (payment,) = parse_charge(raw)

    assert isinstance(payment, Payment)
    assert (PaymentStatus.FAILED, expected, "No.") == (payment.status, payment.failure_code, payment.failure_message)


def test_a_charge_of_nobody_is_no_payment_but_its_rate_counts() -> None:
    exchanged = stripe.balance_transaction(amount=26950, currency="eur", exchange_rate=1.1)

    facts = list(parse_charge(stripe.charge(customer=None, balance_transaction=exchanged)))

    assert [ExchangeRate(day=date(2026, 2, 1), currency="usd", base="eur", rate=Decimal("1.1"))] == facts


@pytest.mark.parametrize("sent", [0.65, 0.0065])
def test_a_rate_between_currencies_of_different_places_is_one_between_major_units(sent: float) -> None:
    exchanged = stripe.balance_transaction(amount=650, currency="usd", exchange_rate=sent)

    *_, rate = parse_charge(stripe.charge(amount=1000, currency="jpy", balance_transaction=exchanged))

    assert isinstance(rate, ExchangeRate)
    assert Decimal("0.0065") == rate.rate


@pytest.mark.parametrize(
    "exchanged",
    ["txn_1", None, {"exchange_rate": 0, "currency": "eur", "amount": 1}, {"exchange_rate": "NaN", "currency": "eur"}],
)
def test_no_rate_is_made_up(exchanged: object) -> None:
    assert [Payment] == [type(fact) for fact in parse_charge(stripe.charge(balance_transaction=exchanged))]


def test_a_refund_finds_its_account_through_the_charge() -> None:
    expected = Refund(
        id="re_1",
        account_id="cus_1",
        source="stripe",
        payment_id="ch_1",
        amount=4900,
        currency="usd",
        status="succeeded",
        reason="requested_by_customer",
        created_at=datetime(2026, 2, 1, 2, 30, tzinfo=UTC),
    )

    assert expected == parse_refund(stripe.refund())
    assert expected == parse_refund(stripe.refund(charge="ch_1", customer="cus_1"))


def test_a_dispute_says_until_when_it_can_be_answered() -> None:
    expected = Dispute(
        id="dp_1",
        account_id="cus_1",
        source="stripe",
        payment_id="ch_1",
        amount=24500,
        currency="usd",
        status="needs_response",
        reason="product_not_received",
        created_at=datetime(2026, 2, 1, 2, 30, tzinfo=UTC),
        due_at=datetime(2026, 3, 1, tzinfo=UTC),
    )

    assert expected == parse_dispute(stripe.dispute())


def test_a_charge_of_unknown_status_is_not_guessed() -> None:
    with pytest.raises(Unreadable, match="levitating"):
        list(parse_charge(stripe.charge(status="levitating")))
