"""Loading cohorts and how long accounts stay."""

from collections import Counter, defaultdict

from bot.figures.asked import Asked
from bot.figures.loaders import Key, loads
from bot.metrics.cohorts import Cohorts, Logos, cohorts
from bot.metrics.survival import Tenures, whole_months
from storage.cohorts import cohort_sums, logo_sums
from storage.stays import stays


@loads(Cohorts)
def _cohorts(asked: Asked) -> dict[Key, Cohorts]:
    found: dict[Key, Cohorts] = {}
    for at, window in enumerate(asked.windows):
        sums = cohort_sums(asked.session, window.start, window.end, asked.grounds.base, asked.part)
        found.update(((label, at), one) for label, one in cohorts(sums, window, asked.rates).items())
    return found


@loads(Logos)
def _logos(asked: Asked) -> dict[Key, Logos]:
    found: dict[Key, Logos] = {}
    for at, window in enumerate(asked.windows):
        sums = logo_sums(asked.session, window.start, window.end, asked.grounds.base, asked.part)
        found.update(((label, at), Logos(one.each)) for label, one in cohorts(sums, window, asked.rates).items())
    return found


@loads(Tenures)
def _tenures(asked: Asked) -> dict[Key, Tenures]:
    ended: defaultdict[Key, Counter[int]] = defaultdict(Counter)
    running: defaultdict[Key, Counter[int]] = defaultdict(Counter)
    for at, window in enumerate(asked.windows):
        for one in stays(asked.session, window.end, asked.part):
            side = running if one.end is None else ended
            side[one.label, at][whole_months(one.start, one.end or window.end)] += one.count
    return {key: Tenures(ended[key], running[key]) for key in ended.keys() | running.keys()}
