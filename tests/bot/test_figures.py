"""The company's book as it is loaded: who is counted when some pay in a currency without an exchange rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures import Asked, Grounds, load
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Period, Share
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage import ledger
from storage.engine import Database
from storage.movements import WHOLE, Movement
from tests.bot.digest.company import BACK, FRIDAY, GREW, LEFT, MONDAY, NEW, hold, movement

LONG_AGO = date(2026, 1, 5)
WINDOW = Window.last(30, MONDAY)


@dataclass(frozen=True)
class Loaded:
    """The month before Monday, and the customers on any of its edges."""

    month: Period
    left_out: dict[str, int]

    @property
    def roll(self) -> Roll:
        return self.month.of(Roll)


def loaded(database: Database, movements: Sequence[Movement], window: Window = WINDOW) -> Loaded:
    with database.writing() as session:
        ledger.clear(session)
        hold(session, movements)
    with database.reading() as session:
        asked = Asked(session, (window,), Grounds("usd", ZoneInfo("UTC")))
        (month,) = load(asked, (Roll,))[WHOLE]
        return Loaded(month, ledger.paying_without_rate(session, window.end, asked.unrated))


@pytest.fixture
def book(database: Database) -> Loaded:
    """Ten customers of 100 dollars, one of whom leaves; six in kronor, two of whom leave; one who comes in kronor."""
    dollars = [movement(f"usd{n}", LONG_AGO, NEW, 10_000) for n in range(10)]
    kronor = [movement(f"sek{n}", LONG_AGO, NEW, 90_000, currency="sek") for n in range(6)]
    gone = [movement(f"sek{n}", FRIDAY, LEFT, -90_000, currency="sek") for n in range(2)]
    came = movement("late", FRIDAY, NEW, 5_000, currency="sek")
    return loaded(database, [*dollars, *kronor, *gone, came, movement("usd3", FRIDAY, LEFT, -10_000)])


def test_customers_without_a_rate_are_left_out_and_told(book: Loaded) -> None:
    assert (book.roll.customers_begin, book.roll.customers_end) == (10, 9)
    assert book.left_out == {"sek": 5}


def test_arpa_divides_what_is_rated_by_those_who_pay_it(book: Loaded) -> None:
    assert METRICS["arpa"].value(book.month) == 10_000


def test_churn_counts_those_whose_money_is_counted(book: Loaded) -> None:
    assert METRICS["customer_churn"].value(book.month) == Share(Decimal(1), Decimal(10))


def test_an_account_that_also_pays_in_a_rated_currency_counts_all_its_life(database: Database) -> None:
    """It came in kronor, pays in both, then in kronor only, and leaves: one customer from first to last."""
    kronor = {"currency": "sek", "subscription_id": "two"}
    days = [date(2026, 11, day) for day in (2, 4, 6, 9)]
    told = [
        movement("both", days[0], NEW, 90_000, **kronor),
        movement("both", days[1], GREW, 10_000),
        movement("both", days[2], GREW, -10_000),
        movement("both", days[3], LEFT, -90_000, **kronor),
    ]
    books = [loaded(database, told, Window.last(1, day)) for day in (*days, MONDAY)]

    assert [book.roll.customers_end for book in books] == [0, 1, 1, 1, 0]
    assert [book.left_out for book in books] == [{}] * 5


def test_one_that_pays_in_several_currencies_without_a_rate_is_told_once(database: Database) -> None:
    both = [
        movement("both", LONG_AGO, NEW, 90_000, currency="sek"),
        movement("both", LONG_AGO, NEW, 90_000, currency="nok", subscription_id="two", accounts=0),
    ]
    book = loaded(database, both)

    assert (book.roll.customers_end, book.left_out) == (0, {"nok": 1})


stories = st.lists(
    st.lists(st.tuples(st.sampled_from(("usd", "sek", "nok")), st.sampled_from((0, 500, 700))), max_size=5), max_size=6
)


@given(stories)
def test_customers_always_add_up(database: Database, found: list[list[tuple[str, int]]]) -> None:
    book = loaded(database, [one for n, levels in enumerate(found) for one in story(f"acc{n}", levels)])
    roll = book.roll
    came = roll.customers_new + roll.customers_reactivated
    rated = {n for n, levels in enumerate(found) if any(currency == "usd" for currency, _ in moved(levels))}

    assert roll.customers_begin + came - roll.customers_churned == roll.customers_end
    assert roll.customers_end == sum(1 for n in rated if found[n][-1][1])
    assert sum(book.left_out.values()) == sum(
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
                price_id=currency,
                accounts=int(place == 0),
            )
            for place, (currency, amount) in enumerate(between(before, after))
        ]
    return told
