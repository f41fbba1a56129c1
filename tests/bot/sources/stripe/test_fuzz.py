"""Whatever is done to a payload, parsing gives facts or says why not; and facts hold what a database can hold."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sources.stripe.discounts import Known
from bot.sources.stripe.events import touched_by
from bot.sources.stripe.fields import Unreadable
from bot.sources.stripe.kinds import BY_NAME, COUPONS, PRICES, Kind
from storage.slices import RESERVED
from tests.bot.sources.stripe import payloads as stripe

SAMPLES: dict[str, list[Callable[[], stripe.Object]]] = {
    "coupons": [stripe.coupon],
    "products": [lambda: {"id": "prod_1", "name": "Team"}],
    "prices": [
        stripe.price,
        stripe.old_plan,
        lambda: stripe.price(
            tiers=[{"unit_amount": 1, "flat_amount_decimal": "2", "up_to": 5}],
            currency_options={"eur": {"unit_amount_decimal": "1"}},
            transform_quantity={"divide_by": 5, "round": "up"},
        ),
    ],
    "customers": [lambda: stripe.customer(discount=stripe.discount(source=stripe.coupon()))],
    "subscriptions": [
        lambda: stripe.subscription(
            discounts=[stripe.discount()],
            customer=stripe.customer(),
            items=[stripe.item(discounts=[stripe.discount()])],
            pause_collection={"resumes_at": stripe.MAR},
        ),
        stripe.old_subscription,
    ],
    "invoices": [
        lambda: stripe.invoice(
            discounts=[stripe.discount(source=stripe.coupon())],
            total_discount_amounts=[{"amount": 1, "discount": stripe.discount()}],
            total_taxes=[{"amount": 3, "tax_behavior": "inclusive"}],
            lines=stripe.listed(
                [
                    stripe.line(
                        discount_amounts=[{"amount": 1, "discount": "di_1"}],
                        taxes=[{"amount": 1, "tax_behavior": "inclusive"}],
                    )
                ]
            ),
        ),
        stripe.old_invoice,
    ],
    "invoiceitems": [stripe.pending],
    "subscription_schedules": [stripe.schedule],
    "charges": [
        lambda: stripe.charge(balance_transaction=stripe.balance_transaction(exchange_rate=1.1, currency="eur"))
    ],
    "refunds": [stripe.refund],
    "disputes": [stripe.dispute],
    "payment_methods": [stripe.method],
}

HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**40), max_value=10**40),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "\0",
            "a\x1fb",
            "\x1eother",
            "\ud800",
            "x" * 1000,
            "1e999999",
            "-1e-999999",
            "NaN",
            "usd",
            "inclusive",
            "metered",
        ]
    ),
    st.sampled_from([[], {}, [[]], [None], [{}], {"data": {}}, {"data": [None, {}]}, {"id": []}, {"object": 1}]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a payload."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        yield from places(child, (*path, key))


def put(payload: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        payload = payload[step]
    payload[path[-1]] = value


@st.composite
def broken(draw: st.DrawFn) -> tuple[Kind, stripe.Object]:
    """A payload in which a few values are replaced."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    payload = json.loads(json.dumps(draw(st.sampled_from(SAMPLES[name]))()))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(places(payload))))
        put(payload, path, copy.deepcopy(draw(HOSTILE)))
    return BY_NAME[name], payload


def storable(value: Any) -> bool:
    """Whether SQLite and PostgreSQL both hold the value."""
    if dataclasses.is_dataclass(value):
        return all(storable(getattr(value, one.name)) for one in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return all(storable(key) and storable(one) for key, one in value.items())
    if isinstance(value, tuple):
        return all(storable(one) for one in value)
    return all(holds(value) for kind, holds in LIMITS.items() if type(value) is kind)


LIMITS: dict[type, Callable[[Any], bool]] = {
    str: lambda text: not {"\0", *RESERVED} & {*text} and len(text.encode("utf-8", "strict")) > 0 and len(text) <= 2000,
    int: lambda number: abs(number) <= 10**13,  # the sum of very many still fits a column
    Decimal: lambda number: number.is_finite() and abs(number) <= Decimal(10) ** 20,
    datetime: lambda instant: instant.tzinfo is UTC and instant.year < 2201,
}


@given(broken())
def test_a_broken_payload_gives_storable_facts_or_a_reason(case: tuple[Kind, stripe.Object]) -> None:
    kind, payload = case
    known = Known()
    try:
        for fact in kind.parse(payload, known):
            assert storable(fact), fact
    except Unreadable:
        pass  # it said why; what matters is that nothing else is raised
    for name in (*kind.coupons(payload), *kind.prices(payload)):
        assert 0 < len(name) <= 255
    for coupon in known.coupons.values() if kind in (COUPONS, PRICES) else ():
        assert storable(coupon)


@given(HOSTILE, HOSTILE)
def test_a_broken_event_touches_only_what_has_an_id(data: Any, inside: Any) -> None:
    for event in ({"data": data}, {"data": {"object": inside}}, {"data": {"object": {"object": inside, "id": data}}}):
        assert all(own for _, own in touched_by(event))
