"""The worked examples that vendors publish, by the presets that carry their names."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Asked, Grounds, load
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing, Period, number
from bot.metrics.presets import BAREMETRICS, CHARTMOGUL, PRESETS, PROFITWELL, STRIPE, MetricsPolicy
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage.engine import Database
from storage.movements import WHOLE
from tests.bot.digest.company import LEFT, NEW, hold, movement

DECEMBER = Window(date(2026, 12, 1), date(2027, 1, 1))
THIRTY_DAYS = Window.last(30, date(2026, 12, 1))


def value(name: str, policy: MetricsPolicy, **values: int) -> Decimal | None:
    """A metric over 30 days with these amounts in dollars and these numbers of customers."""
    roll = Roll(**{key: one if key.startswith("customers") else Decimal(one * 100) for key, one in values.items()})
    return number(METRICS[name].value(Period(THIRTY_DAYS, policy, {Roll: roll})))


def test_stripe_measures_churn_against_those_who_came_too() -> None:
    """Who comes and leaves inside the 30 days counts in both, so the rate stays at 100 % or less."""
    assert value("customer_churn", STRIPE, customers_begin=450, customers_new=50, customers_churned=25) == Decimal(
        "0.05"
    )
    assert value("customer_churn", STRIPE, customers_new=8, customers_churned=8, customers_passing=8) == 1


def test_stripe_divides_arpu_by_churn() -> None:
    """100 dollars each, and one of twenty leaves in a month: 2,000 dollars."""
    values = {"end": 2000, "customers_begin": 20, "customers_churned": 1, "customers_end": 20}

    assert value("ltv", STRIPE, **values) == 2_000_00
    assert value("time_to_churn", BAREMETRICS, **values) == 20


def test_chartmogul_takes_ten_lost_ten_shrunk_and_ten_grown_of_a_hundred() -> None:
    values = {"begin": 100, "churn": 10, "contraction": 10, "expansion": 10}

    assert value("mrr_churn", CHARTMOGUL, **values) == Decimal("0.20")
    assert value("net_mrr_churn", CHARTMOGUL, **values) == Decimal("0.10")
    assert value("net_mrr_churn", CHARTMOGUL, **values, reactivation=5) == Decimal("0.05")


def test_baremetrics_leaves_those_who_come_back_out() -> None:
    values = {"begin": 1000, "new": 400, "expansion": 100, "churn": 80, "contraction": 20, "reactivation": 50}

    assert value("net_mrr_churn", BAREMETRICS, **values) == 0
    assert value("nrr", BAREMETRICS, **values) == 1
    assert value("quick_ratio", BAREMETRICS, **values) == 5
    assert value("net_mrr_churn", BAREMETRICS, begin=100, churn=5, expansion=10) == Decimal("-0.05")


def test_baremetrics_counts_who_came_and_left_against_the_start_alone() -> None:
    values = {"customers_begin": 4, "customers_new": 5, "customers_churned": 5, "customers_passing": 5}

    assert value("customer_churn", BAREMETRICS, **values) == Decimal("1.25")


def test_baremetrics_takes_arr_as_twelve_months() -> None:
    assert value("arr", BAREMETRICS, end=250) == 3_000_00


@pytest.mark.parametrize(
    ("preset", "expected"),
    [("profitwell", (0, 0, 0, 0)), ("kahvi", (10_000, 10_000, 1, 1)), ("stripe", (10_000, 10_000, 1, 1))],
)
def test_profitwell_takes_who_came_and_left_out_of_both(
    database: Database, preset: str, expected: tuple[int, ...]
) -> None:
    """A hundred dollars come on 5 December and leave on the 6th: at no point churn, and nothing new is left of them."""
    with database.writing() as session:
        hold(
            session,
            [movement("guest", date(2026, 12, 5), NEW, 10_000), movement("guest", date(2026, 12, 6), LEFT, -10_000)],
        )
    with database.reading() as session:
        (month,) = load(Asked(session, [DECEMBER], Grounds("usd", ZoneInfo("UTC"), PRESETS[preset])), [Roll])[WHOLE]
    names = ("new_mrr", "churned_mrr", "new_customers", "churned_customers")

    assert tuple(number(METRICS[name].value(month)) for name in names) == expected


def test_profitwell_cannot_measure_churn_where_only_guests_came(database: Database) -> None:
    with database.writing() as session:
        hold(
            session,
            [movement("guest", date(2026, 12, 5), NEW, 10_000), movement("guest", date(2026, 12, 6), LEFT, -10_000)],
        )
    with database.reading() as session:
        (month,) = load(Asked(session, [DECEMBER], Grounds("usd", ZoneInfo("UTC"), PROFITWELL)), [Roll])[WHOLE]

    assert isinstance(METRICS["customer_churn"].value(month), Missing)
