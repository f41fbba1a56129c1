"""What is said of a metric on its way to a target, in the digest as in answers."""

from calendar import monthrange
from decimal import Decimal

from bot.metrics.metric import Missing, Unit
from bot.metrics.plan import Progress
from bot.telling.told import percent, worded


def against_plan(one: Progress | Missing, base: str) -> str:
    """$9,000 of $10,000 (90.0%); at this pace $9,800 by 30 November, $200 short."""
    return one.why if isinstance(one, Missing) else f"{_reached(one, base)}{_pace(one, base)}"


def _reached(one: Progress, base: str) -> str:
    """How much there is of what is planned; of a figure that is better low, beside the most that it may be."""
    actual, target = _value(one, one.actual, base), _value(one, one.target, base)
    if one.metric.up is False:
        return f"{actual}, planned at most {target}"
    if one.metric.unit in (Unit.MONEY, Unit.COUNT) and one.share is not None and one.share >= 0:
        return f"{actual} of {target} ({percent(one.share)})"
    return f"{actual}, planned {target}"


def _pace(one: Progress, base: str) -> str:
    if one.at_pace is None or one.gap is None:
        return ""
    missed = "short" if one.gap < 0 else "too much"
    by = f"{abs(one.gap) * 100:.1f} points" if one.metric.unit is Unit.SHARE else _value(one, abs(one.gap), base)
    kept = {True: ", on plan", False: f", {by} {missed}", None: ""}[one.kept]
    if one.at_pace == one.actual:
        return kept
    last = monthrange(one.month.year, one.month.month)[1]
    return f"; at this pace {_value(one, one.at_pace, base)} by {last} {one.month:%B}{kept}"


def _value(one: Progress, value: Decimal, base: str) -> str:
    return worded(value, one.metric.unit, base)
