"""Is a fix worth it? What the customers who missed a feature would have gone on paying, against what it costs.

A customer stays as many months as churn says: one divided by the monthly share of customers that leave, over the last
year (the usual lifetime of the catalogue's LTV). Nobody counts who would have left anyway, or could not be kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session

from bot.exits.reasons import Avoidable
from bot.figures import Asked, Grounds, load
from bot.figures.exits import Exit, Exits
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import number
from bot.metrics.windows import Window
from storage.movements import WHOLE
from storage.states import Answer

YEAR, MONTHS = timedelta(days=365), 12
LONGEST = Decimal(60)  # months, that anybody may count on


@dataclass(frozen=True, slots=True)
class Worth:
    """`held` would have stayed, the `others` not; `mrr` of those held, `value` what they would have paid on.

    Amounts are minor units of the base. `months` is how long customers stay, None where no churn tells it; then they
    count for a year.
    """

    held: tuple[Exit, ...]
    others: int
    mrr: Decimal
    months: Decimal | None
    value: Decimal
    cost: Decimal

    @property
    def times(self) -> Decimal | None:
        """How often the fix would pay for itself."""
        return self.value / self.cost if self.cost else None

    @property
    def pays_back(self) -> Decimal | None:
        """After how many months it would have; None when it never would."""
        if not self.mrr:
            return None
        months = self.cost / self.mrr
        return months if months <= (self.months or MONTHS) else None


def worth(found: Exits, tag: str, months: Decimal | None, cost: Decimal) -> Worth:
    """What a fix of one feature would have held, of the exits of a period."""
    named = [one for one in found.exits if tag in one.said.tags]
    held = tuple(one for one in named if _could_stay(found, one))
    mrr = found.tally(held).lost
    return Worth(held, len(named) - len(held), mrr, months, mrr * (months or MONTHS), cost)


def lifetime(session: Session, grounds: Grounds, found: Exits) -> Decimal | None:
    """How many months a customer stays, at most sixty; None where nobody left or nobody was there."""
    end, churn = found.span.window.end, METRICS["customer_churn"]
    (period,) = load(Asked(session, (Window(end - YEAR, end),), grounds), churn.needs)[WHOLE]
    share = number(churn.function(period))
    return min(MONTHS / share, LONGEST) if share else None


def _could_stay(found: Exits, one: Exit) -> bool:
    return found.avoidable(one) is not Avoidable.NO and one.said.left_anyway is not Answer.YES
