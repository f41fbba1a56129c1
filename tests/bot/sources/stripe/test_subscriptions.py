from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import Unreadable
from bot.sources.stripe.subscriptions import parse_subscription
from storage.facts import Account, CancelKind, Collection, Item, PaymentMethod, Status, Subscription
from tests.bot.sources.stripe import payloads as stripe

JAN, FEB, MAR = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))


def one(**over: Any) -> Subscription:
    return next(
        fact for fact in parse_subscription(stripe.subscription(**over), Known()) if isinstance(fact, Subscription)
    )


def test_a_subscription_of_today() -> None:
    expected = Subscription(
        id="sub_1",
        account_id="cus_1",
        source="stripe",
        status=Status.ACTIVE,
        status_word="active",
        currency="usd",
        started_at=JAN,
        created_at=JAN,
        current_period_start=FEB,
        current_period_end=MAR,
        items=(Item(id="si_1", price_id="price_1", quantity=5),),
    )

    assert expected == one()


def test_a_subscription_of_old_has_plans_and_the_period_at_the_top() -> None:
    (old,) = parse_subscription(stripe.old_subscription(), Known())

    assert isinstance(old, Subscription)
    assert (
        old.current_period_start,
        old.current_period_end,
        old.currency,
        old.items[0].price_id,
        old.items[0].quantity,
    ) == (FEB, MAR, "eur", "plan_gold", 2)
    assert (old.cancel_requested_at, old.cancel_at, old.collection) == (FEB, MAR, Collection.INVOICE)
    assert [discount.amount_off for discount in old.discounts] == [500]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("trialing", Status.TRIALING),
        ("past_due", Status.PAST_DUE),
        ("unpaid", Status.UNPAID),
        ("paused", Status.PAUSED),
        ("canceled", Status.ENDED),
        ("incomplete", Status.NEVER_STARTED),
        ("incomplete_expired", Status.NEVER_STARTED),
        ("hibernating", Status.UNKNOWN),
    ],
)
def test_every_status_keeps_its_word(word: str, status: Status) -> None:
    parsed = one(status=word)

    assert (status, word) == (parsed.status, parsed.status_word)


@pytest.mark.parametrize(
    ("details", "kind", "reason"),
    [
        ({"reason": "cancellation_requested", "feedback": "too_expensive"}, CancelKind.VOLUNTARY, "too_expensive"),
        ({"reason": "payment_failed"}, CancelKind.PAYMENT_FAILED, None),
        ({"reason": "payment_disputed"}, CancelKind.DISPUTED, None),
        ({"reason": "canceled_by_retention_policy"}, CancelKind.POLICY, None),
        ({"reason": "moon_phase"}, CancelKind.UNKNOWN, "moon_phase"),
        (
            {"reason": "cancellation_requested", "feedback": "other", "feedback_option": "fo_merged"},
            CancelKind.VOLUNTARY,
            "fo_merged",
        ),
        ({}, CancelKind.UNKNOWN, None),
    ],
)
def test_why_it_ends(details: stripe.Object, kind: CancelKind, reason: str | None) -> None:
    parsed = one(canceled_at=stripe.FEB, cancel_at_period_end=True, cancellation_details=details)

    assert (FEB, MAR, kind, reason) == (
        parsed.cancel_requested_at,
        parsed.cancel_at,
        parsed.cancel_kind,
        parsed.cancel_reason,
    )


def test_one_that_stays_has_no_cancel_kind() -> None:
    assert one().cancel_kind is None


def test_the_two_kinds_of_pause() -> None:
    collection = one(pause_collection={"behavior": "void", "resumes_at": stripe.MAR})
    status = one(
        status="paused",
        status_details={"paused": {"transitioned_at": stripe.FEB, "subscription": {"type": "pause_requested"}}},
    )

    assert (collection.pause_kind, collection.paused_at, collection.resumes_at) == ("collection", None, MAR)
    assert (status.pause_kind, status.paused_at, status.resumes_at) == ("status", FEB, None)


def test_an_item_in_a_trial_and_one_without_a_quantity() -> None:
    trial = stripe.item("si_trial", current_trial={"start_date": stripe.FEB, "end_date": stripe.MAR})
    metered = stripe.item("si_metered", quantity=None)

    first, second = one(items=stripe.listed([trial, metered])).items

    assert (first.trial_end, second.quantity) == (MAR, 1)


def test_items_with_periods_of_their_own_renew_at_the_next_end() -> None:
    yearly = stripe.item("si_2", current_period_start=stripe.JAN, current_period_end=stripe.JAN + 365 * 86400)

    parsed = one(items=stripe.listed([stripe.item(), yearly]))

    assert (parsed.current_period_start, parsed.current_period_end) == (FEB, MAR)


def test_expanded_customer_and_method_come_along() -> None:
    raw = stripe.subscription(customer=stripe.customer(), default_payment_method=stripe.method("pm_2"))

    kinds = [(type(fact), fact.id) for fact in parse_subscription(raw, Known())]

    assert [
        (Account, "cus_1"),
        (PaymentMethod, "pm_1"),
        (Subscription, "sub_1"),
        (PaymentMethod, "pm_2"),
    ] == kinds


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"customer": None}, "customer"),
        ({"currency": None, "items": None}, "currency"),
        ({"start_date": None, "created": 10**18}, "started"),
        ({"items": [{"id": "si_1", "price": None}]}, "price"),
        ({"items": [stripe.item(quantity=10**9 + 1)]}, "quantity beyond all reason"),
        (
            {"items": [stripe.item(quantity=10**9, price=stripe.price(unit_amount_decimal=str(10**12)))]},
            "more than all reason",
        ),
    ],
)
def test_what_it_cannot_do_without(over: stripe.Object, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        one(**over)
