"""What carries a figure: groups whose parts add up to it exactly, or none where it is no sum over accounts."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.carriers import Carrier, Compared, Way, carriers, coarser, compared
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Period, Share, Value
from bot.metrics.policy import KAHVI
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage.movements import Carried

NOVEMBER = Window(date(2026, 11, 1), date(2026, 12, 1))
SUMS = (
    *("mrr", "arr", "net_new_mrr", "new_mrr", "reactivation_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr"),
    *("voluntary_churned_mrr", "involuntary_churned_mrr", "mrr_churn", "net_mrr_churn", "grr", "nrr"),
    *("customers", "new_customers", "reactivated_customers", "churned_customers"),
    *("customer_churn", "voluntary_churn", "involuntary_churn", "customer_retention"),
)
AVERAGES = ("arpa", "ltv", "time_to_churn")
PRO = Carried("Pro", "EU", "too_expensive")
DUNNED = Carried("Pro", "EU")
LITE = Carried("Lite", "US", "", "Acme")
LEFT = Roll(begin=Decimal(900), churn=Decimal(900), customers_begin=2, customers_churned=2)
FAILED = Roll(
    begin=Decimal(500),
    churn=Decimal(500),
    involuntary=Decimal(500),
    customers_begin=1,
    customers_churned=1,
    customers_involuntary=1,
)
GREW = Roll(begin=Decimal(300), expansion=Decimal(40), end=Decimal(340), customers_begin=1, customers_end=1)


def whole(rolls: list[Roll]) -> Period:
    sums: dict[str, Any] = {one.name: sum(getattr(roll, one.name) for roll in rolls) for one in fields(Roll)}
    found = Roll(**sums)
    return Period(NOVEMBER, KAHVI, {Roll: found})


def part(value: Value) -> Decimal:
    if isinstance(value, Share):
        return value.part
    return value if isinstance(value, Decimal) else Decimal(0)


def found(metric: str) -> list[Carrier] | None:
    return carriers(METRICS[metric], whole([LEFT, FAILED, GREW]), [(PRO, LEFT), (DUNNED, FAILED), (LITE, GREW)])


def test_those_that_did_alike_are_one_group_and_what_differs_among_them_is_not_told() -> None:
    assert found("mrr") == [
        Carrier(Way.CHURN, Decimal(-1400), 3, 1, "Pro", "EU", ""),
        Carrier(Way.EXPANSION, Decimal(40), 0, 0, "Lite", "US", "", "Acme"),
    ]


def test_a_share_is_carried_by_the_parts_of_what_is_divided() -> None:
    assert found("customer_churn") == [Carrier(Way.CHURN, Decimal(3), 3, 1, "Pro", "EU")]
    assert found("involuntary_churned_mrr") == [Carrier(Way.CHURN, Decimal(500), 1, 1, "Pro", "EU")]
    assert found("new_mrr") == []


@pytest.mark.parametrize("metric", AVERAGES)
def test_an_average_has_no_carriers(metric: str) -> None:
    assert found(metric) is None


amounts = st.integers(0, 10**9).map(Decimal)
counts = st.integers(0, 50)
words = st.sampled_from(("", "Pro", "Lite"))
carried = st.builds(Carried, words, words, words, st.sampled_from(("", "Acme")))


@st.composite
def rolls(draw: st.DrawFn) -> Roll:
    """A roll that is consistent in itself."""
    begin, new, back, grown, shrunk, churn, transfer, fx = (draw(amounts) for _ in range(8))
    customers, joined, returned, left = (draw(counts) for _ in range(4))
    failed, guests = draw(st.integers(0, left)), draw(st.integers(0, left))
    return Roll(
        begin=begin,
        new=new,
        reactivation=back,
        expansion=grown,
        contraction=shrunk,
        churn=churn,
        involuntary=churn * failed // max(left, 1),
        passing=churn * guests // max(left, 1),
        transfer=transfer,
        fx=fx,
        end=begin + new + back + grown - shrunk - churn + transfer + fx,
        customers_begin=customers,
        customers_new=joined,
        customers_reactivated=returned,
        customers_churned=left,
        customers_involuntary=failed,
        customers_passing=guests,
        customers_end=customers + joined + returned - left,
    )


@given(st.lists(st.tuples(carried, rolls()), min_size=1, max_size=6), st.sampled_from(SUMS))
def test_groups_and_what_did_not_move_are_the_figure(groups: list[tuple[Carried, Roll]], metric: str) -> None:
    period = whole([roll for _, roll in groups])
    roll = period.of(Roll)
    still = Roll(
        begin=roll.begin,
        fx=roll.fx,
        end=roll.begin + roll.fx,
        customers_begin=roll.customers_begin,
        customers_end=roll.customers_begin,
    )
    told = carriers(METRICS[metric], period, groups)

    assert told is not None
    total = sum((one.amount for one in told), Decimal(0))
    function = METRICS[metric].function
    assert total + part(function(whole([still]))) == part(function(period))
    assert told == sorted(told, key=lambda one: -abs(one.amount))
    assert len({(one.way, one.plan, one.place) for one in told}) == len(told)


singles = st.builds(
    Carrier, st.sampled_from(Way), st.integers(-(10**6), 10**6).map(Decimal), counts, st.just(0), words, words
)


@given(st.lists(singles, max_size=12), st.sampled_from((Decimal(1) / 4, Decimal(1) / 2, Decimal(2))))
def test_fewer_groups_have_the_same_sum(told: list[Carrier], share: Decimal) -> None:
    fewer = coarser(told, share)

    assert sum((one.amount for one in fewer), Decimal(0)) == sum((one.amount for one in told), Decimal(0))
    for way in Way:
        before, after = ([one for one in side if one.way is way] for side in (told, fewer))
        assert len(after) <= min(len(before), 1 + int(1 / share))
        assert sum(one.count for one in after) <= sum(one.count for one in before)


def test_the_rest_of_a_way_is_named_when_it_is_one_account() -> None:
    one, other = (
        Carrier(Way.NEW, Decimal(amount), 1, plan=plan, name=name)
        for amount, plan, name in ((90, "Pro", "Acme"), (10, "Lite", "Bolt"))
    )

    assert coarser([one, other], Decimal(1) / 4) == [one, Carrier(Way.NEW, Decimal(10), 1, name="Bolt")]


def test_two_periods_stand_side_by_side_by_what_changed_most() -> None:
    left = Carrier(Way.CHURN, Decimal(5), 1, plan="Pro", name="Acme")
    before = Carrier(Way.CHURN, Decimal(3), 1, plan="Pro", name="Bolt")
    grew = Carrier(Way.EXPANSION, Decimal(90), plan="Lite")
    small = Carrier(Way.CHURN, Decimal(1), 1, plan="Lite", name="City")

    assert compared([grew, left, small], [before, grew]) == [
        Compared(Carrier(Way.CHURN, Decimal(8), 2, plan="Pro"), Decimal(5), Decimal(3)),
        Compared(small, Decimal(1), Decimal(0)),
        Compared(Carrier(Way.EXPANSION, Decimal(180), plan="Lite"), Decimal(90), Decimal(90)),
    ]
