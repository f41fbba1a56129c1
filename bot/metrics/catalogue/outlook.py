"""What is coming: what is sure to stay, what is to end or renew, and what is in doubt."""

from collections.abc import Sequence
from decimal import Decimal

from bot.metrics.metric import Missing, Over, Period, Term, Unit, metric
from bot.metrics.rolls import Roll
from bot.metrics.standing import AtRisk, Planned, Renewing, Scheduled

PAST = Missing("What was planned on a past day is not kept by billing; ask for a period that ends today.")


def _committed(period: Period) -> Sequence[Term]:
    asked, ending = period.of(Roll).end, period.of(Scheduled).ending
    return Term("MRR", Unit.MONEY, asked), Term("scheduled churn", Unit.MONEY, ending)


@metric(
    "committed_mrr",
    "Committed MRR",
    Unit.MONEY,
    Over.END,
    needs=(Roll, Scheduled),
    formula="MRR − scheduled churn",
    example="10,950 − 450 = $10,500.00",
    owner="Polar",
    terms=_committed,
)
def committed_mrr(period: Period) -> Decimal | Missing:
    """MRR of the subscriptions that nobody has asked to end."""
    scheduled = period.of(Scheduled)
    return period.of(Roll).end - scheduled.ending if scheduled.known else PAST


@metric(
    "scheduled_churn",
    "Scheduled churn",
    Unit.MONEY,
    Over.END,
    needs=(Scheduled,),
    formula="sum of MRR with a date of leaving",
    example="450 = $450.00",
    owner="ChartMogul",
    up=False,
)
def scheduled_churn(period: Period) -> Decimal | Missing:
    """MRR of the subscriptions that are to end, on whatever day."""
    scheduled = period.of(Scheduled)
    return scheduled.ending if scheduled.known else PAST


@metric(
    "scheduled_changes",
    "Scheduled changes",
    Unit.MONEY,
    Over.END,
    needs=(Planned,),
    formula="sum of what phases of schedules add to MRR less what they take away",
    example="300 − 180 = $120.00",
    aliases=("planned changes",),
    lowest=None,
)
def scheduled_changes(period: Period) -> Decimal | Missing:
    """What schedules are to change on later days, by begun and changed subscriptions; ends are scheduled churn."""
    planned = period.of(Planned)
    return planned.change if planned.known else PAST


@metric(
    "renewals_due",
    "Renewals due",
    Unit.MONEY,
    Over.END,
    needs=(Renewing,),
    formula="sum of MRR whose term of half a year or more ends in the next 30 days",
    example="800 = $800.00",
    up=None,
)
def renewals_due(period: Period) -> Decimal | Missing:
    """MRR of the long terms that end within 30 days and go on unless somebody leaves."""
    renewing = period.of(Renewing)
    return renewing.days_30 if renewing.known else PAST


@metric(
    "renewals_ahead",
    "Renewals ahead",
    Unit.MONEY,
    Over.END,
    needs=(Renewing,),
    formula="sum of MRR whose term of half a year or more ends in the next 90 days",
    example="1,900 = $1,900.00",
    up=None,
)
def renewals_ahead(period: Period) -> Decimal | Missing:
    """MRR of the long terms that end within 90 days and go on unless somebody leaves."""
    renewing = period.of(Renewing)
    return renewing.days_90 if renewing.known else PAST


@metric(
    "mrr_at_risk",
    "MRR at risk",
    Unit.MONEY,
    Over.END,
    needs=(AtRisk,),
    formula="sum of MRR of accounts with an open alert",
    example="1,250 = $1,250.00",
    up=False,
)
def mrr_at_risk(period: Period) -> Decimal:
    """MRR of the accounts that Kahvi has raised an alert about."""
    return period.of(AtRisk).amount
