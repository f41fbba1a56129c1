"""What concerns an account's subscriptions together: begun at one time, and kept at the rate of their first day."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.metrics.axes import FxRate
from bot.metrics.movements import Stepped
from bot.metrics.policy import MetricsPolicy
from bot.metrics.rates import Rates


def together(found: Sequence[Stepped], policy: MetricsPolicy, rates: Rates, zone: ZoneInfo) -> Sequence[Stepped]:
    """The subscriptions of one account as the policy sees them together."""
    if policy.merge_window_min and len(found) > 1:
        found = list(_merged(found, timedelta(minutes=policy.merge_window_min), zone))
    if policy.fx_rate is FxRate.PURCHASE:
        found = [_at_purchase(one, rates, zone) for one in found]
    return found


def _merged(found: Iterable[Stepped], window: timedelta, zone: ZoneInfo) -> Iterable[Stepped]:
    """Those begun shortly after another one, across midnight, count from that one's day."""
    first = None
    for one in sorted(found, key=lambda one: (one.subscription.started_at, one.subscription.id)):
        begun = one.subscription.started_at
        if first is None or begun > first + window:
            first = begun
        day, own = local_day(first, zone), local_day(begun, zone)
        if one.steps and day < own == one.steps[0][0]:
            yield one._replace(steps=[(day, one.steps[0][1]), *one.steps[1:]])
        else:
            yield one


def _at_purchase(one: Stepped, rates: Rates, zone: ZoneInfo) -> Stepped:
    factor = rates.factor(one.subscription.currency, local_day(one.subscription.started_at, zone))
    if factor is None or one.subscription.currency == rates.base:
        return one
    steps = [
        (day, {key: level._replace(amount=level.amount * factor) for key, level in state.items()})
        for day, state in one.steps
    ]
    return one._replace(subscription=replace(one.subscription, currency=rates.base), steps=steps)
