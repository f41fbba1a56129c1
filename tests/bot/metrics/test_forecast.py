"""Forecasts refuse where little is known, keep their band in order, and beat "the same growth again"."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.forecast import AHEAD, NARROWEST, Checked, Cohorts, Forecast, backtest, forecast
from bot.metrics.metric import Missing
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window, month_start, months
from tests.examples import tried

START = date(2023, 1, 1)
EACH = 4  # customers of a cohort


def calendar(count: int) -> tuple[Window, ...]:
    return tuple(months(START, month_start(START, count)))


def company(count: int, seed: int) -> Cohorts:
    """New business about the same each month; young accounts leave most; every month has its own weather."""
    rng = Random(seed)
    rolls: dict[date, list[Roll]] = {}
    for at, month in enumerate(calendar(count)):
        weather = rng.randrange(50, 150)
        for cohort, before in rolls.items():
            age = (month.start.year - cohort.year) * 12 + month.start.month - cohort.month
            begin = before[-1].end
            leaving = Decimal((8 if age < 3 else 3 if age < 12 else 1) * weather) / 10_000
            churn, expansion = begin * leaving, begin * rng.randrange(0, 300) / 10_000
            end = begin - churn + expansion
            before.append(Roll(begin=begin, churn=churn, expansion=expansion, end=end, customers_end=EACH))
        new = Decimal(rng.randrange(600_000, 1_400_000))
        rolls[month.start] = [Roll()] * at + [Roll(new=new, end=new, customers_end=EACH)]
    return Cohorts(calendar(count), rolls)


def steady(count: int, amount: int = 2_000_000) -> Cohorts:
    """Nobody comes, grows or leaves."""
    roll = Roll(begin=Decimal(amount), end=Decimal(amount), customers_end=30)
    return Cohorts(calendar(count), {date(2020, 1, 1): [roll] * count})


def test_what_never_moved_is_told_to_stay() -> None:
    found = forecast(steady(24))

    assert isinstance(found, Forecast)
    assert [(one.downside, one.base, one.upside) for one in found.months] == [(2_000_000,) * 3] * AHEAD
    assert [one.month for one in found.months][:2] == [date(2025, 1, 1), date(2025, 2, 1)]


def test_a_short_past_or_few_customers_are_refused_with_a_sentence() -> None:
    few = Cohorts(calendar(14), {START: [Roll(end=Decimal(100), customers_end=19)] * 14})

    assert forecast(steady(11)) == Missing("A forecast takes 12 whole months of history; there are 11 so far.")
    assert forecast(few) == Missing("A forecast takes at least 20 customers: with 19, one decides it all.")
    assert backtest(steady(12)) == Missing(
        "A forecast cannot be checked yet: it takes more than 12 whole months of history."
    )


@given(st.integers(0, 10**6))
@tried(0.1)
def test_the_band_is_in_order_and_never_below_nothing(seed: int) -> None:
    found = forecast(company(18, seed), seed=seed)

    assert isinstance(found, Forecast)
    assert len(found.months) == AHEAD
    assert all(0 <= one.downside <= one.base <= one.upside for one in found.months)
    assert found == forecast(company(18, seed), seed=seed)


def test_it_errs_less_than_the_last_growth_carried_on_and_holds_its_band() -> None:
    checks = [one for seed in (1, 2) for one in told(backtest(company(30, seed)))]
    far = [one for one in checks if one.ahead >= 6]

    assert sum(one.error * one.tried for one in far) < sum(one.naive_error * one.tried for one in far) / 2
    assert sum(one.inside for one in checks) >= Decimal("0.75") * sum(one.tried for one in checks)


def test_a_band_that_held_more_than_it_should_is_made_narrower_where_enough_was_compared() -> None:
    calm, short = forecast(company(48, 7)), forecast(company(14, 7))

    assert isinstance(calm, Forecast)
    assert isinstance(short, Forecast)
    assert NARROWEST <= min(calm.scaled) < 1
    assert min(short.scaled) > 1


def test_a_check_knows_nothing_of_what_came_later() -> None:
    """Whatever happens after a month, the forecasts made by then are the same."""
    one = company(20, 3)
    other = Cohorts(
        one.months,
        {cohort: [*rolls[:-1], replace(rolls[-1], end=rolls[-1].end * 9)] for cohort, rolls in one.rolls.items()},
    )
    before, after = told(backtest(one)), told(backtest(other))

    assert [check.tried for check in before] == [check.tried for check in after] == [8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0]
    assert forecast(one.until(19)) == forecast(other.until(19))
    assert before != after


@pytest.mark.parametrize("count", [12, 13])
def test_the_shortest_past_that_is_enough(count: int) -> None:
    assert isinstance(forecast(steady(count)), Forecast)


def told(found: list[Checked] | Missing) -> list[Checked]:
    assert not isinstance(found, Missing)
    return found
