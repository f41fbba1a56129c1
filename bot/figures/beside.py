"""Loading what is told beside billing."""

from collections import defaultdict
from decimal import Decimal

from bot.figures.asked import Asked
from bot.figures.loaders import Key, loads
from bot.inputs.names import ACTIVE, ACTIVE_MONTHLY, CSAT, NPS
from bot.metrics.activity import Activity, activity
from bot.metrics.costs import Costs, outlay
from bot.metrics.surveys import Recommendations, Satisfaction, recommendations, satisfaction
from storage import signals, spend
from storage.inputs import COMPANY, SpendKind
from storage.movements import WHOLE

Counted = list[tuple[Decimal, int]]


@loads(Recommendations)
def _recommendations(asked: Asked) -> dict[Key, Recommendations]:
    return {key: recommendations(counted) for key, counted in _answers(asked, NPS).items()}


@loads(Satisfaction)
def _satisfaction(asked: Asked) -> dict[Key, Satisfaction]:
    return {key: satisfaction(counted) for key, counted in _answers(asked, CSAT).items()}


@loads(Activity)
def _activity(asked: Asked) -> dict[Key, Activity]:
    found: dict[Key, Activity] = {}
    for at, window in enumerate(asked.windows):
        start, end = asked.instant(window.start), asked.instant(window.end)
        means: defaultdict[str, dict[str, dict[str, Decimal]]] = defaultdict(lambda: {ACTIVE: {}, ACTIVE_MONTHLY: {}})
        for one in signals.levels(asked.session, (ACTIVE, ACTIVE_MONTHLY), start, end, asked.part):
            means[one.label][one.name][one.account_id] = one.total / one.count
        for label, by_name in means.items():
            found[label, at] = activity(by_name[ACTIVE], by_name[ACTIVE_MONTHLY], COMPANY)
    return found


@loads(Costs)
def _costs(asked: Asked) -> dict[Key, Costs]:
    """Of the whole company only: nobody says for whom money was spent."""
    if asked.part.divides or asked.part.accounts:
        return {}
    found: dict[Key, Costs] = {}
    for at, window in enumerate(asked.windows):
        told = spend.between(asked.session, window.start, window.end)
        retention, acquisition = (
            outlay(window, (one for one in told if one.kind is kind), asked.rates)
            for kind in (SpendKind.RETENTION, SpendKind.ACQUISITION)
        )
        found[WHOLE, at] = Costs(retention, acquisition)
    return found


def _answers(asked: Asked, name: str) -> dict[Key, Counted]:
    found: defaultdict[Key, Counted] = defaultdict(list)
    for at, window in enumerate(asked.windows):
        start, end = asked.instant(window.start), asked.instant(window.end)
        for one in signals.answers(asked.session, name, start, end, asked.part):
            found[one.label, at].append((one.value, one.count))
    return dict(found)
