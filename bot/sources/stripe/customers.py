"""Customers as accounts, and the payment methods that hang on them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.sources.stripe.discounts import Known, parse_discounts
from bot.sources.stripe.fields import (
    LONGEST_TEXT,
    SOURCE,
    Raw,
    currency,
    instant,
    mapping,
    reference,
    required_id,
    required_reference,
    text,
    word,
)
from storage.facts import Account, PaymentMethod

OWNER_KEYS = ("owner_email", "csm_email", "csm", "account_owner", "owner")
MOST_ATTRIBUTES = 50  # what Stripe allows; a stand-in may send more
LONGEST_KEY = 40
DROPPED = ("deleted", "discount", "discounts", "invoice_settings", "default_source")


def parse_customer(raw: Raw, known: Known) -> Iterator[Account | PaymentMethod]:
    """The account and, where expanded, its default payment method; nothing of a deleted one's stub."""
    own = required_id(raw)
    if raw.get("deleted") is True:
        return
    code = currency(raw)
    labels = _labels(raw)
    settings = mapping(raw, "invoice_settings")
    yield Account(
        id=own,
        source=SOURCE,
        name=_name(raw, own),
        email=text(raw, "email"),
        country=word(mapping(raw, "address"), "country"),
        region=labels.pop("region", None),
        segment=labels.pop("segment", None),
        currency=code,
        owner_email=_owner(labels),
        default_method_id=reference(settings, "default_payment_method") or reference(raw, "default_source"),
        created_at=instant(raw, "created"),
        attributes=labels,
        discounts=parse_discounts(raw, known, code),
    )
    yield from expanded_method(settings, "default_payment_method", own)
    yield from expanded_method(raw, "default_source", own)


def _name(raw: Raw, own: str) -> str:
    return text(raw, "name") or text(raw, "business_name") or text(raw, "description") or text(raw, "email") or own


def _labels(raw: Raw) -> dict[str, str]:
    labels = {}
    for key, value in mapping(raw, "metadata").items():
        label = text({"key": key}, "key", LONGEST_KEY)
        said = text({"value": value}, "value", LONGEST_TEXT)
        if label is not None and said is not None:
            labels[label] = said
        if len(labels) == MOST_ATTRIBUTES:
            break
    return labels


def _owner(labels: dict[str, str]) -> str | None:
    """The first label that names an owner by e-mail; it is taken out of the labels."""
    for key in OWNER_KEYS:
        if "@" in labels.get(key, ""):
            return labels.pop(key).strip().lower()
    return None


def deleted_customer(last_seen: Raw, at: datetime | None) -> Account:
    """The tombstone of a customer: what an event last showed of it, without discounts and cards."""
    rest = {key: value for key, value in last_seen.items() if key not in DROPPED}
    account = next(one for one in parse_customer(rest, Known()) if isinstance(one, Account))
    return replace(account, deleted_at=at)


def expanded_method(raw: Raw, key: str, account_id: str) -> Iterator[PaymentMethod]:
    """The payment method under `key`, when it is there as an object."""
    inside = raw.get(key)
    if inside.__class__ is dict and reference(inside, "id") == inside.get("id"):
        yield _method(inside, account_id)


def parse_method(raw: Raw) -> Iterator[PaymentMethod]:
    """A payment method by itself; one that belongs to no customer says nothing."""
    required_id(raw)
    if raw.get("customer") is not None:
        yield _method(raw, required_reference(raw, "customer"))


def _method(raw: Raw, account_id: str) -> PaymentMethod:
    kind = word(raw, "type") or word(raw, "object") or "unknown"
    # An old card or bank account carries at its top what a payment method carries under its type.
    details: dict[str, Any] | Raw = mapping(raw, kind) or raw
    return PaymentMethod(
        id=required_id(raw),
        account_id=account_id,
        source=SOURCE,
        kind=kind,
        brand=word(details, "brand") or word(details, "bank_name"),
        last4=text(details, "last4", 4),
        exp_month=_within(details, "exp_month", 1, 12),
        exp_year=_within(details, "exp_year", 1970, 2200),
    )


def _within(raw: Raw, key: str, least: int, most: int) -> int | None:
    value = raw.get(key)
    return value if value.__class__ is int and least <= value <= most else None
