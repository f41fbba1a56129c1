"""Every choice of a policy that is no choice about the ledger changes a figure that is counted from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Asked, Grounds
from bot.figures.naming import names
from bot.metrics.axes import (
    AnnualChurnWindow,
    ChurnDenominator,
    ChurnWindow,
    FxDrift,
    NewAndChurned,
    OneOfMany,
    TrialBase,
)
from bot.metrics.catalogue import METRICS
from bot.metrics.catalogue.example import MONTH
from bot.metrics.policy import AXES, KAHVI, MetricsPolicy
from bot.metrics.presets import changed, written
from bot.metrics.question import read
from bot.metrics.windows import Window, of_churn
from storage import fact_store, policies
from storage.engine import Database
from tests.bot.digest.company import NOW
from tests.bot.why_company import RATES

Figure = Callable[[MetricsPolicy, Database], object]


def metric(name: str) -> Figure:
    return lambda policy, _: METRICS[name].value(replace(MONTH, policy=policy))


def asked(read: Callable[[Asked], object]) -> Figure:
    def of(policy: MetricsPolicy, database: Database) -> object:
        with database.writing() as session:
            fact_store.store(session, RATES, NOW)
        with database.reading() as session:
            grounds = Grounds("usd", ZoneInfo("UTC"), policy)
            return read(Asked(session, (Window(date(2026, 11, 1), date(2026, 12, 1)),), grounds))

    return of


def usual(question: str) -> Figure:
    """The days that are meant where none are said."""

    def of(policy: MetricsPolicy, database: Database) -> object:
        with database.writing() as session:
            policies.choose(session, written(policy), "ada", NOW)
            return read(question, names(session), date(2026, 11, 23)).span.window

    return of


EXAMPLES: dict[str, tuple[object, Figure]] = {
    "churn_denominator": (ChurnDenominator.START, metric("customer_churn")),
    "contraction_in_churned_mrr": (False, metric("mrr_churn")),
    "reactivation_in_net_churn": (True, metric("net_mrr_churn")),
    "reactivation_in_quick_ratio": (True, metric("quick_ratio")),
    "trial_conversion_base": (TrialBase.SAME_WINDOW_NEW, metric("trial_conversion")),
    "same_window_new_churn": (NewAndChurned.NEITHER, asked(lambda one: one.rule)),
    "one_of_many_cancelled": (OneOfMany.CHURN, asked(lambda one: one.rule)),
    "fx_drift": (FxDrift.NONE, asked(lambda one: one.rates.convert(100, "eur", date(2025, 6, 1)))),
    "annual_churn_window": (AnnualChurnWindow.YEAR, usual("customer_churn where billing:yearly")),
    "churn_window": (ChurnWindow.CALENDAR_MONTH, lambda policy, _: of_churn(policy.churn_window, date(2026, 11, 20))),
}


def test_every_axis_of_counting_has_an_example() -> None:
    assert set(EXAMPLES) == {name for name, axis in AXES.items() if not axis.ledger}


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("customer_churn where billing:yearly plan:pro", 365),
        ("customer_churn where billing:yearly,monthly", 30),
        ("customer_churn where -billing:yearly", 30),
        ("customer_churn where billing", 30),
        ("customer_churn 90d where billing:yearly", 90),
        ("customer_churn", 30),
        ("mrr where billing:yearly", 30),
    ],
)
def test_churn_of_yearly_subscriptions_may_have_a_year_of_its_own(question: str, days: int, database: Database) -> None:
    window = usual(question)(changed(KAHVI, {"annual_churn_window": "365d"}), database)

    assert isinstance(window, Window)
    assert window.days == days


@pytest.mark.parametrize("axis", EXAMPLES)
def test_every_axis_of_counting_changes_something(axis: str, database: Database) -> None:
    value, figure = EXAMPLES[axis]
    changed: dict[str, Any] = {axis: value}

    assert figure(replace(KAHVI, **changed), database) != figure(KAHVI, database)
