"""Movements: one kind per account and day, and a ledger that always adds up."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.movements import Stepped, movements
from bot.metrics.mrr import Level, whole
from bot.metrics.rates import Rates
from storage.facts import CancelKind, Status, Subscription
from storage.movements import Movement
from storage.states import Cause, MovementKind
from tests.factories import price, subscription

K = MovementKind
DOLLARS = Rates("usd", [("eur", date(2026, 1, 1), Decimal("1.10"))])
FIRST = date(2026, 1, 1)


def level(amount: int, product: str = "pro", quantity: int = 1, price_id: str = "p") -> Level:
    return Level(product, price_id, Decimal(quantity), Decimal(amount))


def stepped(sub: Subscription, *steps: tuple[int, dict[str, Level]]) -> Stepped:
    return Stepped(sub, [(date(2026, 1, day), state) for day, state in steps])


def told(*subscriptions: Stepped) -> list[tuple[int, MovementKind, int, Cause]]:
    return [(m.day.day, m.kind, m.amount, m.cause) for m in movements("acme", subscriptions, DOLLARS)]


def test_a_life_of_one_subscription() -> None:
    one = stepped(
        subscription(),
        (1, {"a": level(5000)}),
        (5, {"a": level(10_000, quantity=2)}),
        (9, {"a": level(8000, price_id="q")}),
        (12, {}),
        (20, {"a": level(8000)}),
    )

    assert told(one) == [
        (1, K.NEW, 5000, Cause.STARTED),
        (5, K.EXPANSION, 5000, Cause.SEATS),
        (9, K.CONTRACTION, -10_000, Cause.PLAN),
        (9, K.CONTRACTION, 8000, Cause.PLAN),
        (12, K.CHURN, -8000, Cause.CANCELLED),
        (20, K.REACTIVATION, 8000, Cause.STARTED),
    ]


def test_an_item_that_takes_the_place_of_another_is_the_change_that_it_makes() -> None:
    """A source may give a changed item another id, as CSV does for each version."""
    named = {key: price(key, product_id="pro", nickname="Pro") for key in ("p", "dearer")}
    named["other"] = price("other", product_id="pro", nickname="Team")
    one = stepped(
        subscription(),
        (1, {"i@1": level(5000)}),
        (2, {"i@2": level(10_000, quantity=2)}),
        (3, {"i@3": level(8000, quantity=2, price_id="dearer")}),
        (4, {"i@4": level(9000, quantity=2, price_id="other")}),
        (5, {"i@4": level(9000, quantity=2, price_id="other"), "x": level(100, product="x")}),
        (6, {"i@4": level(9000, quantity=2, price_id="other")}),
    )

    causes = {m.day.day: m.cause for m in movements("acme", [one], DOLLARS, prices=named)}
    assert [causes[day] for day in range(2, 7)] == [Cause.SEATS, Cause.PRICE, Cause.PLAN, Cause.ADDED, Cause.REMOVED]


def test_a_second_subscription_is_expansion_and_losing_one_of_two_contraction() -> None:
    first = stepped(subscription("one"), (1, {"a": level(5000)}))
    second = stepped(subscription("two"), (5, {"b": level(3000)}), (9, {}))

    assert told(first, second) == [
        (1, K.NEW, 5000, Cause.STARTED),
        (5, K.EXPANSION, 3000, Cause.STARTED),
        (9, K.CONTRACTION, -3000, Cause.CANCELLED),
    ]


def test_moving_to_another_subscription_on_one_day_is_not_churn_and_new() -> None:
    old = stepped(subscription("old"), (1, {"a": level(5000)}), (9, {}))
    new = stepped(subscription("new"), (9, {"b": level(6000)}))

    assert [(kind, amount) for _, kind, amount, _ in told(old, new)] == [
        (K.NEW, 5000),
        (K.EXPANSION, -5000),
        (K.EXPANSION, 6000),
    ]


def test_moving_to_another_currency_is_judged_at_the_days_rate() -> None:
    old = stepped(subscription("old"), (1, {"a": level(1000)}), (9, {}))
    new = stepped(subscription("new", currency="eur"), (9, {"b": level(920)}))

    assert [kind for _, kind, _, _ in told(old, new)] == [K.NEW, K.EXPANSION, K.EXPANSION]


def test_failed_payment_and_pause_are_told_apart_from_leaving() -> None:
    def ending(**values: Any) -> Cause:
        sub = subscription(**values)
        return told(stepped(sub, (1, {"a": level(5000)}), (9, {})))[-1][3]

    assert ending(status=Status.ENDED, cancel_kind=CancelKind.PAYMENT_FAILED) is Cause.PAYMENT_FAILED
    assert ending(status=Status.UNPAID) is Cause.PAYMENT_FAILED
    assert ending(status=Status.PAUSED) is Cause.PAUSED
    assert ending(status=Status.ENDED, cancel_kind=CancelKind.VOLUNTARY) is Cause.CANCELLED


def test_one_row_of_an_accounts_day_counts_the_account() -> None:
    both = stepped(subscription(), (1, {"a": level(5000, "pro"), "b": level(700, "addon")}))

    assert [m.accounts for m in movements("acme", [both], DOLLARS)] == [1, 0]


states = st.dictionaries(
    st.sampled_from("abc"), st.builds(level, st.integers(0, 9000), st.sampled_from(["pro", "addon"])), max_size=3
)
lives = st.lists(states, min_size=1, max_size=8).map(
    lambda found: [(FIRST + timedelta(days=3 * i), state) for i, state in enumerate(found)]
)


@given(st.lists(lives, min_size=1, max_size=3))
def test_movements_always_add_up_to_the_last_state(found: list[list[tuple[date, dict[str, Level]]]]) -> None:
    subs = [Stepped(subscription(f"s{i}"), life) for i, life in enumerate(found)]

    made = movements("acme", subs, DOLLARS)

    assert sum(m.amount for m in made) == sum(sum(whole(life[-1][1]).values()) for life in found)
    check_story(made)


def check_story(made: list[Movement]) -> None:
    """Each day's kind is right for what the account was worth before and after it."""
    worth, ever = 0, False
    for day in sorted({m.day for m in made}):
        rows = [m for m in made if m.day == day]
        after = worth + sum(m.amount for m in rows)
        [kind] = {m.kind for m in rows}
        assert sum(m.accounts for m in rows) == 1
        assert after >= 0
        if worth == 0:
            assert kind is (K.REACTIVATION if ever else K.NEW)
        elif after == 0:
            assert kind is K.CHURN
        else:
            assert kind is (K.EXPANSION if after >= worth else K.CONTRACTION)
        worth, ever = after, True
