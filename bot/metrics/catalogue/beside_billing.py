"""What needs more than billing: answers, use, and what was spent, as it is told to Kahvi.

[csv.md](csv.md#beside-billing) says how. Where it was not told, the figure says what to provide.
"""

from collections.abc import Sequence
from decimal import Decimal

from bot.metrics.activity import Activity
from bot.metrics.catalogue.churn import customer_retention, ltv
from bot.metrics.costs import Costs, Outlay
from bot.metrics.metric import Missing, Over, Pace, Period, Share, Term, Unit, metric, number
from bot.metrics.rolls import Roll
from bot.metrics.surveys import Recommendations, Satisfaction
from storage.inputs import SpendKind

ZERO, HUNDRED = Decimal(0), Decimal(100)
PROVIDE = "by signals.csv or kahvi record (docs/csv.md)"


def _answers(period: Period) -> Sequence[Term]:
    found = period.of(Recommendations)
    counts = {
        "answers of 9 or 10": found.promoters,
        "answers of 0 to 6": found.detractors,
        "answers": found.answers,
    }
    return [Term(name, Unit.COUNT, Decimal(count)) for name, count in counts.items()]


@metric(
    "nps",
    "NPS",
    Unit.POINTS,
    Over.PERIOD,
    needs=(Recommendations,),
    formula="(answers of 9 or 10 − answers of 0 to 6) ÷ answers × 100",
    example="(45 − 15) ÷ (45 + 20 + 15) × 100 = 38",
    owner="Bain",
    terms=_answers,
    aliases=("net promoter score", "promoter score"),
    lowest=-100,
    highest=100,
)
def nps(period: Period) -> Decimal | Missing:
    """How many more would recommend you than would not, of 100 who answered; every answer counts."""
    found = period.of(Recommendations)
    if not found.answers:
        return Missing(f"Nobody answered in this period; provide nps {PROVIDE}.")
    return (found.promoters - found.detractors) * HUNDRED / found.answers


@metric(
    "csat",
    "CSAT",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Satisfaction,),
    formula="answers of 4 or 5 ÷ answers",
    example="72 ÷ 80 = 90.0%",
    owner="common use",
    pace=Pace.STEADY,
    aliases=("customer satisfaction", "satisfaction"),
    highest=1,
)
def csat(period: Period) -> Share | Missing:
    """Share of those who answered that are satisfied; every answer counts."""
    found = period.of(Satisfaction)
    if not found.answers:
        return Missing(f"Nobody answered in this period; provide csat {PROVIDE}.")
    return Share(Decimal(found.satisfied), Decimal(found.answers), found.answers)


@metric(
    "stickiness",
    "Stickiness",
    Unit.SHARE,
    Over.PERIOD,
    needs=(Activity,),
    formula="average of active_users ÷ average of monthly_active_users",
    example="420 ÷ 1,400 = 30.0%",
    owner="common use",
    pace=Pace.STEADY,
    aliases=("dau mau", "dau/mau"),
    highest=1,
)
def stickiness(period: Period) -> Share | Missing:
    """Share of the people who use it in a month that come on an average day, of the accounts where both are known."""
    found = period.of(Activity)
    if not found.monthly:
        names = "active_users and monthly_active_users of the same accounts"
        return Missing(f"How many people use it is not known of this period; provide {names} {PROVIDE}.")
    return Share(found.daily, found.monthly)


@metric(
    "retention_cost",
    "Retention cost",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Costs,),
    formula="retention spend, spread evenly over the days it was for",
    example="9,400 = $9,400.00",
    up=None,
    aliases=("retention spend",),
)
def retention_cost(period: Period) -> Decimal | Missing:
    """What was spent on keeping customers."""
    return _spent(SpendKind.RETENTION, period.of(Costs).retention)


def _kept(period: Period) -> Sequence[Term]:
    kept = Term("customers who were there all through the period", Unit.COUNT, customer_retention(period).part)
    return Term("retention spend", Unit.MONEY, number(retention_cost(period)) or ZERO), kept


@metric(
    "crc",
    "Retention cost per customer",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Costs, Roll),
    formula="retention spend ÷ customers who were there all through the period",
    example="9,400 ÷ (50 − (4 − 1)) = $200.00",
    terms=_kept,
    owner="common use",
    up=False,
    aliases=("customer retention cost", "cost per retained customer"),
)
def crc(period: Period) -> Decimal | Missing:
    """CRC: what keeping one customer cost."""
    spent, kept = retention_cost(period), customer_retention(period).part
    if isinstance(spent, Missing):
        return spent
    return spent / kept if kept else Missing("Nobody was there all through the period, so nobody was kept.")


def _won(period: Period) -> Sequence[Term]:
    spent = number(_spent(SpendKind.ACQUISITION, period.of(Costs).acquisition)) or ZERO
    won = Term("new customers", Unit.COUNT, Decimal(period.of(Roll).customers_new))
    return Term("acquisition spend", Unit.MONEY, spent), won


@metric(
    "cac",
    "CAC",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Costs, Roll),
    formula="acquisition spend ÷ new customers",
    example="5,400 ÷ 6 = $900.00",
    terms=_won,
    owner="common use",
    up=False,
    pace=Pace.STEADY,
    aliases=("customer acquisition cost", "acquisition cost"),
)
def cac(period: Period) -> Decimal | Missing:
    """What winning one customer cost."""
    spent, won = _spent(SpendKind.ACQUISITION, period.of(Costs).acquisition), period.of(Roll).customers_new
    if isinstance(spent, Missing):
        return spent
    return spent / won if won else Missing("Nobody became a customer in this period; ask for a longer one.")


def _worth_and_cost(period: Period) -> Sequence[Term]:
    worth, cost = (number(function(period)) or ZERO for function in (ltv, cac))
    return Term("LTV", Unit.MONEY, worth), Term("CAC", Unit.MONEY, cost)


@metric(
    "ltv_cac",
    "LTV:CAC",
    Unit.RATIO,
    Over.PERIOD,
    needs=(Costs, Roll),
    formula="LTV ÷ CAC",
    example="10,950 ÷ 53 ÷ (4 ÷ 57) ÷ (5,400 ÷ 6) = 3.27",
    terms=_worth_and_cost,
    owner="common use",
    aliases=("ltv cac", "ltv/cac"),
)
def ltv_cac(period: Period) -> Decimal | Missing:
    """How many times over a customer pays back what winning one costs."""
    worth, cost = ltv(period), cac(period)
    if isinstance(cost, Missing):
        return cost
    if isinstance(worth, Missing):
        return worth
    return worth / cost if cost else Missing("Winning customers cost nothing in this period, so there is no ratio.")


def _spent(kind: SpendKind, outlay: Outlay | None) -> Decimal | Missing:
    """An amount that is known for each day of the period; half of it would look like a saving."""
    if outlay is None:
        return Missing(f"What {kind} costs is told for the whole company only; ask without a segment or filter.")
    if outlay.untold:
        month = f"{outlay.untold:%Y-%m}"
        return Missing(
            f"No {kind} spend is told for {month}, or part of it; provide it, 0 where there was none, by spend.csv or"
            f" kahvi record spend {kind} AMOUNT --month {month}."
        )
    if outlay.unrated:
        return Missing(
            f"Some {kind} spend is in {outlay.unrated.upper()}, which has no rate; provide one (docs/csv.md)."
        )
    return outlay.amount
