from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.sources.stripe.catalog import parse_price, parse_product
from bot.sources.stripe.discounts import Known, coupon_of, parse_discounts
from bot.sources.stripe.fields import Unreadable
from storage.facts import Discount, Duration, Interval, Price, Product, Rate, Scheme, Tier, Usage
from tests.bot.sources.stripe import payloads as stripe


def test_a_price_is_read_with_its_exact_unit_amount() -> None:
    raw = stripe.price(unit_amount=None, unit_amount_decimal="0.123456789012", tax_behavior="inclusive")

    expected = Price(
        id="price_1",
        source="stripe",
        product_id="prod_1",
        nickname="Team monthly",
        interval=Interval.MONTH,
        interval_count=1,
        usage=Usage.LICENSED,
        scheme=Scheme.PER_UNIT,
        rates={"usd": Rate(Decimal("0.123456789012"))},
        tax_inclusive=True,
    )
    assert expected == parse_price(raw)


def test_tiers_and_other_currencies_are_read_where_they_are_expanded() -> None:
    raw = stripe.price(
        billing_scheme="tiered",
        tiers_mode="volume",
        unit_amount=None,
        unit_amount_decimal=None,
        tiers=[
            {"flat_amount": 1000, "flat_amount_decimal": "1000", "unit_amount_decimal": "0.5", "up_to": 10},
            {"flat_amount": None, "unit_amount": 40, "unit_amount_decimal": "40", "up_to": None},
        ],
        currency_options={
            "eur": {"tiers": [{"unit_amount": 45, "up_to": None}]},
            "gbp": {"unit_amount": None},
            "usd": {},
        },
    )

    price = parse_price(raw)

    assert price.scheme == Scheme.VOLUME
    assert {
        "eur": Rate(None, (Tier(None, Decimal(45), Decimal(0)),)),
        "usd": Rate(
            None,
            (
                Tier(10, Decimal("0.5"), Decimal(1000)),
                Tier(up_to=None, unit_amount=Decimal(40), flat_amount=Decimal(0)),
            ),
        ),
    } == dict(price.rates)


def test_tiers_that_were_not_expanded_leave_the_rate_unknown() -> None:
    price = parse_price(stripe.price(billing_scheme="tiered", tiers_mode="graduated", unit_amount_decimal=None))

    assert dict(price.rates) == {}


def test_packs_and_meters_are_read() -> None:
    raw = stripe.price(
        transform_quantity={"divide_by": 100, "round": "down"},
        recurring={"interval": "year", "interval_count": 2, "meter": "mtr_1", "usage_type": "metered"},
    )

    price = parse_price(raw)

    assert (
        price.pack_size,
        price.pack_round_up,
        price.interval,
        price.interval_count,
        price.usage,
    ) == (100, False, Interval.YEAR, 2, Usage.METERED)


def test_a_free_price_costs_nothing_rather_than_an_unknown_amount() -> None:
    assert {"usd": Rate(Decimal(0))} == dict(parse_price(stripe.price(unit_amount=0, unit_amount_decimal="0")).rates)


def test_a_plan_is_a_price_with_its_terms_at_the_top() -> None:
    price = parse_price(stripe.old_plan(transform_usage={"divide_by": 10, "round": "up"}, usage_type="metered"))

    assert (Interval.YEAR, Usage.METERED, 10, {"eur": Rate(Decimal(9900))}) == (
        price.interval,
        price.usage,
        price.pack_size,
        dict(price.rates),
    )


def test_a_one_off_price_does_not_recur() -> None:
    assert parse_price(stripe.price(recurring=None, type="one_time")).interval is None


def test_an_unknown_interval_is_not_guessed() -> None:
    raw = stripe.price(recurring={"interval": "fortnight", "interval_count": 1, "usage_type": "licensed"})

    with pytest.raises(Unreadable, match="fortnight"):
        parse_price(raw)


@pytest.mark.parametrize("count", [0, -3])
def test_a_price_that_recurs_never_or_backwards_is_not_taken_for_one_of_every_month(count: int) -> None:
    raw = stripe.price(recurring={"interval": "month", "interval_count": count, "usage_type": "licensed"})

    with pytest.raises(Unreadable, match=f"recurs every {count} months"):
        parse_price(raw)


def test_a_nameless_product_goes_by_its_id() -> None:
    assert Product(id="prod_1", source="stripe", name="prod_1") == parse_product({"id": "prod_1", "name": None})


def test_a_discount_joins_the_coupon_that_only_its_id_names() -> None:
    listed = coupon_of(stripe.coupon(applies_to={"products": ["prod_1"]}, percent_off=12.5))
    holder = {"discounts": [stripe.discount()]}

    expected = Discount(
        id="di_1",
        duration=Duration.FOREVER,
        percent_off=Decimal("12.5"),
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        products=("prod_1",),
    )
    assert (expected,) == parse_discounts(holder, Known(coupons={"TWENTY": listed}), "usd")


def test_an_amount_off_is_taken_in_the_currency_of_what_it_is_off() -> None:
    inside = stripe.coupon(
        percent_off=None, amount_off=500, currency="usd", currency_options={"eur": {"amount_off": 450}}
    )
    holder = {"discounts": [stripe.discount(source=inside)]}

    (discount,) = parse_discounts(holder, Known(), "eur")

    assert (discount.amount_off, discount.currency) == (450, "eur")


def test_a_coupon_that_is_gone_leaves_a_discount_of_unknown_duration() -> None:
    (discount,) = parse_discounts({"discounts": [stripe.discount()]}, Known(coupons={"TWENTY": None}), "usd")

    assert discount.duration == Duration.UNKNOWN


def test_an_unknown_duration_is_kept_as_unknown() -> None:
    assert coupon_of(stripe.coupon(duration="seasonal")).duration == Duration.UNKNOWN


def test_the_single_discount_of_old_is_read() -> None:
    (discount,) = parse_discounts({"discount": stripe.old_discount()}, Known(), "eur")

    assert (500, Duration.REPEATING, datetime(2026, 3, 1, tzinfo=UTC)) == (
        discount.amount_off,
        discount.duration,
        discount.ends_at,
    )


@pytest.mark.parametrize(
    "over",
    [
        {"unit_amount": 10**14, "unit_amount_decimal": None},
        {"unit_amount_decimal": "1e30"},
        {"transform_quantity": {"divide_by": 10**9 + 1, "round": "up"}},
        {"recurring": {"interval": "day", "interval_count": 10_001}},
        {"billing_scheme": "tiered", "tiers": [{"flat_amount": 10**14, "up_to": None}]},
        {"currency_options": {"eur": {"unit_amount": 10**14}}},
    ],
)
def test_an_absurd_price_is_unreadable(over: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="beyond all reason"):
        parse_price(stripe.price(**over))


@pytest.mark.parametrize("percent", [101, -1, "1e9"])
def test_an_absurd_discount_is_unreadable(percent: object) -> None:
    with pytest.raises(Unreadable, match="percentage"):
        coupon_of(stripe.coupon(percent_off=percent))


@pytest.mark.parametrize(
    "over", [{"amount_off": -500}, {"amount_off": 500, "currency_options": {"eur": {"amount_off": -450}}}]
)
def test_a_discount_that_adds_to_a_bill_is_unreadable(over: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="takes less than nothing off"):
        coupon_of(stripe.coupon(percent_off=None, currency="usd", **over))
