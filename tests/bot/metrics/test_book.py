"""Levels of the company on any day, in one currency."""

from datetime import date, timedelta
from decimal import Decimal

from bot.metrics.book import Book
from bot.metrics.rates import Rates
from storage.movements import WHOLE, DaySum

START = date(2026, 1, 1)
RATES = Rates("usd", [("eur", START, Decimal("1.10")), ("eur", START + timedelta(days=10), Decimal("1.20"))])


def day(number: int) -> date:
    return START + timedelta(days=number)


def book(*rows: tuple[int, str, int, int]) -> Book:
    return Book(
        [
            DaySum(WHOLE, day(at), currency, amount, max(customers, 0), max(-customers, 0))
            for at, currency, amount, customers in rows
        ],
        RATES,
    )


def test_a_level_is_that_at_the_start_of_the_day() -> None:
    one = book((0, "usd", 10_000, 4), (3, "usd", 500, 1))

    assert [one.mrr(day(3)), one.mrr(day(4)), one.mrr(day(90))] == [10_000, 10_500, 10_500]
    assert [one.customers(day(3)), one.customers(day(4))] == [4, 5]


def test_before_its_first_movement_there_is_nothing() -> None:
    one = book((0, "usd", 10_000, 4))

    assert (one.mrr(START), one.customers(START), one.levels(START)) == (0, 0, {})
    assert (book().mrr(START), book().customers(START), book().unconverted) == (0, 0, set())


def test_a_level_is_converted_by_the_rate_of_the_day_before() -> None:
    one = book((0, "eur", 1000, 1))

    assert [one.mrr(day(10)), one.mrr(day(11))] == [1100, 1200]


def test_a_currency_without_a_rate_is_left_out_and_named() -> None:
    one = book((0, "usd", 100, 2), (0, "sek", 5000, 0))

    assert one.mrr(day(1)) == 100
    assert one.unconverted == {"sek"}


def test_customers_are_those_counted_where_the_sums_do_not_tell() -> None:
    one = Book([DaySum(WHOLE, START, "usd", 100)], RATES, counted={day(1): 7})

    assert one.customers(day(1)) == 7


def test_zero_and_three_decimal_currencies_convert_by_their_minor_units() -> None:
    rates = Rates("usd", [("jpy", day(0), Decimal("0.0065")), ("kwd", day(0), Decimal("3.25"))])

    assert rates.convert(10_000, "jpy", day(1)) == 6500
    assert rates.convert(1_000, "kwd", day(1)) == 325
