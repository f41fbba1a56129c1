"""The accounts at risk, of all, of one owner or of a filter: a page of them, and what is at stake in all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from bot.figures import segments
from bot.risk import calibration, recovery
from bot.risk.calibration import Calibration
from bot.risk.recovery import Recovery
from storage import risks
from storage.risks import Ranked, Totals

LEAST = 30  # from which score on an account is worth a look
PAGE, ALL = 8, 2000


@dataclass(frozen=True, slots=True)
class Listing:
    """`asked` is "all", "me", or the filter as typed; the page begins behind `start` accounts.

    Where the past taught what scores mean, `likely` is that map; `recovery` is what comes of payments that failed.
    """

    asked: str
    base: str
    totals: Totals
    page: Sequence[Ranked]
    start: int
    recovery: Recovery
    likely: Calibration | None = None

    @property
    def involuntary(self) -> int | None:
        """What will be lost of the MRR that waits for payments, in minor units; None where too few failures say."""
        return self.recovery.involuntary(self.totals.overdue)


def listed(
    session: Session, asked: str, owner: str | None, base: str, today: date, *, start: int = 0, count: int = PAGE
) -> Listing:
    """A page of those with a score of 30 or more, a hard reason or an alert. Raises FilterError for no filter."""
    among = _among(session, asked, owner, base, today)
    totals = risks.totals(session, LEAST, among)
    start = start if start < totals.accounts else 0  # the list became shorter since
    page, likely = risks.ranked(session, LEAST, start, count, among), calibration.in_force(session)
    return Listing(asked, base, totals, page, start, recovery.in_force(session), likely)


def _among(session: Session, asked: str, owner: str | None, base: str, today: date) -> Collection[str] | None:
    if asked == "all":
        return None
    if asked == "me":
        return risks.owned_by(session, owner or "")
    return segments.fitting(session, asked, risks.listed(session, LEAST), base, today)
