"""The company's book as it is loaded: who is counted when some pay in a currency without an exchange rate."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures import load_book
from bot.metrics.book import Book
from bot.metrics.catalogue import METRICS, Share, Window, customer_churn
from bot.metrics.policy import KAHVI
from storage import ledger
from storage.engine import Database
from storage.movements import Movement
from tests.bot.digest.company import BACK, FRIDAY, GREW, LEFT, MONDAY, NEW, hold, movement

LONG_AGO = date(2026, 1, 5)
WINDOW = Window.last(30, MONDAY)


def loaded(database: Database, movements: Sequence[Movement], days: int = 60) -> Book:
    with database.writing() as session:
        ledger.clear(session)
        hold(session, movements)
    with database.reading() as session:
        return load_book(session, base="usd", until=MONDAY, days=days)


@pytest.fixture
def book(database: Database) -> Book:
    """Ten customers of 100 dollars, one of whom leaves; six in kronor, two of whom leave; one who comes in kronor."""
    dollars = [movement(f"usd{n}", LONG_AGO, NEW, 10_000) for n in range(10)]
    kronor = [movement(f"sek{n}", LONG_AGO, NEW, 90_000, currency="sek") for n in range(6)]
    gone = [movement(f"sek{n}", FRIDAY, LEFT, -90_000, currency="sek") for n in range(2)]
    came = movement("late", FRIDAY, NEW, 5_000, currency="sek")
    return loaded(database, [*dollars, *kronor, *gone, came, movement("usd3", FRIDAY, LEFT, -10_000)])


def test_customers_without_a_rate_are_left_out_and_told(book: Book) -> None:
    assert (book.customers(FRIDAY), book.customers(MONDAY)) == (10, 9)
    assert book.customers_left_out == {"sek": 5}


def test_arpa_divides_what_is_rated_by_those_who_pay_it(book: Book) -> None:
    assert METRICS["arpa"].value(book, WINDOW, KAHVI) == 10_000


def test_churn_counts_those_whose_money_is_counted(book: Book) -> None:
    assert customer_churn(book, WINDOW, KAHVI) == Share(Decimal(1), Decimal(10))


def test_an_account_that_also_pays_in_a_rated_currency_counts_all_its_life(database: Database) -> None:
    """It came in kronor, pays in both, then in kronor only, and leaves: one customer from first to last."""
    kronor = {"currency": "sek", "subscription_id": "two"}
    days = [date(2026, 11, day) for day in (2, 4, 6, 9)]
    book = loaded(
        database,
        [
            movement("both", days[0], NEW, 90_000, **kronor),
            movement("both", days[1], GREW, 10_000),
            movement("both", days[2], GREW, -10_000),
            movement("both", days[3], LEFT, -90_000, **kronor),
        ],
    )

    assert [book.customers(day) for day in days] == [0, 1, 1, 1]
    assert book.customers(MONDAY) == 0
    assert book.customers_left_out == {}


def test_one_that_pays_in_several_currencies_without_a_rate_is_told_once(database: Database) -> None:
    both = [
        movement("both", LONG_AGO, NEW, 90_000, currency="sek"),
        movement("both", LONG_AGO, NEW, 90_000, currency="nok", subscription_id="two", accounts=0),
    ]
    book = loaded(database, both)

    assert (book.customers(MONDAY), book.customers_left_out) == (0, {"nok": 1})


stories = st.lists(
    st.lists(st.tuples(st.sampled_from(("usd", "sek", "nok")), st.sampled_from((0, 500, 700))), max_size=5), max_size=6
)


@given(stories)
def test_customers_always_add_up(database: Database, found: list[list[tuple[str, int]]]) -> None:
    book = loaded(database, [one for n, levels in enumerate(found) for one in story(f"acc{n}", levels)])
    roll = book.roll(WINDOW.start, WINDOW.end)
    came = roll.customers_new + roll.customers_reactivated
    rated = {n for n, levels in enumerate(found) if any(currency == "usd" for currency, _ in moved(levels))}

    assert roll.customers_begin + came - roll.customers_churned == roll.customers_end
    assert roll.customers_end == sum(1 for n in rated if found[n][-1][1])
    assert sum(book.customers_left_out.values()) == sum(
        1 for n, levels in enumerate(found) if n not in rated and levels and levels[-1][1]
    )


def moved(levels: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The movements of an account that pays all its MRR in one currency from each day on, as (currency, amount)."""
    return [one for before, after in pairwise([("usd", 0), *levels]) for one in between(before, after)]


def between(before: tuple[str, int], after: tuple[str, int]) -> list[tuple[str, int]]:
    same = before[0] == after[0]
    parts = [(after[0], after[1] - before[1])] if same else [(before[0], -before[1]), after]
    return [(currency, amount) for currency, amount in parts if amount]


def story(account_id: str, levels: Sequence[tuple[str, int]]) -> list[Movement]:
    told: list[Movement] = []
    for number, (before, after) in enumerate(pairwise([("usd", 0), *levels])):
        kind = (BACK if told else NEW) if not before[1] else GREW if after[1] else LEFT
        told += [
            movement(
                account_id,
                date(2026, 11, 1 + 3 * number),
                kind,
                amount,
                currency=currency,
                product_id=currency,
                accounts=int(place == 0),
            )
            for place, (currency, amount) in enumerate(between(before, after))
        ]
    return told
