"""Every metric is described, and computes what its formula says."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.figures.loaders import LOADERS
from bot.metrics.axes import ChurnDenominator
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing, Period, Unit, Value, number
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window

NOVEMBER = Window(date(2026, 11, 1), date(2026, 12, 1))
ROLL = Roll(
    begin=Decimal(100_000),
    new=Decimal(9_000),
    reactivation=Decimal(1_000),
    expansion=Decimal(5_000),
    contraction=Decimal(2_000),
    churn=Decimal(4_000),
    fx=Decimal(-500),
    end=Decimal(108_500),
    customers_begin=20,
    customers_new=3,
    customers_reactivated=1,
    customers_churned=2,
    customers_end=22,
)


def value(name: str, roll: Roll = ROLL, policy: MetricsPolicy = KAHVI) -> Value:
    return METRICS[name].value(Period(NOVEMBER, policy, {Roll: roll}))


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_fully_described(name: str) -> None:
    metric = METRICS[name]

    assert all((metric.name, metric.definition, metric.formula, metric.owner, metric.needs))
    assert metric.definition.endswith(".")
    assert all(need in LOADERS for need in metric.needs)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_a_value_or_a_sentence_for_a_period_without_anything(name: str) -> None:
    metric = METRICS[name]
    found = metric.value(Period(NOVEMBER, KAHVI, {need: need() for need in metric.needs}))

    assert isinstance(found, Missing) or isinstance(number(found), Decimal)
    assert not isinstance(found, Missing) or found.why.endswith(".")
    assert metric.unit is not Unit.COUNT or number(found) == 0


def test_churn_is_counted_against_those_who_were_there_and_those_who_came() -> None:
    assert number(value("customer_churn")) == Decimal(2) / 24
    assert number(value("customer_churn", policy=MetricsPolicy(churn_denominator=ChurnDenominator.START))) == Decimal(
        "0.1"
    )


def test_mrr_churn_takes_contraction_in_by_policy() -> None:
    assert number(value("mrr_churn")) == Decimal("0.06")
    assert number(value("mrr_churn", policy=MetricsPolicy(contraction_in_churned_mrr=False))) == Decimal("0.04")


def test_what_would_divide_by_nothing_says_so() -> None:
    nobody = replace(ROLL, begin=Decimal(0), customers_begin=0, customers_new=0, customers_reactivated=0)

    assert value("customer_churn", nobody) == Missing(
        "Customer churn cannot be told: churned ÷ (customers at start + new + come back) would divide by zero."
    )
    assert value("arpa", Roll()) == Missing("Nobody pays, so there is no average.")
