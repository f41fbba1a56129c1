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
    owner="Stripe",
)
def mrr(period: Period) -> Decimal:
    """What all paying subscriptions are worth per month, without trials, tax and one-off items."""
    return period.of(Roll).end


@metric("arr", "ARR", Unit.MONEY, Over.END, needs=(Roll,), formula="MRR × 12", owner="Baremetrics")
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
)
def net_new_mrr(period: Period) -> Decimal:
    """What customers' decisions added to MRR; exchange rates are apart."""
    return period.of(Roll).net_new


@metric("new_mrr", "New MRR", Unit.MONEY, Over.PERIOD, needs=(Roll,), formula="sum of first MRR", owner="ChartMogul")
def new_mrr(period: Period) -> Decimal:
    """MRR of accounts that paid for the first time."""
    return period.of(Roll).new


@metric(
    "expansion_mrr",
    "Expansion MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of increases",
    owner="ChartMogul",
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
    formula="sum of decreases with MRR left",
    owner="ChartMogul",
    up=False,
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
    formula="sum of last MRR",
    owner="ChartMogul",
    up=False,
)
def churned_mrr(period: Period) -> Decimal:
    """MRR of accounts whose last paying subscription ended."""
    return period.of(Roll).churn


@metric(
    "reactivation_mrr",
    "Reactivation MRR",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="sum of returning MRR",
    owner="ChartMogul",
)
def reactivation_mrr(period: Period) -> Decimal:
    """MRR of accounts that had left and pay again."""
    return period.of(Roll).reactivation


@metric(
    "fx",
    "Exchange rate effect",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Roll,),
    formula="end − begin − movements",
    owner="ChartMogul",
    up=None,
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
    owner="Baremetrics",
)
def mrr_growth(period: Period) -> Share:
    """By how much MRR grew, exchange rates included."""
    roll = period.of(Roll)
    return Share(roll.end - roll.begin, roll.begin)
