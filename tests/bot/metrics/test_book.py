"""The company's book: levels, roll-forwards and the identity, with exchange rates apart."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.book import Book
from bot.metrics.catalogue import METRICS, Unit, Window
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rates import Rates
from storage.movements import LedgerDay, Opening
from storage.states import MovementKind

K = MovementKind
START = date(2026, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def book(*rows: tuple[int, str, MovementKind, int, int], opening: Opening | None = None) -> Book:
    rates = Rates("usd", [("eur", day(0), Decimal("1.10")), ("eur", day(10), Decimal("1.20"))])
    days = [
        LedgerDay(day(number), currency, kind, amount, accounts) for number, currency, kind, amount, accounts in rows
    ]
    return Book(START, opening or Opening({"usd": 10_000}, 4), days, rates)


def test_a_level_is_that_at_the_start_of_the_day() -> None:
    one = book((3, "usd", K.NEW, 500, 1))

    assert [one.mrr(day(3)), one.mrr(day(4))] == [10_000, 10_500]
    assert [one.customers(day(3)), one.customers(day(4))] == [4, 5]


def test_a_roll_forward_splits_what_happened() -> None:
    roll = book(
        (1, "usd", K.NEW, 900, 1),
        (2, "usd", K.EXPANSION, 300, 2),
        (2, "usd", K.CONTRACTION, -100, 1),
        (3, "usd", K.CHURN, -2000, 1),
        (4, "usd", K.REACTIVATION, 50, 1),
    ).roll(day(1), day(5))

    assert (roll.begin, roll.new, roll.reactivation, roll.expansion) == (10_000, 900, 50, 300)
    assert (roll.contraction, roll.churn, roll.fx, roll.end) == (100, 2000, 0, 9150)
    assert roll.net_new == -850
    assert (roll.customers_begin, roll.customers_new, roll.customers_churned, roll.customers_end) == (4, 1, 1, 5)


def test_exchange_rates_are_a_line_of_their_own() -> None:
    roll = book(opening=Opening({"eur": 1000}, 1)).roll(day(5), day(15))

    assert (roll.begin, roll.fx, roll.end, roll.net_new) == (1100, 100, 1200, 0)


def test_a_currency_without_a_rate_is_left_out_and_named() -> None:
    one = book(opening=Opening({"usd": 100, "sek": 5000}, 2))

    assert one.mrr(day(1)) == 100
    assert one.unconverted == {"sek"}


def test_a_book_does_not_guess_before_its_beginning() -> None:
    with pytest.raises(ValueError, match="begins on 2026-01-01"):
        book().mrr(date(2025, 12, 31))


def test_zero_and_three_decimal_currencies_convert_by_their_minor_units() -> None:
    rates = Rates("usd", [("jpy", day(0), Decimal("0.0065")), ("kwd", day(0), Decimal("3.25"))])

    assert rates.convert(10_000, "jpy", day(1)) == 6500
    assert rates.convert(1_000, "kwd", day(1)) == 325


rows = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from(["usd", "eur"]), st.sampled_from(MovementKind), st.integers(0, 10**9)
    ),
    max_size=40,
)


@given(rows, st.integers(0, 20), st.integers(0, 25))
def test_the_identity_holds_for_any_window(
    found: list[tuple[int, str, MovementKind, int]], begin: int, length: int
) -> None:
    signed = [
        (number, currency, kind, -amount if kind in (K.CONTRACTION, K.CHURN) else amount, 1)
        for number, currency, kind, amount in found
    ]
    roll = book(*signed).roll(day(begin), day(begin + length))

    assert (
        roll.begin + roll.new + roll.reactivation + roll.expansion - roll.contraction - roll.churn + roll.fx == roll.end
    )


@given(rows, st.integers(0, 20), st.integers(0, 10), st.integers(0, 10))
def test_two_windows_make_one(
    found: list[tuple[int, str, MovementKind, int]], begin: int, first: int, second: int
) -> None:
    one = book(*((n, c, k, a, 1) for n, c, k, a in found))
    a, b, c = day(begin), day(begin + first), day(begin + first + second)

    whole, left, right = one.roll(a, c), one.roll(a, b), one.roll(b, c)

    assert whole.net_new == left.net_new + right.net_new
    assert whole.fx == left.fx + right.fx
    assert left.end == right.begin


def value(metric: str, one: Book, policy: MetricsPolicy = KAHVI) -> Decimal | None:
    return METRICS[metric].value(one, Window(day(1), day(31)), policy)


def test_churn_is_counted_against_those_who_were_there_and_those_who_came() -> None:
    one = book((5, "usd", K.NEW, 1000, 2), (9, "usd", K.CHURN, -3000, 3))

    assert value("customer_churn", one) == Decimal(3) / 6
    assert value("customer_churn", one, MetricsPolicy("start", new_in_churn_base=False)) == Decimal(3) / 4


def test_mrr_churn_takes_contraction_in_by_policy() -> None:
    one = book((5, "usd", K.CONTRACTION, -500, 1), (9, "usd", K.CHURN, -1500, 1))

    assert value("mrr_churn", one) == Decimal("0.2")
    assert value("mrr_churn", one, MetricsPolicy("left", contraction_in_mrr_churn=False)) == Decimal("0.15")


def test_what_cannot_be_known_is_none() -> None:
    empty = book(opening=Opening({}, 0))

    assert [value(metric, empty) for metric in ("arpa", "customer_churn", "mrr_churn", "mrr_growth")] == [None] * 4


def test_every_metric_is_fully_described_and_works() -> None:
    one = book((5, "usd", K.NEW, 1000, 2), (9, "eur", K.CHURN, -300, 1))

    for metric in METRICS.values():
        assert all((metric.name, metric.definition, metric.formula, metric.owner))
        result = metric.value(one, Window(day(1), day(31)), KAHVI)
        assert isinstance(result, Decimal)
        assert metric.unit is not Unit.COUNT or result == result.to_integral_value()
