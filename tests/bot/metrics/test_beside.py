"""What is reckoned from answers, use and spend: pure parts and the metrics on them."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.activity import Activity, activity
from bot.metrics.catalogue import METRICS
from bot.metrics.costs import Costs, Outlay, outlay
from bot.metrics.metric import Missing, Period, Share, Value
from bot.metrics.policy import KAHVI
from bot.metrics.rates import Rates
from bot.metrics.rolls import Roll
from bot.metrics.surveys import Recommendations, Satisfaction, recommendations, satisfaction
from bot.metrics.windows import Window
from storage.inputs import Spend, SpendKind

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
RATES = Rates("usd", [("eur", OCTOBER, Decimal("1.1")), ("eur", date(2026, 11, 16), Decimal("1.2"))])
MONTH = Window(NOVEMBER, DECEMBER)
ROLL = Roll(
    end=Decimal(2_000_00),
    customers_begin=20,
    customers_new=4,
    customers_churned=3,
    customers_passing=1,
    customers_end=21,
)


def spent(amount: int, start: date = NOVEMBER, end: date = DECEMBER, currency: str = "usd", note: str = "") -> Spend:
    return Spend(SpendKind.RETENTION, start, end, amount, currency, note)


def value(name: str, *parts: object) -> Value:
    given_parts = {need: need() for need in METRICS[name].needs} | {type(part): part for part in parts}
    return METRICS[name].value(Period(MONTH, KAHVI, given_parts))


def why(name: str, *parts: object) -> str:
    found = value(name, *parts)
    assert isinstance(found, Missing)
    return found.why


def test_answers_promote_detract_or_neither() -> None:
    counted = [(Decimal(answer), 10**place) for place, answer in enumerate((0, 6, 7, 8, 9, 10))]

    assert recommendations(counted) == Recommendations(promoters=110_000, passives=1_100, detractors=11)
    assert recommendations([]) == Recommendations()


def test_fours_and_fives_are_satisfied() -> None:
    assert satisfaction([(Decimal(answer), answer) for answer in range(1, 6)]) == Satisfaction(satisfied=9, answers=15)


@given(st.lists(st.tuples(st.integers(0, 10).map(Decimal), st.integers(1, 99))))
def test_every_answer_counts_once_and_in_any_order(counted: list[tuple[Decimal, int]]) -> None:
    found = recommendations(counted)

    assert found.answers == sum(count for _, count in counted)
    assert found == recommendations(reversed(counted))
    score = value("nps", found)
    assert isinstance(score, Missing) if not counted else isinstance(score, Decimal) and -100 <= score <= 100


def test_activity_is_of_the_accounts_with_both() -> None:
    daily = {"a": Decimal(4), "b": Decimal(6), "c": Decimal(9)}

    assert activity(daily, {"a": Decimal(10), "b": Decimal(20), "d": Decimal(7)}, "") == Activity(
        Decimal(10), Decimal(30)
    )
    assert activity(daily, {}, "") == Activity()


def test_what_is_told_of_the_company_goes_before_the_sum_of_its_accounts() -> None:
    daily, monthly = {"": Decimal(9), "a": Decimal(4)}, {"": Decimal(30), "a": Decimal(10)}

    assert activity(daily, monthly, "") == Activity(Decimal(9), Decimal(30))
    assert activity(daily, {"a": Decimal(10)}, "") == Activity(Decimal(4), Decimal(10))


def test_spend_is_spread_over_its_days_and_converted_day_by_day() -> None:
    dollars = outlay(
        Window(date(2026, 10, 30), date(2026, 11, 4)), [spent(310_00, OCTOBER, NOVEMBER), spent(300_00)], RATES
    )
    euros = outlay(MONTH, [spent(300_00, currency="eur")], RATES)

    assert dollars == Outlay(Decimal(20_00 + 30_00))
    assert euros == Outlay(Decimal(10_00) * 15 * Decimal("1.1") + Decimal(10_00) * 15 * Decimal("1.2"))


def test_a_day_that_nothing_is_told_of_is_named() -> None:
    gap = [spent(1, OCTOBER, date(2026, 11, 10)), spent(1, date(2026, 11, 12), DECEMBER)]

    assert outlay(MONTH, gap, RATES).untold == date(2026, 11, 10)
    assert outlay(MONTH, [*gap, spent(0, date(2026, 11, 9), date(2026, 11, 13), note="x")], RATES).untold is None
    assert outlay(MONTH, [], RATES) == Outlay(untold=NOVEMBER)


def test_a_currency_without_a_rate_is_named() -> None:
    assert outlay(MONTH, [spent(5, currency="sek"), spent(7, note="x")], RATES) == Outlay(Decimal(7), unrated="sek")
    assert outlay(MONTH, [spent(0, currency="sek")], RATES) == Outlay()


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 40), st.integers(0, 10**12), st.sampled_from(["usd", "eur"])),
        max_size=6,
    ),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_windows_in_a_row_add_up_to_the_whole(
    told: list[tuple[int, int, int, str]], one: int, two: int, three: int
) -> None:
    spends = [
        Spend(
            SpendKind.RETENTION, OCTOBER + timedelta(days=start), OCTOBER + timedelta(days=start + days), amount, code
        )
        for start, days, amount, code in told
    ]
    first, middle, last = (OCTOBER + timedelta(days=day) for day in sorted((one, two, three)))
    parts = outlay(Window(first, middle), spends, RATES).amount + outlay(Window(middle, last), spends, RATES).amount

    assert abs(parts - outlay(Window(first, last), spends, RATES).amount) < Decimal("0.000001")


def test_costs_per_customer_are_of_those_kept_and_those_won() -> None:
    costs = Costs(Outlay(Decimal(1_800_00)), Outlay(Decimal(1_000_00)))

    assert value("retention_cost", costs) == Decimal(1_800_00)
    assert value("crc", costs, ROLL) == Decimal(100_00)
    assert value("cac", costs, ROLL) == Decimal(250_00)
    churn = Decimal(3) / 24
    assert value("ltv_cac", costs, ROLL) == Decimal(2_000_00) / 21 * (MONTH.months / churn) / Decimal(250_00)


def test_what_is_lacking_is_told_with_what_to_provide() -> None:
    whole = Costs(Outlay(untold=NOVEMBER), Outlay(untold=date(2026, 11, 12)))
    some = Costs(Outlay(Decimal(5), unrated="sek"), Outlay(Decimal(0)))

    assert why("nps").endswith("provide nps by signals.csv or kahvi record (docs/csv.md).")
    assert why("csat").endswith("provide csat by signals.csv or kahvi record (docs/csv.md).")
    assert "provide active_users and monthly_active_users of the same accounts by signals.csv" in why("stickiness")
    assert (
        why("crc", ROLL) == "What retention costs is told for the whole company only; ask without a segment or filter."
    )
    assert why("crc", whole, ROLL).endswith("by spend.csv or kahvi record spend retention AMOUNT --month 2026-11.")
    assert why("ltv_cac", whole, ROLL).startswith(
        "No acquisition spend is told for 2026-11, or part of it; provide it,"
    )
    assert (
        why("retention_cost", some) == "Some retention spend is in SEK, which has no rate; provide one (docs/csv.md)."
    )
    assert why("crc", Costs(Outlay(), Outlay())) == "Nobody was there all through the period, so nobody was kept."
    assert why("cac", some) == "Nobody became a customer in this period; ask for a longer one."
    assert why("ltv_cac", some, ROLL) == "Winning customers cost nothing in this period, so there is no ratio."


def test_a_share_of_few_answers_is_one() -> None:
    found = value("csat", Satisfaction(satisfied=3, answers=4))

    assert found == Share(Decimal(3), Decimal(4))
    assert isinstance(found, Share)
    assert found.of_few
