"""Who left and what stayed, as shares of those who were there.

What is measured against MRR at the start counts only the MRR that was there at the start: an account that came and
left inside the period is churned MRR, and new MRR, but lost none of it. One that was there, left and came back has lost
what it had: what it pays again is reactivation MRR, which only net MRR churn may count, by policy.
"""

from collections.abc import Sequence
from decimal import Decimal

from bot.metrics.axes import ChurnDenominator
from bot.metrics.catalogue.customers import arpa
from bot.metrics.metric import Missing, Over, Pace, Period, Share, Term, Unit, metric, number
from bot.metrics.rolls import Roll

ZERO = Decimal(0)


@metric(
    "customer_churn",
    "Customer churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="churned ÷ (customers at start + new + come back)",
    example="4 ÷ (50 + 6 + 1) = 7.0%",
    owner="Stripe",
    up=False,
    aliases=(
        "churn",
        "churn rate",
        "logo churn",
        "user churn",
        "subscriber churn",
    ),
    highest=1,
)
def customer_churn(period: Period) -> Share:
    """Share of the customers who left; those won and lost inside the period count in both."""
    roll = period.of(Roll)
    return _churned(period, roll.customers_churned, roll.customers_passing)


@metric(
    "voluntary_churn",
    "Voluntary churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(churned − churned by failed payment) ÷ (customers at start + new + come back)",
    example="(4 − 1) ÷ (50 + 6 + 1) = 5.3%",
    owner="ProfitWell",
    up=False,
    highest=1,
)
def voluntary_churn(period: Period) -> Share:
    """Share of the customers who decided to leave."""
    roll = period.of(Roll)
    passing = roll.customers_passing - roll.customers_passing_involuntary
    return _churned(period, roll.customers_churned - roll.customers_involuntary, passing)


@metric(
    "involuntary_churn",
    "Involuntary churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="churned by failed payment ÷ (customers at start + new + come back)",
    example="1 ÷ (50 + 6 + 1) = 1.8%",
    owner="ProfitWell",
    up=False,
    highest=1,
)
def involuntary_churn(period: Period) -> Share:
    """Share of the customers who were lost because a payment failed."""
    roll = period.of(Roll)
    return _churned(period, roll.customers_involuntary, roll.customers_passing_involuntary)


@metric(
    "customer_retention",
    "Customer retention",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(customers at end − those who came) ÷ customers at start",
    example="(53 − (6 + 1 − 1)) ÷ 50 = 94.0%",
    pace=Pace.FROM_WHOLE,
    aliases=("retention",),
    highest=1,
)
def customer_retention(period: Period) -> Share:
    """Share of the customers at the start who were there all through the period."""
    roll = period.of(Roll)
    kept = roll.customers_begin - (roll.customers_churned - roll.customers_passing)
    return Share(Decimal(kept), Decimal(roll.customers_begin), roll.customers_begin)


@metric(
    "mrr_churn",
    "MRR churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(churn + contraction) ÷ MRR at start",
    example="(400 − 100 + 200) ÷ 10,000 = 5.0%",
    owner="ChartMogul",
    up=False,
    aliases=(
        "revenue churn",
        "gross churn",
        "gross mrr churn",
    ),
    highest=1,
)
def mrr_churn(period: Period) -> Share:
    """Share of the MRR at the start that was lost to leaving and shrinking accounts."""
    roll = period.of(Roll)
    lost = _left(roll) + (roll.contraction if period.policy.contraction_in_churned_mrr else 0)
    return _of_begin(roll, lost)


@metric(
    "net_mrr_churn",
    "Net MRR churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(churn + contraction − expansion) ÷ MRR at start",
    example="(400 − 100 + 200 − 600) ÷ 10,000 = −1.0%",
    owner="Baremetrics",
    up=False,
    aliases=(
        "net churn",
        "net revenue churn",
    ),
    lowest=None,
    highest=1,
)
def net_mrr_churn(period: Period) -> Share:
    """What was lost less what other accounts grew by; below zero where growth wins, coming back counts by policy."""
    roll = period.of(Roll)
    back = roll.reactivation if period.policy.reactivation_in_net_churn else 0
    return _of_begin(roll, _left(roll) + roll.contraction - roll.expansion - back)


