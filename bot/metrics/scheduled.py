"""What is known today to happen to MRR on later days: planned ends, and the phases of schedules.

Nothing of it is in MRR before its day: the metric of scheduled changes is made of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.metrics.mrr import Level, counts, levels, whole
from bot.metrics.policy import MetricsPolicy
from storage.facts import Discount, Item, Phase, Price, Schedule, Status, Subscription
from storage.states import Cause

Step = tuple[datetime, dict[str, Level]]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A change of one subscription's MRR that is planned for a later local day: signed minor units, and why."""

    account_id: str
    subscription_id: str
    day: date
    currency: str
    amount: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Plans:
    """What plans are valued by; `discounts` are those of accounts."""

    prices: Mapping[str, Price]
    discounts: Mapping[str, Sequence[Discount]]
    policy: MetricsPolicy
    zone: ZoneInfo
    now: datetime


def scheduled(subscription: Subscription, schedule: Schedule | None, plans: Plans) -> list[Scheduled]:
    """The planned changes of a subscription in order of day; one that ends has none after its end."""
    found: list[Scheduled] = []
    standing = _worth(_level(subscription, plans, plans.now)) if counts(subscription.status, plans.policy) else 0
    for at, level in _steps(subscription, schedule, plans):
        after = _worth(level)
        if after != standing:
            cause = _cause(standing, after)
            day = local_day(at, plans.zone)
            own = subscription
            found.append(Scheduled(own.account_id, own.id, day, own.currency, after - standing, cause))
        standing = after
    return found


def begun_by(schedule: Schedule, currency: str) -> Subscription:
    """The subscription that a schedule will begin, before there is one."""
    start = schedule.phases[0].starts_at
    return Subscription(
        id=schedule.id,
        account_id=schedule.account_id,
        source=schedule.source,
        status=Status.SCHEDULED,
        status_word="not_started",
        currency=currency,
        started_at=start,
    )


def _steps(subscription: Subscription, schedule: Schedule | None, plans: Plans) -> Iterator[Step]:
    end = _end(subscription, schedule)
    for phase in schedule.phases if schedule else ():
        if phase.starts_at > plans.now and (end is None or phase.starts_at < end):
            yield phase.starts_at, _level(_in_phase(subscription, phase), plans, phase.starts_at)
    if end is not None and end > plans.now:
        yield end, {}


def _end(subscription: Subscription, schedule: Schedule | None) -> datetime | None:
    """When it ends, as far as that is planned: by itself, or with a schedule that cancels."""
    planned = subscription.ended_at or subscription.cancel_at
    if planned is None and schedule and schedule.cancels and schedule.phases:
        return schedule.phases[-1].ends_at
    return planned


def _in_phase(subscription: Subscription, phase: Phase) -> Subscription:
    own = {item.price_id: item.discounts for item in subscription.items}
    items = tuple(
        Item(id=f"{number}", price_id=price_id, quantity=quantity, discounts=own.get(price_id, ()))
        for number, (price_id, quantity) in enumerate(phase.items)
    )
    return replace(subscription, items=items, trial_end=phase.trial_end)


def _level(subscription: Subscription, plans: Plans, at: datetime) -> dict[str, Level]:
    discounts = plans.discounts.get(subscription.account_id, ())
    return levels(subscription, discounts, plans.prices, plans.policy, at)


def _worth(level: Mapping[str, Level]) -> int:
    return sum(whole(level).values())


def _cause(before: int, after: int) -> Cause:
    if not after:
        return Cause.CANCELLED
    return Cause.PLAN if before else Cause.STARTED
