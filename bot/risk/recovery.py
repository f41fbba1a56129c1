"""How much of what fails to be charged comes in the end, by the workspace's own history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.metrics.rates import Rates
from storage import recoveries, tunings
from storage.fact_reader import exchange_rates
from storage.tunings import BY_ITSELF, RECOVERY

YEAR, DECIDED = timedelta(days=365), timedelta(days=30)  # within which tries go on
THOUSANDTH = Decimal("0.001")
FEWEST = 20  # failures from which a rate says anything


@dataclass(frozen=True, slots=True)
class Recovery:
    """`rate` is the share of money that came although its first charge failed, None where too few did to say."""

    failures: int
    rate: Decimal | None

    def involuntary(self, overdue: int) -> int | None:
        """What of MRR that waits for failed payments will be lost, in minor units; None where nobody knows."""
        return None if self.rate is None else int((overdue * (1 - self.rate)).to_integral_value())


def in_force(session: Session) -> Recovery:
    """As it was found last: it takes a look at every payment of a year."""
    kept = tunings.in_force(session, RECOVERY)
    if kept is None:
        return Recovery(0, None)
    failures, rate = kept.tuning["failures"], kept.tuning["rate"]
    return Recovery(failures, None if rate is None else Decimal(rate))


def keep(session: Session, base: str, zone: ZoneInfo, now: datetime) -> None:
    """Find it anew, for this day."""
    found = recovery(session, base, zone, now)
    if found != in_force(session):
        told = {"failures": found.failures, "rate": None if found.rate is None else str(found.rate)}
        tunings.choose(session, told, BY_ITSELF, now, RECOVERY)


def recovery(session: Session, base: str, zone: ZoneInfo, now: datetime) -> Recovery:
    """Of the charges that first failed in a year, but for those of the last 30 days, which are still tried."""
    rates = Rates(base, exchange_rates(session, base))
    failures, whole, came = 0, Decimal(0), Decimal(0)
    for one in recoveries.series(session, now - YEAR, now - DECIDED):
        worth = rates.convert(one.amount, one.currency, local_day(one.failed_at, zone))
        if worth is None:
            continue
        failures += 1
        whole += worth
        came += worth if one.recovered else 0
    rate = (came / whole).quantize(THOUSANDTH) if failures >= FEWEST and whole else None
    return Recovery(failures, rate)