@metric(
    "grr",
    "Gross revenue retention",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(MRR at start − churn − contraction) ÷ MRR at start",
    example="(10,000 − (400 − 100) − 200) ÷ 10,000 = 95.0%",
    owner="ChartMogul",
    pace=Pace.FROM_WHOLE,
    aliases=("gross retention",),
    highest=1,
)
def grr(period: Period) -> Share:
    """Share of the MRR at the start that its accounts kept, without what they added; never above 100 %."""
    roll = period.of(Roll)
    return _of_begin(roll, roll.begin - _left(roll) - roll.contraction)


@metric(
    "nrr",
    "Net revenue retention",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(MRR at start + expansion − churn − contraction) ÷ MRR at start",
    example="(10,000 + 600 − (400 − 100) − 200) ÷ 10,000 = 101.0%",
    owner="Baremetrics",
    pace=Pace.FROM_WHOLE,
    aliases=(
        "net retention",
        "ndr",
        "net dollar retention",
    ),
)
def nrr(period: Period) -> Share:
    """What the MRR at the start has become in the hands of the accounts that it came from."""
    roll = period.of(Roll)
    return _of_begin(roll, roll.begin + roll.expansion - _left(roll) - roll.contraction)


def _monthly_churn(period: Period) -> Sequence[Term]:
    churn = number(customer_churn(period)) or ZERO
    return (Term("monthly customer churn", Unit.SHARE, churn / period.window.months),)


def _worth(period: Period) -> Sequence[Term]:
    return Term("ARPA", Unit.MONEY, number(arpa(period)) or ZERO), *_monthly_churn(period)


@metric(
    "time_to_churn",
    "Time to churn",
    Unit.MONTHS,
    Over.PERIOD,
    needs=(Roll,),
    formula="1 ÷ monthly customer churn",
    example="1 ÷ (4 ÷ 57) = 14.2 months",
    terms=_monthly_churn,
    owner="Baremetrics",
)
def time_to_churn(period: Period) -> Decimal | Missing:
    """How long a customer stays on average, if customers go on leaving as they did."""
    churn = customer_churn(period)
    if not churn.value:
        return Missing("Nobody left in this period, so how long customers stay cannot be told; ask for a longer one.")
    return period.window.months / churn.value


@metric(
    "ltv",
    "LTV",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="ARPA ÷ monthly customer churn",
    example="10,950 ÷ 53 ÷ (4 ÷ 57) = $2,944.10",
    terms=_worth,
    owner="Stripe",
    pace=Pace.STEADY,
    aliases=(
        "lifetime value",
        "customer lifetime value",
        "clv",
    ),
)
def ltv(period: Period) -> Decimal | Missing:
    """What a customer pays in all on average, if customers go on leaving as they did."""
    each, time = arpa(period), time_to_churn(period)
    if isinstance(each, Missing):
        return each
    return time if isinstance(time, Missing) else each * time


def _churned(period: Period, churned: int, passing: int) -> Share:
    """The share of those who churned; `passing` of them came inside the period."""
    roll = period.of(Roll)
    base = roll.customers_begin
    match period.policy.churn_denominator:
        case ChurnDenominator.START:
            pass
        case ChurnDenominator.START_ALONE:
            churned -= passing
        case ChurnDenominator.START_PLUS_NEW:
            base += roll.customers_new + roll.customers_reactivated
    return Share(Decimal(churned), Decimal(base), base)


def _left(roll: Roll) -> Decimal:
    """What left of the MRR that was there at the start."""
    return roll.churn - roll.passing


def _of_begin(roll: Roll, amount: Decimal) -> Share:
    return Share(amount, roll.begin, roll.customers_begin, of_money=True)
