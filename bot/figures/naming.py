"""What can be named in a question, by what is stored and the policy in force."""

from sqlmodel import Session

from bot.figures import segments
from bot.metrics.axes import ChurnWindow
from bot.metrics.catalogue import METRICS, churn
from bot.metrics.question import Names, names_of
from bot.policies import policy_in_force

MONTHLY = "last month"


def names(session: Session) -> Names:
    """Metrics, dimensions and tags; where the policy counts churn by the month, the last one is its usual period."""
    usual = {}
    if policy_in_force(session).churn_window is ChurnWindow.CALENDAR_MONTH:
        usual = {one.id: MONTHLY for one in METRICS.values() if one.function.__module__ == churn.__name__}
    return Names(names_of(METRICS.values()), *segments.names(session), usual)
