"""Every metric is described, and computes what its formula says."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.figures.loaders import LOADERS
from bot.metrics.axes import ChurnDenominator
from bot.metrics.catalogue import METRICS
from bot.metrics.catalogue.example import MONTH
from bot.metrics.metric import Missing, Period, Share, Unit, Value, number
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from tests.metrics_page import shown

OPERATIONS: Mapping[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
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

    assert all((metric.name, metric.definition, metric.formula, metric.owner, metric.needs, metric.example))
    assert metric.definition.endswith(".")
    assert all(need in LOADERS for need in metric.needs)


@pytest.mark.parametrize("name", METRICS)
def test_every_example_is_true(name: str) -> None:
    metric = METRICS[name]
    sum_, _, said = metric.example.rpartition(" = ")
    found = metric.value(MONTH)

    assert (shown(found, metric.unit), shown(_computed(sum_, metric.unit), metric.unit)) == (said, said)


def _computed(sum_: str, unit: Unit) -> Decimal:
    """The value of a sum as examples write it, amounts in dollars."""
    for sign, code in (("−", "-"), ("×", "*"), ("÷", "/"), (",", "")):
        sum_ = sum_.replace(sign, code)
    found = _value(ast.parse(sum_, mode="eval").body)
    return found * 100 if unit is Unit.MONEY else found


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.BinOp(left, operation, right):
            return OPERATIONS[type(operation)](_value(left), _value(right))
        case ast.Constant(value):
            return Decimal(str(value))
    raise ValueError(ast.dump(node))


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


def test_what_is_measured_against_the_start_leaves_those_out_who_only_passed() -> None:
    guest = replace(ROLL, churn=Decimal(104_000), passing=Decimal(100_000), customers_churned=22, customers_passing=20)

    assert number(value("mrr_churn", guest)) == Decimal("0.06")
    assert number(value("grr", guest)) == Decimal("0.94")
    assert number(value("nrr", guest)) == Decimal("0.99")
    assert number(value("customer_retention", guest)) == Decimal("0.9")


def test_coming_back_counts_by_policy() -> None:
    counting = replace(KAHVI, reactivation_in_net_churn=True, reactivation_in_quick_ratio=True)

    assert (number(value("net_mrr_churn")), number(value("quick_ratio"))) == (Decimal("0.01"), Decimal(14) / 6)
    assert number(value("net_mrr_churn", policy=counting)) == 0
    assert number(value("quick_ratio", policy=counting)) == Decimal(15) / 6


def test_a_share_of_few_says_so() -> None:
    assert [Share(Decimal(1), Decimal(8), among).of_few for among in (None, 19, 20)] == [False, True, False]
    few = value("customer_churn", replace(ROLL, customers_begin=15))

    assert isinstance(few, Share)
    assert few.of_few


MADE: Mapping[str, Callable[..., Decimal]] = {
    "committed_mrr": lambda mrr, ending: mrr - ending,
    "nps": lambda promoters, detractors, answers: (promoters - detractors) / answers * 100,
    "time_to_churn": lambda churn: 1 / churn,
    "ltv": operator.truediv,
    "ltv_survival": operator.mul,
    "arpa": operator.truediv,
    "asp": operator.truediv,
    "concentration": operator.truediv,
    "crc": operator.truediv,
    "cac": operator.truediv,
    "ltv_cac": operator.truediv,
    "csat": operator.truediv,
    "stickiness": operator.truediv,
    "logo_retention": operator.truediv,
    "revenue_retention": operator.truediv,
}


@pytest.mark.parametrize("id_", MADE)
def test_the_numbers_of_a_formula_make_its_value(id_: str) -> None:
    metric = METRICS[id_]
    terms = metric.made_of(MONTH)

    found = number(metric.value(MONTH))
    assert found is not None
    assert abs(MADE[id_](*(one.value for one in terms)) - found) < Decimal("1e-9")


def test_what_is_no_plain_sum_names_the_numbers_of_its_formula() -> None:
    for metric in METRICS.values():
        if metric.terms and metric.id != "ltv_survival":  # whose second number is a phrase in its formula
            assert all(one.name in metric.formula for one in metric.made_of(MONTH)), metric.id


def test_nobody_leaving_says_that_no_lifetime_can_be_told() -> None:
    why = "Nobody left in this period, so how long customers stay cannot be told; ask for a longer one."
    stayed = replace(ROLL, customers_churned=0)

    assert value("ltv", stayed) == value("time_to_churn", stayed) == Missing(why)
    assert value("ltv", replace(ROLL, customers_end=0)) == Missing("Nobody pays, so there is no average.")


def test_what_would_divide_by_nothing_says_so() -> None:
    nobody = replace(ROLL, begin=Decimal(0), customers_begin=0, customers_new=0, customers_reactivated=0)

    assert value("customer_churn", nobody) == Missing(
        "Customer churn cannot be told here: it divides by customers at start + new + come back, which is 0."
    )
    assert value("mrr_growth", Roll()) == Missing(
        "MRR growth cannot be told here: it divides by MRR at start, which is 0."
    )
    assert value("arpa", Roll()) == Missing("Nobody pays, so there is no average.")
