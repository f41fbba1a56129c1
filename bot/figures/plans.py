"""Actual against plan: the targets of a month, and how far the figures are on the way to them."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel import Session

from bot.figures.asked import Asked, Grounds
from bot.figures.loaders import load
from bot.metrics.catalogue import in_order
from bot.metrics.metric import Missing
from bot.metrics.plan import Progress, progress
from bot.metrics.windows import Window, month_start
from storage import targets
from storage.inputs import Target
from storage.movements import WHOLE

DAY = timedelta(days=1)


def plans(
    session: Session, grounds: Grounds, until: date, only: Collection[str] | None = None
) -> dict[str, Progress | Missing]:
    """By metric id in the order of the catalogue, for the month of the last day before `until`; `only` these metrics.

    Nothing where no target is told. A metric that cannot be known yet says why.
    """
    so_far = Window(month_start(until - DAY), until)
    told = targets.of_month(session, so_far.start)
    wanted = [metric for metric in in_order() if metric.id in told and (only is None or metric.id in only)]
    if not wanted:
        return {}
    asked = Asked(session, (so_far, Window(month_start(so_far.start, -1), so_far.start)), grounds)
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


def _worth(asked: Asked, target: Target) -> Target | Missing:
    """The target in the currency of the figures, by the rate of the last day."""
    if target.currency is None:
        return target
    amount = asked.rates.convert(target.value, target.currency, asked.until - DAY)
    if amount is None:
        return Missing(f"The target is in {target.currency.upper()}, which has no rate; provide one (docs/csv.md).")
    return Target(target.metric, target.month, amount, asked.grounds.base, target.segment, target.origin)
