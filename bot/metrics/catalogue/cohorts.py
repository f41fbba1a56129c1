"""What is left of those who came: cohort by cohort, and how long the next ones may stay."""

from collections.abc import Sequence
from decimal import Decimal

from bot.metrics.catalogue.customers import arpa
from bot.metrics.cohorts import Cohort, Cohorts, Logos
from bot.metrics.metric import Grid, GridRow, Missing, Over, Pace, Period, Share, Term, Unit, metric, number
from bot.metrics.rolls import Roll
from bot.metrics.survival import Tenures, fit

ZERO = Decimal(0)
HORIZON = 60  # months; an average over ever longer ones has no end where the loyal hardly leave
ENOUGH = 20  # stays that ended, from which a curve is more than chance


def customers_by_cohort(period: Period) -> Grid:
    """Of each month's new customers, the share that still pays at the end of each month since."""
    return Grid(Unit.COUNT, [_customers(one) for one in period.of(Logos).each if one.members])


def mrr_by_cohort(period: Period) -> Grid:
    """Of each month's first MRR, the share that is paid at the end of each month since, growth included."""
    return Grid(Unit.MONEY, [_mrr(one) for one in period.of(Cohorts).each if one.first])


@metric(
    "logo_retention",
    "Logo retention of cohorts",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Logos,),
    formula="customers who came in the period and still pay at its end ÷ customers who came in it",
    example="(4 + 5) ÷ (5 + 5) = 90.0%",
    owner="Stripe",
    table=customers_by_cohort,
    pace=Pace.STEADY,
    highest=1,
)
def logo_retention(period: Period) -> Share:
    """Share of the customers won in the period who are there at its end."""
    each = period.of(Logos).each
    members = sum(one.members for one in each)
    return Share(Decimal(sum(one.customers[-1] for one in each)), Decimal(members), members)


@metric(
    "revenue_retention",
    "Revenue retention of cohorts",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Cohorts,),
    formula="MRR at the end of customers who came in the period ÷ their first MRR",
    example="(475 + 500) ÷ (500 + 500) = 97.5%",
    owner="Stripe",
    table=mrr_by_cohort,
    pace=Pace.STEADY,
)
def revenue_retention(period: Period) -> Share:
    """What the first MRR of the customers won in the period has become; above 100 % where they grew."""
    each = period.of(Cohorts).each
    paid, first = (sum(amounts, ZERO) for amounts in ((one.mrr[-1] for one in each), (one.first for one in each)))
    return Share(paid, first, sum(one.members for one in each), of_money=True)


def _stay(period: Period) -> Sequence[Term]:
    paid = fit(period.of(Tenures)).paid_months(HORIZON)
    return Term("ARPA", Unit.MONEY, number(arpa(period)) or ZERO), Term("paid for on average", Unit.MONTHS, paid)


@metric(
    "ltv_survival",
    "Five-year LTV",
    Unit.MONEY,
    Over.END,
    needs=(Roll, Tenures),
    formula="ARPA × months that a customer pays for in its first five years, by a curve fitted to all stays",
    example="10,950 ÷ 53 × 29.2806 = $6,049.48",
    terms=_stay,
    owner="Fader & Hardie",
    aliases=("survival ltv", "fitted ltv"),
)
def ltv_survival(period: Period) -> Decimal | Missing:
    """What a customer pays in its first five years, if those to come stay as long as those that came.

    The curve knows that fewer leave as time goes by, and counts customers that are still there as such.
    """
    each, tenures = arpa(period), period.of(Tenures)
    ended = sum(tenures.ended.values())
    if ended < ENOUGH:
        return Missing(f"A survival curve takes {ENOUGH} customers that left; there are {ended} so far.")
    return each if isinstance(each, Missing) else each * fit(tenures).paid_months(HORIZON)


def _customers(one: Cohort) -> GridRow:
    members = Decimal(one.members)
    return GridRow(one.start, members, [count / members for count in one.customers])


def _mrr(one: Cohort) -> GridRow:
    return GridRow(one.start, one.first, [amount / one.first for amount in one.mrr])
