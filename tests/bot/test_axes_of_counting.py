"""Every choice of a policy that is no choice about the ledger changes a figure that is counted from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Asked, Grounds
from bot.metrics.axes import ChurnDenominator, ChurnWindow, FxDrift, NewAndChurned, OneOfMany, TrialBase
from bot.metrics.catalogue import METRICS
from bot.metrics.catalogue.example import MONTH
from bot.metrics.policy import AXES, KAHVI, MetricsPolicy
from bot.metrics.windows import Window, of_churn
from storage import fact_store
from storage.engine import Database
from tests.bot.digest.company import NOW
from tests.bot.test_why import RATES

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


EXAMPLES: dict[str, tuple[object, Figure]] = {
    "churn_denominator": (ChurnDenominator.START, metric("customer_churn")),
    "contraction_in_churned_mrr": (False, metric("mrr_churn")),
    "reactivation_in_net_churn": (True, metric("net_mrr_churn")),
    "reactivation_in_quick_ratio": (True, metric("quick_ratio")),
    "trial_conversion_base": (TrialBase.SAME_WINDOW_NEW, metric("trial_conversion")),
    "same_window_new_churn": (NewAndChurned.NEITHER, asked(lambda one: one.rule)),
    "one_of_many_cancelled": (OneOfMany.CHURN, asked(lambda one: one.rule)),
    "fx_drift": (FxDrift.NONE, asked(lambda one: one.rates.convert(100, "eur", date(2025, 6, 1)))),
    "churn_window": (ChurnWindow.CALENDAR_MONTH, lambda policy, _: of_churn(policy.churn_window, date(2026, 11, 20))),
}


def test_every_axis_of_counting_has_an_example() -> None:
    assert set(EXAMPLES) == {name for name, axis in AXES.items() if not axis.ledger}


@pytest.mark.parametrize("axis", EXAMPLES)
def test_every_axis_of_counting_changes_something(axis: str, database: Database) -> None:
    value, figure = EXAMPLES[axis]

    assert figure(replace(KAHVI, **{axis: value}), database) != figure(KAHVI, database)  # type: ignore[arg-type]
