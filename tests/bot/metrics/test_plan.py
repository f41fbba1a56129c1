"""Progress to a target, and the straight line to the month's end."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing, Over, Pace, Unit
from bot.metrics.plan import Progress, progress
from bot.metrics.windows import Window

NOVEMBER = date(2026, 11, 1)


def after(days: int, metric: str, actual: str, target: str, begin: str = "0") -> Progress:
    so_far = Window(NOVEMBER, date.fromordinal(NOVEMBER.toordinal() + days))
    found = progress(METRICS[metric], Decimal(target), so_far, Decimal(actual), Decimal(begin))
    assert isinstance(found, Progress)
    return found


@pytest.mark.parametrize(
    ("metric", "days", "begin", "actual", "at_pace"),
    [
        ("mrr", 10, "100", "110", "130"),
        ("mrr", 10, "100", "90", "70"),
        ("mrr", 30, "100", "110", "110"),
        ("net_new_mrr", 10, "0", "-5", "-15"),
        ("customer_churn", 15, "0.5", "0.01", "0.02"),
        ("grr", 15, "0.5", "0.99", "0.98"),
        ("nrr", 10, "0.5", "1.01", "1.03"),
        ("nps", 2, "70", "40", "40"),
        ("csat", 2, "0.7", "0.9", "0.9"),
        ("quick_ratio", 2, "3", "4", "4"),
        ("ltv", 2, "3", "4", "4"),
    ],
)
def test_a_metric_goes_on_as_it_did_since_the_month_began(
    metric: str, days: int, begin: str, actual: str, at_pace: str
) -> None:
    assert after(days, metric, actual, "1", begin).at_pace == Decimal(at_pace)


def test_the_first_days_say_nothing_of_the_end() -> None:
    early, later = after(4, "mrr", "110", "200", "100"), after(5, "mrr", "110", "200", "100")

    assert (early.at_pace, early.gap, early.kept) == (None, None, None)
    assert (later.at_pace, later.gap, later.kept) == (160, -40, False)


def test_more_is_better_or_less_or_neither() -> None:
    assert [after(30, name, "5", "4").kept for name in ("mrr", "churned_mrr", "fx")] == [True, False, None]
    assert [after(30, name, "4", "4").kept for name in ("mrr", "churned_mrr", "fx")] == [True, True, None]


def test_the_share_of_nothing_is_not_told() -> None:
    assert [after(10, "net_new_mrr", "5", target).share for target in ("10", "0", "-10")] == [
        Decimal("0.5"),
        None,
        None,
    ]


def test_what_is_not_known_says_why() -> None:
    why = Missing("Nobody answered.")

    assert progress(METRICS["nps"], Decimal(40), Window(NOVEMBER, date(2026, 11, 9)), why, Decimal(1)) == why


def test_a_level_without_a_beginning_has_no_line() -> None:
    so_far = Window(NOVEMBER, date(2026, 11, 9))
    found = progress(METRICS["arpa"], Decimal(40), so_far, Decimal(7), Missing("Nobody paid."))

    assert isinstance(found, Progress)
    assert (found.actual, found.at_pace) == (7, None)


@given(
    st.sampled_from(sorted(METRICS)),
    st.integers(5, 30),
    st.decimals(-(10**9), 10**9, places=4),
    st.decimals(-(10**9), 10**9, places=4),
)
def test_the_line_goes_through_today_and_ends_where_the_month_does(
    name: str, days: int, begin: Decimal, actual: Decimal
) -> None:
    found = after(days, name, str(actual), "1", str(begin))
    start = {Pace.LEVEL: begin, Pace.FROM_ZERO: Decimal(0), Pace.FROM_WHOLE: Decimal(1)}.get(METRICS[name].pace, actual)

    assert found.at_pace is not None
    assert abs((found.at_pace - start) * days - (actual - start) * 30) < Decimal("0.0001")


def test_levels_go_from_where_they_were() -> None:
    """Only what is over a period can grow from nothing."""
    assert all((one.pace is Pace.LEVEL) == (one.over is Over.END) for one in METRICS.values())
    steady = (Unit.RATIO, Unit.MONTHS, Unit.POINTS)
    assert all(one.pace is Pace.STEADY for one in METRICS.values() if one.over is Over.PERIOD and one.unit in steady)
