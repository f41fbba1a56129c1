"""From the steps of an account's subscriptions to its movements: one kind per account and day, netted."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.metrics.history import State
from bot.metrics.mrr import whole
from bot.metrics.rates import Rates
from storage.facts import CancelKind, Status, Subscription
from storage.movements import Movement
from storage.states import Cause, MovementKind


@dataclass(frozen=True, slots=True)
class Stepped:
    """A subscription with its steps (see `bot.metrics.history.steps`)."""

    subscription: Subscription
    steps: Sequence[tuple[date, State]]


@dataclass(frozen=True, slots=True)
class _Delta:
    subscription: Subscription
    product_id: str
    price_id: str
    amount: int
    cause: Cause


def movements(account_id: str, stepped: Sequence[Stepped], rates: Rates) -> list[Movement]:
    """All movements of one account in order of day; their sum per currency is its present MRR.

    A day has one kind for the whole account, by what it was worth before and after; so moving between plans,
    subscriptions or currencies on one day is one expansion or contraction, never churn and new.
    """
    found: list[Movement] = []
    total: defaultdict[str, int] = defaultdict(int)
    ever = False
    for day, deltas in _by_day(stepped):
        before = any(total.values())
        for delta in deltas:
            total[delta.subscription.currency] += delta.amount
        kind = _kind(before=before, after=any(total.values()), ever=ever, deltas=deltas, day=day, rates=rates)
        ever = True
        found.extend(
            Movement(
                account_id=account_id,
                day=day,
                subscription_id=delta.subscription.id,
                price_id=delta.price_id,
                product_id=delta.product_id,
                currency=delta.subscription.currency,
                kind=kind,
                amount=delta.amount,
                accounts=int(index == 0),
                cause=delta.cause,
            )
            for index, delta in enumerate(deltas)
        )
    return found


def _by_day(stepped: Sequence[Stepped]) -> Iterator[tuple[date, list[_Delta]]]:
    days: defaultdict[date, list[_Delta]] = defaultdict(list)
    for one in stepped:
        state: State = {}
        for day, after in one.steps:
            days[day].extend(_deltas(one.subscription, state, after))
            state = after
    for day in sorted(days):
        if days[day]:
            yield day, days[day]


def _deltas(subscription: Subscription, before: State, after: State) -> Iterator[_Delta]:
    old, new = whole(before), whole(after)
    for priced in sorted(old.keys() | new.keys()):
        amount = new.get(priced, 0) - old.get(priced, 0)
        if amount:
            yield _Delta(subscription, *priced, amount, _cause(subscription, before, after))


def _cause(subscription: Subscription, before: State, after: State) -> Cause:
    if not before:
        return Cause.STARTED
    if not after:
        return _ending(subscription)
    if before.keys() != after.keys():
        return Cause.ADDED if after.keys() - before.keys() else Cause.REMOVED
    if any(before[key].price_id != after[key].price_id for key in before):
        return Cause.PLAN
    if any(before[key].quantity != after[key].quantity for key in before):
        return Cause.SEATS
    return Cause.PRICE


def _ending(subscription: Subscription) -> Cause:
    if subscription.status is Status.UNPAID or subscription.cancel_kind is CancelKind.PAYMENT_FAILED:
        return Cause.PAYMENT_FAILED
    return Cause.PAUSED if subscription.status is Status.PAUSED else Cause.CANCELLED


def _kind(*, before: bool, after: bool, ever: bool, deltas: Sequence[_Delta], day: date, rates: Rates) -> MovementKind:
    if not before:
        return MovementKind.REACTIVATION if ever else MovementKind.NEW
    if not after:
        return MovementKind.CHURN
    return MovementKind.EXPANSION if _net(deltas, day, rates) >= 0 else MovementKind.CONTRACTION


def _net(deltas: Sequence[_Delta], day: date, rates: Rates) -> Decimal:
    """The day's sum; of several currencies in the base one, as far as rates are known."""
    sums: defaultdict[str, int] = defaultdict(int)
    for delta in deltas:
        sums[delta.subscription.currency] += delta.amount
    if len(sums) == 1:
        return Decimal(sum(sums.values()))
    known = [rates.convert(amount, currency, day) for currency, amount in sums.items()]
    return sum((amount for amount in known if amount is not None), Decimal(0))
