"""Who left and what stayed, as shares of those who were there."""

from decimal import Decimal

from bot.metrics.axes import ChurnDenominator
from bot.metrics.metric import Over, Period, Share, Unit, metric
from bot.metrics.rolls import Roll


@metric(
    "customer_churn",
    "Customer churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="churned ÷ (customers at start + new + come back)",
    owner="Stripe",
    up=False,
)
def customer_churn(period: Period) -> Share:
    """Share of the customers who left; those won and lost inside the period count in both."""
    roll = period.of(Roll)
    base = roll.customers_begin
    if period.policy.churn_denominator is ChurnDenominator.START_PLUS_NEW:
        base += roll.customers_new + roll.customers_reactivated
    return Share(Decimal(roll.customers_churned), Decimal(base))


@metric(
    "mrr_churn",
    "MRR churn",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Roll,),
    formula="(churn + contraction) ÷ MRR at start",
    owner="ChartMogul",
    up=False,
)
def mrr_churn(period: Period) -> Share:
    """Share of the MRR at the start that was lost to leaving and shrinking accounts."""
    roll = period.of(Roll)
    lost = roll.churn + (roll.contraction if period.policy.contraction_in_churned_mrr else 0)
    return Share(lost, roll.begin)
