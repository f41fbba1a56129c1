"""What is to come: the company's cohorts as they are stored, forecast and checked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from bot.figures import segments
from bot.figures.asked import Asked, Grounds
from bot.figures.loaders import load
from bot.metrics.forecast import Checked, Cohorts, Forecast, backtest, forecast
from bot.metrics.metric import Missing
from bot.metrics.rolls import Roll
from bot.metrics.windows import month_start, months
from storage import ledger
from storage.slices import Slice

LONGEST = 48  # months of the past that are looked at


@dataclass(frozen=True, slots=True)
class Outlook:
    """The end of the last whole month and its MRR, what comes next, and how such forecasts fared before."""

    since: date
    mrr: Decimal
    forecast: Forecast | Missing
    checked: list[Checked] | Missing


def ahead(session: Session, grounds: Grounds, today: date) -> Outlook:
    """The twelve months after the last whole one."""
    known = cohorts(session, grounds, today)
    ends = known.ends()
    return Outlook(month_start(today), ends[-1] if ends else Decimal(0), forecast(known), backtest(known))


def cohorts(session: Session, grounds: Grounds, today: date) -> Cohorts:
    """The whole months before today since the first MRR, at most LONGEST, with each cohort's rolls."""
    first, end = ledger.first_day(session), month_start(today)
    if first is None or month_start(first, 1) > end:
        return Cohorts((), {})
    whole = tuple(months(max(month_start(first), month_start(end, -LONGEST)), end))
    at = segments.moment(session, Asked(session, whole, grounds).rates, end)
    asked = Asked(session, whole, grounds, Slice(by=segments.dimension("cohort").by(at)))
    found = load(asked, (Roll,))
    return Cohorts(
        whole,
        {
            date.fromisoformat(f"{label}-01"): [period.of(Roll) for period in periods]
            for label, periods in found.items()
            if label[:1].isdigit()
        },
    )
