"""Actual against plan: the targets of a month, and how far the figures are on the way to them."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel import Session

from bot.figures import segments
from bot.figures.asked import Asked, Grounds
from bot.figures.loaders import load
from bot.metrics import filters
from bot.metrics.catalogue import in_order
from bot.metrics.filter_words import FilterError
from bot.metrics.metric import Missing
from bot.metrics.plan import Progress, progress
from bot.metrics.rates import Rates
from bot.metrics.windows import Window, month_start
from storage import targets
from storage.fact_reader import exchange_rates
from storage.inputs import Target
from storage.movements import WHOLE
from storage.slices import EVERYTHING, Slice

DAY = timedelta(days=1)


def plans(
    session: Session, grounds: Grounds, until: date, only: Collection[str] | None = None, *, segment: str = ""
) -> dict[str, Progress | Missing]:
    """By metric id in the order of the catalogue, for the month of the last day before `until`; `only` these metrics.

    `segment` is the filter of one (`segments_with_plans`), empty for the company. Nothing where no target is told. A
    metric that cannot be known yet says why.
    """
    so_far = Window(month_start(until - DAY), until)
    told = targets.of_month(session, so_far.start, segment=segment)
    wanted = [metric for metric in in_order() if metric.id in told and (only is None or metric.id in only)]
    if not wanted:
        return {}
    windows = (so_far, Window(month_start(so_far.start, -1), so_far.start))
    try:
        part = _part(session, grounds, until, segment)
    except FilterError as error:
        return {metric.id: Missing(str(error)) for metric in wanted}
    asked = Asked(session, windows, grounds, part)
    now, before = load(asked, [need for metric in wanted for need in metric.needs])[WHOLE]
    found: dict[str, Progress | Missing] = {}
    for metric in wanted:
        target = _worth(asked, told[metric.id])
        found[metric.id] = (
            progress(metric, target.value, so_far, metric.value(now), metric.value(before))
            if isinstance(target, Target)
            else target
        )
    return found


def segments_with_plans(session: Session, until: date) -> list[str]:
    """The filters of the segments that have targets in the month of the last day before `until`."""
    return targets.segments(session, month_start(until - DAY))


def _part(session: Session, grounds: Grounds, until: date, segment: str) -> Slice:
    if not segment:
        return EVERYTHING
    found = filters.parse(segment, *segments.names(session))
    rates = Rates(grounds.base, exchange_rates(session, grounds.base))
    part, _ = segments.sliced(session, segments.moment(session, rates, until), "", found)
    return part.once(session)


def _worth(asked: Asked, target: Target) -> Target | Missing:
    """The target in the currency of the figures, by the rate of the last day."""
    if target.currency is None:
        return target
    amount = asked.rates.convert(target.value, target.currency, asked.until - DAY)
    if amount is None:
        return Missing(f"The target is in {target.currency.upper()}, which has no rate; provide one (docs/csv.md).")
    return Target(target.metric, target.month, amount, asked.grounds.base, target.segment, target.origin)
