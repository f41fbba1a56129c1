"""What a billing source said, as plain values.

Money is whole minor units of its currency (1999 is USD 19.99, 1999 is JPY 1999). Unit prices are decimals of
minor units with up to 12 places. Instants are aware and in UTC. A word of the source that Kahvi does not know is
kept beside the nearest one it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import lt
from types import MappingProxyType
from typing import Any, NamedTuple

NOTHING: Mapping[str, str] = MappingProxyType({})


class Status(StrEnum):
    """Where a subscription stands; `Subscription.status_word` keeps the source's own word."""

    SCHEDULED = "scheduled"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    NEVER_STARTED = "never_started"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Interval(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Usage(StrEnum):
    LICENSED = "licensed"
    METERED = "metered"


class Scheme(StrEnum):
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"


class Duration(StrEnum):
    """How long a discount repeats; `UNKNOWN` when the source no longer tells."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"
    UNKNOWN = "unknown"


class CancelKind(StrEnum):
    """Why a subscription ended, coarsely: by will, by failed payment, by dispute, by the seller's rule."""

    VOLUNTARY = "voluntary"
    PAYMENT_FAILED = "payment_failed"
    DISPUTED = "disputed"
    POLICY = "policy"
    UNKNOWN = "unknown"


class InvoiceStatus(StrEnum):
    """Where an invoice stands; `UPCOMING` is not one yet: it holds what waits to be billed with the next."""

    UPCOMING = "upcoming"
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"
    UNKNOWN = "unknown"


class LineKind(StrEnum):
    RECURRING = "recurring"
    USAGE = "usage"
    ONE_OFF = "one_off"


class PaymentStatus(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"


class Collection(StrEnum):
    """How the source asks for money: charging a stored method, or sending an invoice to be paid by hand."""

    CHARGE = "charge"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One paying (or once paying) customer. `attributes` are the source's own labels, as text."""

    id: str
    source: str
    name: str
    email: str | None = None
    country: str | None = None
    region: str | None = None
    segment: str | None = None
    currency: str | None = None
    owner_email: str | None = None
    default_method_id: str | None = None
    created_at: datetime | None = None
    deleted_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    discounts: tuple["Discount", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    id: str
    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to and including `up_to` (None: no end) cost `unit_amount` each, plus `flat_amount` once."""

    up_to: int | None
    unit_amount: Decimal
    flat_amount: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """What one price asks in one currency: `unit_amount` per unit, or `tiers` instead."""

    unit_amount: Decimal | None
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price; `interval` is None for one that does not recur.

    `rates` maps lower-case currency codes to what is asked in them. `pack_size` units are sold together, a broken
    pack counted whole when `pack_round_up`. `tax_inclusive` says that the amounts contain tax.
    """

    id: str
    source: str
    product_id: str | None
    nickname: str | None
    interval: Interval | None
    interval_count: int
    usage: Usage
    scheme: Scheme
    rates: Mapping[str, Rate]
    pack_size: int = 1
    pack_round_up: bool = True
    tax_inclusive: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """Percent off (`percent_off` 20 is 20 %) or an amount off, on an account, a subscription or an item.

    `products` limits it to those; empty is all. `ends_at` is the instant from which it no longer counts.
    """

    id: str
    duration: Duration
    percent_off: Decimal | None = None
    amount_off: int | None = None
    currency: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One priced line of a subscription.

    `started_at` is the instant from which this price and quantity hold. Sources that know only the present leave
    it empty, and the past is read from invoice lines.
    """

    id: str
    price_id: str
    quantity: int
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trial_end: datetime | None = None
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription with its present items and discounts.

    `cancel_requested_at` is when leaving was asked for, `cancel_at` when it takes effect, `ended_at` when it did.
    `pause_kind` is "collection" (status and invoices go on) or "status" (nothing goes on).
    """

    id: str
    account_id: str
    source: str
    status: Status
    status_word: str
    currency: str
    started_at: datetime
    created_at: datetime | None = None
    trial_start: datetime | None = None
    trial_end: datetime | None = None
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    cancel_requested_at: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_kind: CancelKind | None = None
    cancel_reason: str | None = None
    cancel_comment: str | None = None
    pause_kind: str | None = None
    paused_at: datetime | None = None
    resumes_at: datetime | None = None
    collection: Collection = Collection.CHARGE
    default_method_id: str | None = None
    items: tuple[Item, ...] = ()
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """A time of a schedule, [starts_at, ends_at): `items` are (price id, quantity)."""

    starts_at: datetime
    ends_at: datetime | None
    items: tuple[tuple[str, int], ...]
    trial_end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a subscription will be made of, in phases; `subscription_id` is empty before it begins.

    `live` is False once the schedule no longer plans anything. `cancels`: the subscription ends with the last phase.
    """

    id: str
    account_id: str
    source: str
    subscription_id: str | None
    currency: str | None
    live: bool
    cancels: bool
    phases: tuple[Phase, ...]


class InvoiceLine(NamedTuple):
    """One line of an invoice; `amount` is before discounts, its discounts by how long they repeat.

    `tax_inside` is the part of `amount` that is inclusive tax. The service period is [start, end). A named tuple, as
    a ledger is made of millions and these are made twelve times as fast.
    """

    id: str
    kind: LineKind
    amount: int
    quantity: Decimal | None
    period_start: datetime
    period_end: datetime
    subscription_id: str | None = None
    item_id: str | None = None
    price_id: str | None = None
    proration: bool = False
    discount_once: int = 0
    discount_repeating: int = 0
    discount_forever: int = 0
    tax_inside: int = 0
    description: str | None = None


def in_turn(lines: Sequence[InvoiceLine]) -> bool:
    """Whether each period begins after the one before it, as they nearly always do: so no two begin together."""
    starts = [line.period_start for line in lines]
    return all(map(lt, starts, starts[1:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice with all its lines.

    `payment_refs` name the payments (or intents) that were tried for it; `credited` is what credit notes took off.
    """

    id: str
    account_id: str
    source: str
    status: InvoiceStatus
    status_word: str
    currency: str
    total: int
    tax: int
    amount_due: int
    amount_paid: int
    issued_at: datetime
    credited: int = 0
    number: str | None = None
    subscription_id: str | None = None
    due_at: datetime | None = None
    paid_at: datetime | None = None
    attempt_count: int = 0
    next_attempt_at: datetime | None = None
    collection: Collection = Collection.CHARGE
    hosted_url: str | None = None
    payment_refs: tuple[str, ...] = ()
    lines: tuple[InvoiceLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to collect money. `intent_ref` is the source's name for the series of attempts it belongs to."""

    id: str
    account_id: str
    source: str
    at: datetime
    amount: int
    currency: str
    status: PaymentStatus
    intent_ref: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    method_brand: str | None = None
    method_last4: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    id: str
    account_id: str
    source: str
    kind: str
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: str
    account_id: str | None
    source: str
    payment_id: str | None
    amount: int
    currency: str
    status: str
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A chargeback; `due_at` is the last instant to answer it."""

    id: str
    account_id: str | None
    source: str
    payment_id: str | None
    amount: int
    currency: str
    status: str
    reason: str | None
    created_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """On `day`, one unit of `currency` was worth `rate` units of `base` (both in major units)."""

    day: date
    currency: str
    base: str
    rate: Decimal


Fact = (
    Account
    | Product
    | Price
    | Subscription
    | Schedule
    | Invoice
    | Payment
    | PaymentMethod
    | Refund
    | Dispute
    | ExchangeRate
)


def columns_of(kind: type[Any]) -> tuple[str, ...]:
    """The names of a kind's values that stand in its own table, in their order; nested facts have theirs."""
    names = getattr(kind, "_fields", None) or (one.name for one in fields(kind))
    return tuple(name for name in names if name not in ("items", "discounts", "lines"))
