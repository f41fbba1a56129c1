"""What can be named in a question, by what is stored and the policy in force."""

from sqlmodel import Session

from bot.figures import segments
from bot.metrics.axes import AnnualChurnWindow, ChurnWindow
from bot.metrics.catalogue import METRICS, churn
from bot.metrics.question import Names, names_of
from bot.policies import policy_in_force

MONTHLY, ANNUAL = "last month", "365d"


def names(session: Session) -> Names:
    """Metrics, dimensions and tags; and the usual periods of churn where the policy has periods of its own for it."""
    policy = policy_in_force(session)
    of_churn = [one.id for one in METRICS.values() if one.function.__module__ == churn.__name__]
    usual = dict.fromkeys(of_churn, MONTHLY) if policy.churn_window is ChurnWindow.CALENDAR_MONTH else {}
    annual = dict.fromkeys(of_churn, ANNUAL) if policy.annual_churn_window is AnnualChurnWindow.YEAR else {}
    return Names(names_of(METRICS.values()), *segments.names(session), usual, annual)
