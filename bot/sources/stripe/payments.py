"""Money that moved or was meant to: charges with the rate they were exchanged at, refunds, disputes."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from bot.money import exponent, to_major
from bot.sources.stripe.fields import (
    SOURCE,
    Raw,
    Unreadable,
    currency,
    instant,
    mapping,
    number,
    reference,
    required_amount,
    required_currency,
    required_id,
    text,
    whole,
    word,
)
from storage.facts import Dispute, ExchangeRate, Payment, PaymentStatus, Refund

STATUSES = {
    "succeeded": PaymentStatus.SUCCEEDED,
    "failed": PaymentStatus.FAILED,
    "pending": PaymentStatus.PENDING,
}


def parse_charge(raw: Raw) -> Iterator[Payment | ExchangeRate]:
    """The payment of a known customer, and the rate of its day; a guest's payment belongs to no account."""
    own, amount, code, at = required_id(raw), required_amount(raw, "amount"), required_currency(raw), _created(raw)
    account_id = reference(raw, "customer")
    if account_id is not None:
        paid_with = mapping(mapping(raw, "payment_method_details"), "card") or mapping(raw, "source")
        yield Payment(
            id=own,
            account_id=account_id,
            source=SOURCE,
            at=at,
            amount=amount,
            currency=code,
            status=_status(raw),
            intent_ref=reference(raw, "payment_intent"),
            failure_code=_failure_code(raw),
            failure_message=text(raw, "failure_message"),
            method_brand=word(paid_with, "brand"),
            method_last4=text(paid_with, "last4", 4),
        )
    yield from _rate(mapping(raw, "balance_transaction"), amount, code)


def _created(raw: Raw) -> datetime:
    created = instant(raw, "created")
    if created is None:
        raise Unreadable("does not say when it was made")
    return created


def _status(raw: Raw) -> PaymentStatus:
    status = word(raw, "status") or ""
    if status not in STATUSES:
        raise Unreadable(f"has the status {status or '(none)'}, which is not one of a charge")
    return STATUSES[status]


def _failure_code(raw: Raw) -> str | None:
    """The bank's own reason where Stripe only says that the card was declined."""
    code = word(raw, "failure_code")
    return word(mapping(raw, "outcome"), "reason") or code if code == "card_declined" else code


def _rate(exchange: Raw, amount: int, code: str) -> Iterator[ExchangeRate]:
    rate, base, got = number(exchange, "exchange_rate"), currency(exchange), whole(exchange, "amount")
    settled = instant(exchange, "created")
    if rate is None or rate <= 0 or base is None or base == code or not got or amount <= 0 or settled is None:
        return
    yield ExchangeRate(
        day=settled.date(),
        currency=code,
        base=base,
        rate=_major(rate, to_major(abs(got), base) / to_major(amount, code), exponent(code) - exponent(base)),
    )


def _major(rate: Decimal, observed: Decimal, shift: int) -> Decimal:
    """The rate between major units.

    Stripe describes it between minor units, which is another figure when the currencies have different places;
    the amounts that were exchanged tell which of the two was sent.
    """
    by_minor = rate.scaleb(shift)
    return by_minor if abs(by_minor - observed) < abs(rate - observed) else rate


def _charge_of(raw: Raw) -> tuple[str | None, str | None]:
    """Account and payment that a refund or dispute belongs to."""
    account_id = reference(raw, "customer") or reference(mapping(raw, "charge"), "customer")
    return account_id, reference(raw, "charge")


def parse_refund(raw: Raw) -> Refund:
    account_id, payment_id = _charge_of(raw)
    return Refund(
        id=required_id(raw),
        account_id=account_id,
        source=SOURCE,
        payment_id=payment_id,
        amount=required_amount(raw, "amount"),
        currency=required_currency(raw),
        status=word(raw, "status") or "unknown",
        reason=word(raw, "reason"),
        created_at=_created(raw),
    )


def parse_dispute(raw: Raw) -> Dispute:
    account_id, payment_id = _charge_of(raw)
    return Dispute(
        id=required_id(raw),
        account_id=account_id,
        source=SOURCE,
        payment_id=payment_id,
        amount=required_amount(raw, "amount"),
        currency=required_currency(raw),
        status=word(raw, "status") or "unknown",
        reason=word(raw, "reason"),
        created_at=_created(raw),
        due_at=instant(mapping(raw, "evidence_details"), "due_by"),
    )
