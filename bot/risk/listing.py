"""The accounts at risk, of all, of one owner or of a filter: a page of them, and what is at stake in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from bot.risk import calibration, recovery
from bot.risk.calibration import Calibration
from bot.risk.recovery import Recovery
from bot.risk.whose import Whose, theirs
from storage import risks
from storage.risks import Ranked, Totals

LEAST = 30  # from which score on an account is worth a look
PAGE, ROWS = 8, 2000  # accounts in a message, and in an export


@dataclass(frozen=True, slots=True)
class Listing:
    """Of `whose` accounts; the page begins behind `start` of them.

    Where the past taught what scores mean, `likely` is that map; `recovery` is what comes of payments that failed.
    """

    whose: Whose
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


def listed(session: Session, whose: Whose, base: str, today: date, *, start: int = 0, count: int = PAGE) -> Listing:
    """A page of those with a score of 30 or more, a hard reason or an alert. Raises FilterError for no filter."""
    among = theirs(session, whose, lambda: risks.listed(session, LEAST), base, today)
    totals = risks.totals(session, LEAST, among)
    start = start if start < totals.accounts else 0  # the list became shorter since
    page, likely = risks.ranked(session, LEAST, start, count, among), calibration.in_force(session)
    return Listing(whose, base, totals, page, start, recovery.in_force(session), likely)
