"""Trials, and what becomes of them."""

from decimal import Decimal

from bot.metrics.axes import TrialBase
from bot.metrics.metric import Missing, Over, Pace, Period, Share, Unit, metric
from bot.metrics.trial import Trials, TrialWorth


@metric(
    "trial_starts",
    "Trial starts",
    Unit.COUNT,
    Over.PERIOD,
    needs=(Trials,),
    formula="trials that began",
    example="12 = 12",
    owner="Stripe",
)
def trial_starts(period: Period) -> Decimal:
    """Trials that began, counted by subscription."""
    return Decimal(period.of(Trials).started)


@metric(
    "trial_conversion",
    "Trial conversion",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Trials,),
    formula="trials first paid for ÷ trials that ended",
    example="4 ÷ 10 = 40.0%",
    owner="Stripe",
    pace=Pace.STEADY,
)
def trial_conversion(period: Period) -> Share | Missing:
    """Trials paid for in the period against those that ended in it; above 100 % where earlier ones pay late."""
    trials = period.of(Trials)
    if not trials.known:
        return Missing("A trial converts with its first paid invoice, and no invoices are known; provide invoices.")
    same_window = period.policy.trial_conversion_base is TrialBase.SAME_WINDOW_NEW
    base = trials.started if same_window else trials.ended
    return Share(Decimal(trials.converted), Decimal(base), base)


@metric(
    "trial_mrr",
    "Trial MRR",
    Unit.MONEY,
    Over.END,
    needs=(TrialWorth,),
    formula="sum of what running trials ask per month after their end",
    example="620 = $620.00",
)
def trial_mrr(period: Period) -> Decimal:
    """What the trials that are running would add to MRR if all of them stayed."""
    return period.of(TrialWorth).mrr
