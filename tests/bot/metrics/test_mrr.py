"""What a subscription is worth per month, to the minor unit."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.axes import OnceDiscounts, RecurringDiscounts
from bot.metrics.mrr import Level, levels, whole
from bot.metrics.policy import KAHVI, MetricsPolicy
from storage.facts import Discount, Duration, Interval, Price, Rate, Scheme, Subscription, Tier, Usage
from tests.factories import at, item, price, subscription

ALL = MetricsPolicy(recurring_discounts=RecurringDiscounts.ALL, once_discounts=OnceDiscounts.SUBTRACT)
NONE = MetricsPolicy(recurring_discounts=RecurringDiscounts.IGNORE)


def mrr(sub: Subscription, *prices: Price, policy: MetricsPolicy = KAHVI, account: tuple[Discount, ...] = ()) -> int:
    known = {one.id: one for one in prices}
    return sum(whole(levels(sub, account, known, policy, at(15))).values(), 0)


@pytest.mark.parametrize(
    ("interval", "count", "amount", "expected"),
    [
        (Interval.MONTH, 1, "5000", 5000),
        (Interval.MONTH, 3, "15000", 5000),
        (Interval.MONTH, 6, "10000", 1667),
        (Interval.YEAR, 1, "12000", 1000),
        (Interval.YEAR, 2, "24000", 1000),
        (Interval.WEEK, 1, "10000", 43333),
        (Interval.WEEK, 2, "10000", 21667),
        (Interval.DAY, 1, "100", 3042),
        (Interval.DAY, 30, "3000", 3042),
    ],
)
def test_every_interval_is_normalised_to_a_month(interval: Interval, count: int, amount: str, expected: int) -> None:
    one = price("p", amount, interval=interval, interval_count=count)

    assert mrr(subscription(items=[item("p")]), one) == expected


def test_several_items_and_seats_add_up() -> None:
    sub = subscription(items=[item("pro", 3), item("addon", 1)])

    assert mrr(sub, price("pro", "1999"), price("addon", "500")) == 3 * 1999 + 500


def test_a_fraction_of_a_cent_per_unit_is_not_lost() -> None:
    assert mrr(subscription(items=[item("p", 1000)]), price("p", "0.125")) == 125


TIERS = (
    Tier(10, Decimal(1000), Decimal(0)),
    Tier(20, Decimal(800), Decimal(500)),
    Tier(None, Decimal(500), Decimal(0)),
)


@pytest.mark.parametrize(
    ("scheme", "quantity", "expected"),
    [
        (Scheme.GRADUATED, 10, 10_000),
        (Scheme.GRADUATED, 11, 10_000 + 500 + 800),
        (Scheme.GRADUATED, 25, 10_000 + 500 + 8_000 + 2_500),
        (Scheme.VOLUME, 10, 10_000),
        (Scheme.VOLUME, 11, 500 + 8_800),
        (Scheme.VOLUME, 25, 12_500),
    ],
)
def test_tiers(scheme: Scheme, quantity: int, expected: int) -> None:
    tiered = price("p", scheme=scheme, rates={"usd": Rate(None, TIERS)})

    assert mrr(subscription(items=[item("p", quantity)]), tiered) == expected


@pytest.mark.parametrize(("round_up", "expected"), [(True, 3000), (False, 2000)])
def test_packages_round_a_broken_pack_as_told(round_up: bool, expected: int) -> None:
    packs = price("p", "1000", pack_size=5, pack_round_up=round_up)

    assert mrr(subscription(items=[item("p", 11)]), packs) == expected


def test_metered_one_off_and_unknown_prices_are_left_out() -> None:
    sub = subscription(items=[item("metered"), item("once"), item("gone"), item("pro")])

    assert mrr(sub, price("metered", usage=Usage.METERED), price("once", interval=None), price("pro", "5000")) == 5000


def test_a_trial_is_worth_nothing_until_it_ends() -> None:
    assert mrr(subscription(items=[item()], trial_end=at(20)), price()) == 0
    assert mrr(subscription(items=[item()], trial_end=at(15)), price()) == 5000


def forever(**values: Any) -> Discount:
    return Discount(**{"id": "d", "duration": Duration.FOREVER, **values})


@pytest.mark.parametrize(
    ("policy", "duration", "expected"),
    [
        (KAHVI, Duration.FOREVER, 4000),
        (KAHVI, Duration.REPEATING, 5000),
        (KAHVI, Duration.ONCE, 5000),
        (ALL, Duration.REPEATING, 4000),
        (ALL, Duration.ONCE, 4000),
        (NONE, Duration.FOREVER, 5000),
    ],
)
def test_which_discounts_count_is_the_policys_choice(policy: MetricsPolicy, duration: Duration, expected: int) -> None:
    discount = forever(duration=duration, percent_off=Decimal(20))

    assert mrr(subscription(items=[item()], discounts=(discount,)), price(), policy=policy) == expected


def test_item_discounts_apply_before_subscription_discounts() -> None:
    sub = subscription(
        items=[item(discounts=(forever(amount_off=1000, currency="usd"),))],
        discounts=(forever(percent_off=Decimal(50)),),
    )

    assert mrr(sub, price()) == 2000


def test_an_account_discount_counts_only_where_the_subscription_has_none() -> None:
    half, tenth = forever(percent_off=Decimal(50)), forever(percent_off=Decimal(10))

    assert mrr(subscription(items=[item()]), price(), account=(half,)) == 2500
    assert mrr(subscription(items=[item()], discounts=(tenth,)), price(), account=(half,)) == 4500


def test_an_amount_off_in_another_currency_is_not_taken() -> None:
    sub = subscription(items=[item()], discounts=(forever(amount_off=1000, currency="eur"),))

    assert mrr(sub, price()) == 5000


def test_an_amount_off_never_goes_below_zero() -> None:
    sub = subscription(items=[item()], discounts=(forever(amount_off=99_999, currency="usd"),))

    assert mrr(sub, price()) == 0


def test_a_discount_limited_to_products_leaves_the_others_alone() -> None:
    sub = subscription(
        items=[item("pro"), item("addon")],
        discounts=(forever(percent_off=Decimal(100), products=("product-addon",)),),
    )

    assert mrr(sub, price("pro"), price("addon", "700")) == 5000


def test_an_ended_discount_no_longer_counts() -> None:
    sub = subscription(items=[item()], discounts=(forever(percent_off=Decimal(50), ends_at=at(15)),))

    assert mrr(sub, price()) == 5000


def test_a_subscription_in_another_currency_takes_that_currencys_amount() -> None:
    both = price("p", rates={"usd": Rate(Decimal(5000)), "eur": Rate(Decimal(4500))})

    assert mrr(subscription(items=[item("p")], currency="eur"), both) == 4500
    assert mrr(subscription(items=[item("p")], currency="gbp"), both) == 0


amounts = st.decimals(min_value=0, max_value=10**9, places=6)


@given(st.lists(amounts, min_size=1, max_size=6))
def test_products_add_up_to_the_rounded_total(parts: list[Decimal]) -> None:
    state = {str(i): Level(f"product {i}", "p", Decimal(1), amount) for i, amount in enumerate(parts)}

    assert sum(whole(state).values()) == round(sum(parts))


def test_two_prices_of_one_product_are_told_apart_and_two_items_of_one_price_are_not() -> None:
    state = {
        "a": Level("team", "monthly", Decimal(1), Decimal("33.4")),
        "b": Level("team", "monthly", Decimal(1), Decimal("33.4")),
        "c": Level("team", "yearly", Decimal(1), Decimal("33.4")),
    }

    assert whole(state) == {("team", "monthly"): 67, ("team", "yearly"): 33}
