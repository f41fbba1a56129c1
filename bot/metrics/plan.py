"""How a metric goes to its target of a month: what it is, and where it would end if it went on as it did."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.metrics.metric import Metric, Missing, Pace, Value, number
from bot.metrics.windows import Window, month_start

FEW_DAYS = 5  # before that many are over, a straight line says more about chance than about the month
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Progress:
    """All in the metric's own unit; `at_pace` is what the month would end at, None while it is too early to say."""

    metric: Metric
    month: date
    target: Decimal
    actual: Decimal
    at_pace: Decimal | None

    @property
    def share(self) -> Decimal | None:
        """The part of the target that is reached; None where the target is none."""
        return self.actual / self.target if self.target > 0 else None

    @property
    def gap(self) -> Decimal | None:
        """By how much the month would end beyond the target; negative is short of it."""
        return None if self.at_pace is None else self.at_pace - self.target

    @property
    def kept(self) -> bool | None:
        """Whether the month would end as planned or better; None where that cannot be told."""
        if self.gap is None or self.metric.up is None:
            return None
        return self.gap >= 0 if self.metric.up else self.gap <= 0


def progress(metric: Metric, target: Decimal, so_far: Window, actual: Value, begin: Value) -> Progress | Missing:
    """From the metric's value over the month up to now, and that at the month's beginning."""
    month = month_start(so_far.start)
    now, before = number(actual), number(begin)
    if now is None:
        return actual if isinstance(actual, Missing) else Missing(f"{metric.name} is not known yet.")
    return Progress(metric, month, target, now, _at_pace(metric, so_far, now, before))


def _at_pace(metric: Metric, so_far: Window, actual: Decimal, begin: Decimal | None) -> Decimal | None:
    """The straight line from where the month began through where it is now, to the month's end."""
    days = (month_start(so_far.start, 1) - month_start(so_far.start)).days
    if so_far.days >= days or metric.pace is Pace.STEADY:
        return actual
    start = {Pace.LEVEL: begin, Pace.FROM_ZERO: Decimal(0), Pace.FROM_WHOLE: ONE}[metric.pace]
    if so_far.days < FEW_DAYS or start is None:
        return None
    return start + (actual - start) * days / so_far.days
