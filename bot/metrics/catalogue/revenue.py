"""Recurring revenue, and what moved it."""

from decimal import Decimal

from bot.metrics.metric import Over, Period, Share, Unit, metric
from bot.metrics.rolls import Roll


@metric(
    "mrr",
    "MRR",
    Unit.MONEY,
    Over.END,
    needs=(Roll,),
    formula="sum of the monthly value of all paying subscriptions",
    example="10,000 + 900 + 100 + 600 − 200 − 400 − 50 = $10,950.00",
    owner="Stripe",
    aliases=(
        "monthly recurring revenue",
        "recurring revenue",
    ),
)
def mrr(period: Period) -> Decimal:
    """What all paying subscriptions are worth per month, without trials, tax and one-off items."""
    return period.of(Roll).end


@metric(
    "arr",
    "ARR",
    Unit.MONEY,
    Over.END,
    needs=(Roll,),
    formula="MRR × 12",
    example="10,950 × 12 = $131,400.00",
    owner="Baremetrics",
    aliases=(
        "annual recurring revenue",
        "annual run rate",
    ),
)
def arr(period: Period) -> Decimal:
    """MRR over twelve months."""
    return period.of(Roll).end * 12


@metric(
    "net_new_mrr",
    "Net new MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="new + reactivation + expansion − contraction − churn",
    example="900 + 100 + 600 − 200 − 400 = $1,000.00",
    owner="Stripe",
    aliases=(
        "net new",
        "net mrr",
    ),
    lowest=None,
)
def net_new_mrr(period: Period) -> Decimal:
    """What customers' decisions added to MRR; exchange rates are apart."""
    return period.of(Roll).net_new


@metric(
    "new_mrr",
    "New MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of what new customers grew to",
    example="900 = $900.00",
    owner="ChartMogul",
    aliases=(
        "new business",
        "new",
    ),
)
def new_mrr(period: Period) -> Decimal:
    """MRR of accounts that paid for the first time."""
    return period.of(Roll).new


@metric(
    "reactivation_mrr",
    "Reactivation MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of returning MRR",
    example="100 = $100.00",
    owner="ChartMogul",
    aliases=(
        "reactivation",
        "reactivations",
    ),
)
def reactivation_mrr(period: Period) -> Decimal:
    """MRR of accounts that had left and pay again."""
    return period.of(Roll).reactivation


@metric(
    "expansion_mrr",
    "Expansion MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of increases, netted per account",
    example="600 = $600.00",
    owner="ChartMogul",
    aliases=(
        "expansion",
        "upgrades",
    ),
)
def expansion_mrr(period: Period) -> Decimal:
    """What accounts that were there and stayed added: seats, upgrades, second subscriptions, ended discounts."""
    return period.of(Roll).expansion


@metric(
    "contraction_mrr",
    "Contraction MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of decreases with MRR left, netted per account",
    example="200 = $200.00",
    owner="ChartMogul",
    up=False,
    aliases=(
        "contraction",
        "downgrades",
    ),
)
def contraction_mrr(period: Period) -> Decimal:
    """What accounts that stayed took away: seats, downgrades, one of several subscriptions."""
    return period.of(Roll).contraction


@metric(
    "churned_mrr",
    "Churned MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of lost MRR, that of customers lost by failed payment included",
    example="400 = $400.00",
    owner="ChartMogul",
    up=False,
    aliases=(
        "lost mrr",
        "churned revenue",
    ),
)
def churned_mrr(period: Period) -> Decimal:
    """MRR of accounts whose last paying subscription ended."""
    return period.of(Roll).churn


@metric(
    "voluntary_churned_mrr",
    "Voluntarily churned MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="churned MRR − involuntarily churned MRR",
    example="400 − 150 = $250.00",
    owner="ProfitWell",
    up=False,
)
def voluntary_churned_mrr(period: Period) -> Decimal:
    """MRR of accounts that decided to leave."""
    roll = period.of(Roll)
    return roll.churn - roll.involuntary


@metric(
    "involuntary_churned_mrr",
    "Involuntarily churned MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of MRR lost by failed payment",
    example="150 = $150.00",
    owner="ProfitWell",
    up=False,
)
def involuntary_churned_mrr(period: Period) -> Decimal:
    """MRR of accounts that were lost because a payment failed."""
    return period.of(Roll).involuntary


@metric(
    "fx",
    "Exchange rate effect",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="end − begin − movements",
    example="10,950 − 10,000 − 1,000 = −$50.00",
    owner="ChartMogul",
    up=None,
    aliases=(
        "exchange rates",
        "fx effect",
    ),
    lowest=None,
)
def fx(period: Period) -> Decimal:
    """What exchange rates alone did to MRR."""
    return period.of(Roll).fx


@metric(
    "mrr_growth",
    "MRR growth",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="MRR at end ÷ MRR at start − 1",
    example="10,950 ÷ 10,000 − 1 = 9.5%",
    owner="Baremetrics",
    aliases=(
        "growth",
        "growth rate",
        "mrr growth rate",
    ),
    lowest=-1,
)
def mrr_growth(period: Period) -> Share:
    """By how much MRR grew, exchange rates included."""
    roll = period.of(Roll)
    return Share(roll.end - roll.begin, roll.begin, roll.customers_begin, of_money=True)


@metric(
    "quick_ratio",
    "Quick ratio",
    Unit.RATIO,
    Over.PERIOD,
    needs=(Roll,),
    formula="(new + expansion) ÷ (contraction + churn)",
    example="(900 + 600) ÷ (200 + 400) = 2.50",
    owner="Baremetrics",
)
def quick_ratio(period: Period) -> Share:
    """How much MRR was won for each unit lost; customers who come back count by policy."""
    roll = period.of(Roll)
    won = roll.new + roll.expansion
    if period.policy.reactivation_in_quick_ratio:
        won += roll.reactivation
    return Share(won, roll.contraction + roll.churn, roll.customers_begin, of_money=True)
