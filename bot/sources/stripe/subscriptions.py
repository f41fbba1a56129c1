"""Subscriptions with their items, of today's shape and of the one before the billing period moved to the items."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.sources.stripe.catalog import exact_amount
from bot.sources.stripe.customers import expanded_method, parse_customer
from bot.sources.stripe.discounts import Known, coupon_ids, parse_discounts
from bot.sources.stripe.fields import (
    LARGEST,
    MOST,
    SOURCE,
    Raw,
    Unreadable,
    currency,
    distinct,
    flag,
    instant,
    mapping,
    reference,
    required_id,
    required_reference,
    rows,
    text,
    whole,
    word,
)
from storage.facts import Account, CancelKind, Collection, Item, PaymentMethod, Status, Subscription
from storage.states import Fault

STATUSES = {
    "trialing": Status.TRIALING,
    "active": Status.ACTIVE,
    "past_due": Status.PAST_DUE,
    "unpaid": Status.UNPAID,
    "paused": Status.PAUSED,
    "canceled": Status.ENDED,
    "incomplete": Status.NEVER_STARTED,
    "incomplete_expired": Status.NEVER_STARTED,
}
CANCEL_KINDS = {
    "cancellation_requested": CancelKind.VOLUNTARY,
    "payment_failed": CancelKind.PAYMENT_FAILED,
    "payment_disputed": CancelKind.DISPUTED,
    "canceled_by_retention_policy": CancelKind.POLICY,
}


def subscription_coupons(raw: Raw) -> Iterator[str]:
    """Coupons that the subscription and its items name."""
    yield from coupon_ids(raw)
    for item in rows(raw, "items"):
        yield from coupon_ids(item)
    yield from coupon_ids(mapping(raw, "customer"))


def parse_subscription(raw: Raw, known: Known) -> Iterator[Subscription | Account | PaymentMethod]:
    """The subscription, before it its customer where that is expanded, and after it its own payment method."""
    if raw.get("customer").__class__ is dict:
        yield from parse_customer(raw["customer"], known)
    subscription = _subscription(raw, known)
    yield subscription
    yield from expanded_method(raw, "default_payment_method", subscription.account_id)


def _subscription(raw: Raw, known: Known) -> Subscription:
    items = list(rows(raw, "items"))
    code = currency(raw) or _currency_of(items)
    status = word(raw, "status") or "unknown"
    created = instant(raw, "created")
    start, end = _period(raw, items)
    leaving, pause = mapping(raw, "cancellation_details"), _pause(raw, status)
    cancel_at = instant(raw, "cancel_at") or (end if flag(raw, "cancel_at_period_end") else None)
    requested, ended = instant(raw, "canceled_at"), instant(raw, "ended_at")
    return Subscription(
        id=required_id(raw),
        account_id=required_reference(raw, "customer"),
        source=SOURCE,
        status=STATUSES.get(status, Status.UNKNOWN),
        status_word=status,
        currency=code,
        started_at=_started(raw, created),
        created_at=created,
        trial_start=instant(raw, "trial_start"),
        trial_end=instant(raw, "trial_end"),
        current_period_start=start,
        current_period_end=end,
        cancel_requested_at=requested,
        cancel_at=cancel_at,
        ended_at=ended,
        cancel_kind=_cancel_kind(leaving) if requested or cancel_at or ended else None,
        cancel_reason=_cancel_reason(leaving),
        cancel_comment=text(leaving, "comment"),
        pause_kind=pause[0],
        paused_at=pause[1],
        resumes_at=pause[2],
        collection=Collection.INVOICE if raw.get("collection_method") == "send_invoice" else Collection.CHARGE,
        default_method_id=reference(raw, "default_payment_method") or reference(raw, "default_source"),
        items=distinct(_item(one, known, code) for one in items),
        discounts=parse_discounts(raw, known, code),
    )


def _currency_of(items: Sequence[Raw]) -> str:
    for item in items:
        code = currency(_price_of(item))
        if code is not None:
            return code
    raise Unreadable("has no currency")


def _started(raw: Raw, created: datetime | None) -> datetime:
    started = instant(raw, "start_date") or instant(raw, "start") or created
    if started is None:
        raise Unreadable("does not say when it started")
    return started


def _period(raw: Raw, items: Sequence[Raw]) -> tuple[datetime | None, datetime | None]:
    """The present period: items may have periods of their own, the next to end is the one that is billed next."""
    starts = [when for item in items if (when := instant(item, "current_period_start")) is not None]
    ends = [when for item in items if (when := instant(item, "current_period_end")) is not None]
    return (
        max(starts, default=None) or instant(raw, "current_period_start"),
        min(ends, default=None) or instant(raw, "current_period_end"),
    )


def _cancel_kind(leaving: Raw) -> CancelKind:
    return CANCEL_KINDS.get(word(leaving, "reason") or "", CancelKind.UNKNOWN)


def _cancel_reason(leaving: Raw) -> str | None:
    """The customer's own word for leaving, or Stripe's where it is one that Kahvi does not know."""
    given = word(leaving, "feedback")
    if given is not None and given != "other":
        return given
    option = mapping(leaving, "feedback_option")
    own = text(option, "label") or text(option, "name") or reference(leaving, "feedback_option")
    reason = word(leaving, "reason")
    return own or given or (None if reason in CANCEL_KINDS else reason)


def _pause(raw: Raw, status: str) -> tuple[str | None, datetime | None, datetime | None]:
    """Kind, since and until; Stripe does not tell since when a collection is paused."""
    if status == "paused":
        return "status", instant(mapping(mapping(raw, "status_details"), "paused"), "transitioned_at"), None
    if mapping(raw, "pause_collection"):
        return "collection", None, instant(raw["pause_collection"], "resumes_at")
    return None, None, None


def _price_of(item: Raw) -> Raw:
    return mapping(item, "price") or mapping(item, "plan")


def _item(raw: Raw, known: Known, code: str) -> Item:
    quantity = whole(raw, "quantity", MOST)
    price_id = reference(raw, "price") or reference(raw, "plan")
    if price_id is None:
        raise Unreadable("has an item that names no price", Fault.NO_PRICE)
    unit = exact_amount(_price_of(raw), "unit_amount", "amount")
    if unit is not None and abs(unit * (quantity or 1)) > LARGEST:
        raise Unreadable("asks more than all reason for an item", Fault.TOO_LARGE)
    return Item(
        id=required_id(raw),
        price_id=price_id,
        quantity=1 if quantity is None else quantity,
        trial_end=instant(mapping(raw, "current_trial"), "end_date"),
        discounts=parse_discounts(raw, known, code),
    )
