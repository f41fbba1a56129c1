"""Loading cohorts."""

from bot.figures.asked import Asked
from bot.figures.loaders import Key, loads
from bot.metrics.cohorts import Cohorts, cohorts
from storage.cohorts import cohort_sums


@loads(Cohorts)
def _cohorts(asked: Asked) -> dict[Key, Cohorts]:
    found: dict[Key, Cohorts] = {}
    for at, window in enumerate(asked.windows):
        sums = cohort_sums(asked.session, window.start, window.end, asked.grounds.base, asked.part)
        found.update(((label, at), one) for label, one in cohorts(sums, window, asked.rates).items())
    return found
