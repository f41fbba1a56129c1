"""Each preset gives the figures of its vendor's published worked examples, and repeats none of the known slips."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.metrics.axes import NewAndChurned
from bot.metrics.catalogue import METRICS
from bot.metrics.history import Evidence, steps
from bot.metrics.known import Known
from bot.metrics.metric import Period, number
from bot.metrics.movements import Stepped, movements
from bot.metrics.mrr import whole
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.presets import BAREMETRICS, CHARTMOGUL, PROFITWELL, STRIPE, policy_of
from bot.metrics.rates import Rates
from bot.metrics.rolls import Roll, rolls
from bot.metrics.windows import Window
from storage.facts import Discount, Duration, Interval, InvoiceLine, InvoiceStatus, Price, Status, Subscription
from storage.fates import Fate
from storage.movements import WHOLE, DaySum, LabelledRow, Movement, NettingRule, WindowSums
from tests.bot.digest.company import LEFT, NEW, movement
from tests.factories import at, item, line, price, subscription

NOW = at(20, month=4)
UTC_ZONE = ZoneInfo("UTC")
YEAR = Window(at(1).date(), at(1, year=2027).date())
PRICES = {
    one.id: one
    for one in (
        price("pro", "5000"),
        price("ten", "1000"),
        price("fifteen", "1500"),
        price("hundred", "10000"),
        price("weekly", "10000", interval=Interval.WEEK),
        price("yearly", "12000", interval=Interval.YEAR),
        price("six-hundred", "60000", interval=Interval.YEAR),
        price("twelve-hundred", "120000", interval=Interval.YEAR),
        price("two-years", "240000", interval=Interval.YEAR, interval_count=2),
    )
}


def known(policy: MetricsPolicy, prices: dict[str, Price] = PRICES) -> Known:
    return Known(prices, policy, UTC_ZONE, NOW)


def past(
    policy: MetricsPolicy, sub: Subscription, lines: Sequence[InvoiceLine] = (), fates: Sequence[Fate] = ()
) -> list[tuple[str, int]]:
    by_line = {one.id: Fate(one.id, InvoiceStatus.PAID, one.amount, paid_at=one.period_start) for one in lines}
    by_line |= {fate.invoice_id: fate for fate in fates}
    found = steps(Evidence(sub, (), lines, fates=by_line), known(policy))
    return [(f"{day:%m-%d}", sum(whole(state).values())) for day, state in found]


def of(price_id: str, amount: int, months: int = 1, **values: object) -> tuple[Subscription, list[InvoiceLine]]:
    """A subscription to one price, billed for its present period."""
    end = at(1, month=1 + months % 12, year=2026 + months // 12)
    billed = line("l", amount, at(1), price_id=price_id, item_id=f"item-{price_id}", period_end=end, **values)
    return subscription(items=[item(price_id)]), [billed]


def test_profitwell_takes_every_discount_off_whatever_its_frequency() -> None:
    """A plan of $120 a year with 10 % off is $108 a year: $9 a month."""
    for discount in ("discount_once", "discount_repeating", "discount_forever"):
        assert past(PROFITWELL, *of("yearly", 12_000, months=12, **{discount: 1200})) == [("01-01", 900)]


def test_profitwell_spreads_a_year_and_keeps_who_cancelled_to_the_end_of_what_is_paid() -> None:
    """$120 a year is $10; Sarah signs up for $10 on the 15th, cancels on the 8th and leaves on the 15th."""
    assert past(PROFITWELL, *of("yearly", 12_000, months=12)) == [("01-01", 1000)]

    bills = [
        line(f"l{m}", 1000, at(15, month=m), price_id="ten", item_id="item-ten", period_end=at(15, month=m + 1))
        for m in (1, 2)
    ]
    sarah = subscription(
        items=[item("ten")],
        status=Status.ENDED,
        started_at=at(15),
        cancel_requested_at=at(8, month=3),
        ended_at=at(15, month=3),
    )
    assert past(PROFITWELL, sarah, bills) == [("01-15", 1000), ("03-15", 0)]
    assert past(STRIPE, sarah, bills) == [("01-15", 1000), ("03-08", 0)]


def test_profitwell_takes_who_leaves_in_the_month_of_coming_out_of_new_and_never_into_churned() -> None:
    """$100 paid on the 5th, gone on the 6th: new business of $100, then of none; at no point anything is churned."""
    came = movement("acme", at(5).date(), NEW, 10_000)
    left = movement("acme", at(6).date(), LEFT, -10_000)

    def figures(policy: MetricsPolicy, *rows: Movement) -> list[Decimal | None]:
        window = Window(at(1).date(), at(1, month=2).date())
        labelled = [
            LabelledRow(one.account_id, one.day, WHOLE, one.currency, one.kind, one.cause, one.amount, 1)
            for one in rows
        ]
        days = [DaySum(WHOLE, one.day, one.currency, one.amount, one.kind is NEW) for one in rows]
        rule = NettingRule(passing=policy.same_window_new_churn is NewAndChurned.BOTH)
        sums = WindowSums(days, (), (), labelled)
        roll = rolls(window, {}, sums, Rates("usd"), rule=rule).get(WHOLE, Roll())
        period = Period(window, policy, {Roll: roll})
        return [number(METRICS[name].value(period)) for name in ("new_mrr", "churned_mrr", "churned_customers")]

    assert figures(PROFITWELL, came) == [10_000, 0, 0]
    assert figures(PROFITWELL, came, left) == [0, 0, 0]
    assert figures(STRIPE, came, left) == [10_000, 10_000, 1]


def test_a_week_is_a_twelfth_of_52_and_never_nothing() -> None:
    """$100 a week is $433.33 a month; $400 where a month counts four weeks."""
    weekly = subscription(items=[item("weekly")])

    for policy in (KAHVI, STRIPE):
        assert past(policy, weekly) == [("01-01", 43_333)]
    assert past(policy_of("kahvi week_factor=4"), weekly) == [("01-01", 40_000)]


def test_a_first_month_that_is_nearly_free_does_not_shrink_committed_mrr() -> None:
    """77 sales at $15 a month with $14 off the first month are $1,155, and not $77."""
    sub, lines = of("fifteen", 1500, months=4, discount_once=1400)

    assert past(KAHVI, sub, lines)[-1][1] * 77 == 115_500
    assert past(policy_of("kahvi once_discounts=subtract"), sub, lines)[-1][1] * 77 == 7_700


def test_stripe_counts_a_year_as_a_twelfth() -> None:
    """100 who pay $100 a month and 50 who pay $600 a year are 100 × 100 + 50 × 600 / 12 = $12,500; $1,200 is $100."""
    ((_, monthly),) = past(STRIPE, *of("hundred", 10_000))
    ((_, yearly),) = past(STRIPE, *of("six-hundred", 60_000, months=12))

    assert 100 * monthly + 50 * yearly == 1_250_000
    assert past(STRIPE, *of("twelve-hundred", 120_000, months=12)) == [("01-01", 10_000)]


def test_at_stripe_a_coupon_lowers_mrr_if_it_lasts_for_ever() -> None:
    """50 % off for ever halves it, off once or for some months leaves it as it is."""
    for duration, worth in ((Duration.FOREVER, 5000), (Duration.REPEATING, 10_000), (Duration.ONCE, 10_000)):
        half = Discount(id="d", duration=duration, percent_off=Decimal(50), starts_at=at(1))

        assert past(STRIPE, subscription(items=[item("hundred")], discounts=(half,))) == [("01-01", worth)]


def test_two_years_divide_and_do_not_multiply() -> None:
    assert past(KAHVI, *of("two-years", 240_000, months=24)) == [("01-01", 10_000)]


def test_chartmogul_scales_a_prorated_line_up_to_its_whole_period() -> None:
    """(amount - tax) × duration ratio × prorate factor: $30 for 182 days of a year are 30 / 12 × 365 / 182 = $5.01."""
    sub = subscription(items=[item("yearly")], started_at=at(1, month=10, year=2025))
    of_year = {"price_id": "yearly", "item_id": "item-yearly", "period_end": at(1, month=10)}
    year = line("year", 12_000, at(1, month=10, year=2025), **of_year)
    half = line("half", 3_000, at(2, month=4), proration=True, **of_year)

    assert past(CHARTMOGUL, sub, [year, half]) == [("10-01", 1000), ("04-02", 501)]
    assert past(KAHVI, sub, [year, half]) == [("10-01", 1000)]


def churn(policy: MetricsPolicy) -> Decimal | None:
    """Ten customers at the start, two come, and one of these leaves again."""
    roll = Roll(customers_begin=10, customers_new=2, customers_churned=1, customers_passing=1, customers_end=11)
    return number(METRICS["customer_churn"].value(Period(YEAR, policy, {Roll: roll})))


def of_month(policy: MetricsPolicy, metric: str, roll: Roll) -> Decimal | None:
    month = Window(at(1).date(), at(1, month=2).date())
    return number(METRICS[metric].value(Period(month, policy, {Roll: roll})))


def test_stripe_counts_who_joins_and_leaves_in_both_and_measures_against_all_who_were_there() -> None:
    assert churn(STRIPE) == Decimal(1) / 12
    assert churn(BAREMETRICS) == Decimal(1) / 10


def test_chartmogul_leaves_who_joins_and_churns_in_the_period_out_of_customer_churn() -> None:
    """100 customers at the start of a month, 11 leave in it, one of whom joined in it: 10 / 100, by will or not."""
    roll = Roll(
        customers_begin=100,
        customers_new=1,
        customers_churned=11,
        customers_involuntary=4,
        customers_passing=1,
        customers_passing_involuntary=1,
        customers_end=90,
    )

    def figures(policy: MetricsPolicy) -> list[Decimal | None]:
        return [of_month(policy, f"{kind}_churn", roll) for kind in ("customer", "voluntary", "involuntary")]

    assert figures(CHARTMOGUL) == [Decimal("0.10"), Decimal("0.07"), Decimal("0.03")]
    assert figures(BAREMETRICS) == [Decimal("0.11"), Decimal("0.07"), Decimal("0.04")]


LOST = Roll(begin=Decimal(100), churn=Decimal(10), contraction=Decimal(10), expansion=Decimal(10), end=Decimal(90))


def test_the_shares_of_mrr_in_chartmoguls_examples() -> None:
    """$100 at the start, $10 churned, $10 contracted, $10 expanded: 20 % gross, 10 % net; who comes back lowers it."""
    assert of_month(CHARTMOGUL, "mrr_churn", LOST) == Decimal("0.20")
    assert of_month(CHARTMOGUL, "net_mrr_churn", LOST) == Decimal("0.10")
    assert of_month(CHARTMOGUL, "net_mrr_churn", replace(LOST, reactivation=Decimal(5))) == Decimal("0.05")


def test_an_arpa_of_100_dollars_and_a_churn_of_5_percent_are_an_ltv_of_2000_at_chartmogul() -> None:
    roll = Roll(begin=Decimal(200_000), end=Decimal(190_000), customers_begin=20, customers_churned=1, customers_end=19)

    assert of_month(CHARTMOGUL, "ltv", roll) == 200_000


def test_at_baremetrics_net_retention_is_what_net_churn_leaves() -> None:
    """100 % − (churned − expansion) ÷ MRR 30 days ago, downgrades in churned; who comes back is in neither."""
    back = replace(LOST, reactivation=Decimal(5))

    assert of_month(BAREMETRICS, "net_mrr_churn", back) == Decimal("0.10")
    assert of_month(BAREMETRICS, "nrr", back) == Decimal("0.90")
    assert of_month(BAREMETRICS, "quick_ratio", replace(back, new=Decimal(30))) == 2


def test_a_coupon_of_a_hundred_percent_is_churn_at_stripe_and_an_active_customer_at_chartmogul() -> None:
    free = Discount(id="d", duration=Duration.FOREVER, percent_off=Decimal(100), starts_at=at(1, month=2))
    sub = subscription(items=[item(started_at=at(1))], discounts=(free,), started_at=at(1))

    def kinds(policy: MetricsPolicy) -> list[str]:
        stepped = [Stepped(sub, steps(Evidence(sub), known(policy)))]
        return [one.kind.value for one in movements("acme", stepped, Rates("usd"), policy)]

    assert kinds(STRIPE) == ["new", "churn"]
    assert kinds(policy_of("chartmogul basis=subscription")) == ["new", "contraction"]


def test_baremetrics_lets_a_delinquent_go_after_31_days() -> None:
    sub = subscription(items=[item()], status=Status.PAST_DUE, current_period_start=at(1, month=3))
    lines = [line(f"l{m}", 5000, at(1, month=m), period_end=at(1, month=m + 1)) for m in (1, 2, 3)]
    failed = [Fate("l3", InvoiceStatus.OPEN, 5000, failed_at=at(1, month=3))]

    assert past(BAREMETRICS, sub, lines, failed)[-1] == ("04-01", 0)
    assert past(STRIPE, sub, lines, failed) == [("01-01", 5000)]


@pytest.mark.parametrize(("policy", "paused"), [(PROFITWELL, 0), (CHARTMOGUL, 5000), (KAHVI, 5000)])
def test_a_paused_collection_is_worth_nothing_at_profitwell(policy: MetricsPolicy, paused: int) -> None:
    sub = subscription(items=[item()], pause_kind="collection", paused_at=at(10, month=4))
    lines = [line(f"l{m}", 5000, at(1, month=m), period_end=at(1, month=m + 1)) for m in (1, 2, 3, 4)]

    assert past(policy, sub, lines)[-1][1] == paused


def test_at_stripe_a_trial_that_became_active_counts_while_its_first_invoice_is_unpaid() -> None:
    sub = subscription(items=[item()], trial_end=at(15, month=3), started_at=at(1, month=3))
    lines = [line("l", 5000, at(15, month=3), period_end=at(15, month=4))]
    unpaid = [Fate("l", InvoiceStatus.OPEN, 5000)]

    assert past(STRIPE, sub, lines, unpaid) == [("03-15", 5000)]
    assert past(policy_of("stripe unpaid_first_invoice=out"), sub, lines, unpaid) == []


# --- slips of others that must not come back ---------------------------------------------------------------------


def test_a_weekly_period_is_not_a_month_nor_smeared_over_days() -> None:
    weeks = [
        line(f"w{n}", 10_000, at(1 + 7 * n), price_id="weekly", item_id="item-weekly", period_end=at(8 + 7 * n))
        for n in range(3)
    ]

    assert past(KAHVI, subscription(items=[item("weekly")]), weeks) == [("01-01", 43_333)]


def test_stacked_coupons_combine_and_an_amount_in_another_currency_is_none() -> None:
    ten = Discount(id="a", duration=Duration.FOREVER, percent_off=Decimal(10))
    five_dollars = Discount(id="b", duration=Duration.FOREVER, amount_off=500, currency="usd")
    euros = Discount(id="c", duration=Duration.FOREVER, amount_off=900, currency="eur")

    assert past(KAHVI, subscription(items=[item()], discounts=(ten, five_dollars, euros))) == [("01-01", 4000)]


def test_an_end_in_the_future_takes_nothing_away_yet_and_is_subtracted_once() -> None:
    later = subscription(items=[item()], cancel_requested_at=at(10, month=4), cancel_at=at(1, month=5))
    ended = replace(later, status=Status.ENDED, cancel_at=at(10, month=4), ended_at=at(10, month=4))

    assert past(KAHVI, later) == [("01-01", 5000)]
    assert past(KAHVI, ended) == [("01-01", 5000), ("04-10", 0)]


@pytest.mark.parametrize("policy", [CHARTMOGUL, PROFITWELL, BAREMETRICS])
def test_missing_invoices_never_mean_paying(policy: MetricsPolicy) -> None:
    assert past(policy, subscription(items=[item()])) == []
