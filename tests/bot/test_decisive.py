"""Of the policy only that is told which had a part in a figure, by its formula or for the accounts behind it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.figures.decisive import NETTING
from bot.figures.why import why
from bot.figures.why_told import why_told
from bot.metrics.axes import Trials
from bot.metrics.periods import span
from bot.metrics.policy import AXES, KAHVI
from bot.metrics.question import Question
from storage import facts as f
from storage.engine import Database
from tests.bot.why_company import RATES
from tests.company import PLAN, fill, running
from tests.factories import account, at, price
from tests.storage.test_dimensions import GROUNDS

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
DISCOUNT = f.Discount(id="d", duration=f.Duration.FOREVER, percent_off=Decimal(10), starts_at=at(1, 3))


@pytest.fixture
def company(database: Database) -> Database:
    """In November Trial begins to pay after its trial, and Leaver's time is over; Old has had a discount for long."""
    leaver = running(
        "leaver",
        4,
        status=f.Status.ENDED,
        status_word="canceled",
        cancel_requested_at=at(20, 10),
        ended_at=at(5, 11),
        cancel_kind=f.CancelKind.VOLUNTARY,
    )
    found: list[f.Fact] = [
        *(account(one) for one in ("old", "trial", "leaver", "steady")),
        running("steady", 9),
        running("old", 2, discounts=(DISCOUNT,)),
        running("trial", 3, at(1, 11), trial_start=at(1, 11), trial_end=at(15, 11)),
        leaver,
    ]
    with database.writing() as session:
        fill(session, [*PLAN, *found], NOW)
    return database


def decided(database: Database, metric: str, where: str = "", most: int = 6) -> set[str]:
    """The axes that the answer names."""
    found = span("2026-11", date(2026, 12, 1))
    assert found is not None
    with database.reading() as session:
        told = why(session, Question(metric, found, "", where), GROUNDS, most).sentences
    return {axis.name for axis in AXES.values() if axis.sentence(KAHVI) in told}


@pytest.mark.parametrize(
    ("metric", "where", "axes"),
    [
        ("new_mrr", "", {"trials"}),
        ("churned_mrr", "", {"churn_date"}),
        ("net_new_mrr", "", {"trials", "churn_date"}),
        ("customer_churn", "", {"churn_date", "churn_denominator"}),
        ("net_mrr_churn", "name:steady", {"reactivation_in_net_churn"}),
    ],
)
def test_an_axis_is_told_where_another_choice_would_have_moved_somebody_otherwise(
    company: Database, metric: str, where: str, axes: set[str]
) -> None:
    """What MRR is read from decides nearly always."""
    assert decided(company, metric, where) - {"basis"} == axes


def test_a_level_is_decided_by_all_that_led_to_it(company: Database) -> None:
    """Who moved in November is looked at from the beginning, and who pays where nobody moved."""
    assert "trials" in decided(company, "mrr", "name:trial")
    assert decided(company, "mrr", "name:old") - {"basis"} == {"recurring_discounts"}
    assert decided(company, "mrr", most=0) == set()


def ended(account_id: str, count: int, since: datetime, until: datetime) -> f.Subscription:
    return running(
        account_id,
        count,
        since,
        status=f.Status.ENDED,
        status_word="canceled",
        cancel_requested_at=until,
        ended_at=until,
        cancel_kind=f.CancelKind.VOLUNTARY,
    )


def test_how_a_window_is_netted_is_told_where_another_choice_would_have_netted_it_otherwise(database: Database) -> None:
    second = replace(ended("parted", 2, at(1, 5), at(9, 11)), id="sub-second")
    found: list[f.Fact] = [
        *(account(one) for one in ("brief", "parted", "steady")),
        ended("brief", 3, at(3, 11), at(20, 11)),
        running("parted", 4),
        second,
        running("steady", 9),
        running("new", 5, at(7, 11)),
    ]
    with database.writing() as session:
        fill(session, [*PLAN, *found], NOW)

    assert "same_window_new_churn" in decided(database, "churned_mrr", "name:brief")
    assert "same_window_new_churn" in decided(database, "churned_customers", "name:brief")
    assert "one_of_many_cancelled" in decided(database, "contraction_mrr", "name:parted")
    assert not {*NETTING} & decided(database, "net_new_mrr", "name:new")


def test_moves_of_exchange_rates_are_told_where_they_moved_something(database: Database) -> None:
    both = price(rates={currency: f.Rate(Decimal(5_000)) for currency in ("usd", "eur")})
    gone = replace(ended("gone", 3, at(2, 3), at(9, 11)), currency="eur")
    found: list[f.Fact] = [
        *(account(one) for one in ("euro", "steady", "gone")),
        *(running("euro", 2, currency="eur"), running("steady", 9), gone),
    ]
    with database.writing() as session:
        fill(session, [both, *found, *RATES], NOW)

    assert "fx_drift" in decided(database, "mrr", "name:euro")
    assert "fx_drift" not in decided(database, "mrr", "name:steady")
    assert "fx_drift" in decided(database, "churned_mrr", "name:gone")
    assert "fx_drift" not in decided(database, "churned_customers", "name:gone")


def test_the_rest_of_the_policy_is_a_line(company: Database) -> None:
    found = span("2026-11", date(2026, 12, 1))
    assert found is not None
    with company.reading() as session:
        told = why_told(why(session, Question("new_mrr", found), GROUNDS, 6), accounts=6)
    decisive = told.details[-1]

    assert decisive.heading == "What the policy “kahvi” decided here"
    assert (Trials.OUT.sentence,) in decisive.lines
    assert str(told.small[0][0]).endswith("Policy: kahvi; kahvi policy tells all of it.")
