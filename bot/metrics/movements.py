"""From the steps of an account's subscriptions to its movements: one kind per account and day, netted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from bot.metrics.axes import ZeroMrr
from bot.metrics.history import State
from bot.metrics.mrr import Level, whole
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rates import Rates
from storage.facts import CancelKind, Price, Status, Subscription
from storage.movements import Movement
from storage.states import Cause, MovementKind

SOLD_AS = attrgetter("product_id", "nickname", "interval", "interval_count")
Whole = dict[tuple[str, str], int]  # minor units by product and price
NO_PRICES: Mapping[str, Price] = MappingProxyType({})


class Stepped(NamedTuple):
    """A subscription with its steps (see `bot.metrics.history.steps`), and the days on which payments broke it off."""

    subscription: Subscription
    steps: Sequence[tuple[date, State]]
    breaks: frozenset[date] = frozenset()


class _Delta(NamedTuple):
    subscription: Subscription
    product_id: str
    price_id: str
    amount: int
    cause: Cause
    alive: bool


def movements(
    account_id: str,
    stepped: Sequence[Stepped],
    rates: Rates,
    policy: MetricsPolicy = KAHVI,
    prices: Mapping[str, Price] = NO_PRICES,
) -> list[Movement]:
    """All movements of one account in order of day; their sum per currency is its present MRR.

    `prices`, by id, tell a plan whose price changed from another plan.

    A day has one kind for the whole account, by what it was worth before and after; so moving between plans,
    subscriptions or currencies on one day is one expansion or contraction, never churn and new.
    """
    found: list[Movement] = []
    standing = _Standing(policy)
    free = policy.zero_mrr_customer is ZeroMrr.STAYS_ACTIVE
    for day, deltas in _by_day(stepped, prices, free=free):
        before = standing.customer
        standing.add(deltas)
        if not before and not standing.customer:
            continue
        kind = _kind(standing, before=before, deltas=deltas, day=day, rates=rates)
        standing.moved(kind, day)
        rows = [delta for delta in deltas if delta.amount] or (deltas[:1] if kind is MovementKind.CHURN else [])
        accounts = 1
        for own, product_id, price_id, amount, cause, _ in rows:
            found.append(
                Movement(account_id, day, own.id, price_id, product_id, own.currency, kind, amount, accounts, cause)
            )
            accounts = 0
    return found


class _Standing:
    """Whether the account is a customer, and whether and until when it was one before."""

    def __init__(self, policy: MetricsPolicy) -> None:
        self._gap = policy.reactivation_gap_days
        self._stays = policy.zero_mrr_customer is ZeroMrr.STAYS_ACTIVE
        self._totals: defaultdict[str, int] = defaultdict(int)
        self._alive: set[str] = set()
        self._ever = False
        self._left: date | None = None
        self.customer = False

    def add(self, deltas: Sequence[_Delta]) -> None:
        for delta in deltas:
            self._totals[delta.subscription.currency] += delta.amount
            (self._alive.add if delta.alive else self._alive.discard)(delta.subscription.id)
        pays = any(self._totals.values())
        self._ever = self._ever or pays
        self.customer = pays or (self._stays and self._ever and bool(self._alive))

    def comes(self, day: date) -> MovementKind:
        """What its coming on a day is."""
        if self._left is None or (self._gap and (day - self._left).days > self._gap):
            return MovementKind.NEW
        return MovementKind.REACTIVATION

    def moved(self, kind: MovementKind, day: date) -> None:
        if kind is MovementKind.CHURN:
            self._left = day


def _by_day(
    stepped: Sequence[Stepped], prices: Mapping[str, Price], *, free: bool
) -> Iterator[tuple[date, list[_Delta]]]:
    days: defaultdict[date, list[_Delta]] = defaultdict(list)
    for one in stepped:
        before: State = {}
        old: Whole = {}
        for day, after in one.steps:
            new = whole(after)
            if changes := _changes(old, new):
                cause, alive = _cause(one, day, before, after, prices), bool(after)
                days[day] += [_Delta(one.subscription, *priced, amount, cause, alive) for priced, amount in changes]
            elif free and not new:
                level = next(iter((before or after).values()))
                cause, alive = _cause(one, day, before, after, prices), bool(after)
                days[day].append(_Delta(one.subscription, level.product_id, level.price_id, 0, cause, alive))
            before, old = after, new
    for day in sorted(days):
        yield day, days[day]


def _changes(old: Whole, new: Whole) -> list[tuple[tuple[str, str], int]]:
    """By how much each product and price changed, in order of their names."""
    either = new if old.keys() == new.keys() else old.keys() | new.keys()
    return [(priced, change) for priced in sorted(either) if (change := new.get(priced, 0) - old.get(priced, 0))]


def _cause(one: Stepped, day: date, before: State, after: State, prices: Mapping[str, Price]) -> Cause:
    if not before:
        return Cause.STARTED
    if not after:
        return Cause.PAYMENT_FAILED if day in one.breaks else _ending(one.subscription)
    pairs = [(level, after[key]) for key, level in before.items() if key in after]
    if before.keys() != after.keys():
        gone, come = _only_in(before, after), _only_in(after, before)
        if len(gone) != len(come):
            return Cause.ADDED if len(come) > len(gone) else Cause.REMOVED
        # An item that came as another one went took its place: sources may give a changed item another id.
        pairs += zip(gone, come, strict=True)
    cause = Cause.PRICE
    for old, new in pairs:
        if not _same_plan(old, new, prices):
            return Cause.PLAN
        if old.quantity != new.quantity:
            cause = Cause.SEATS
    return cause


def _only_in(one: State, other: State) -> list[Level]:
    """The levels of items that the other state has not; those of one product pair up in order."""
    return sorted(level for key, level in one.items() if key not in other)


def _same_plan(old: Level, new: Level, prices: Mapping[str, Price]) -> bool:
    """Whether two levels are of one price, or of prices that are told apart by nothing but their amounts."""
    if old.price_id == new.price_id:
        return True
    one, other = prices.get(old.price_id), prices.get(new.price_id)
    return one is not None and other is not None and bool(one.nickname) and SOLD_AS(one) == SOLD_AS(other)


def _ending(subscription: Subscription) -> Cause:
    if subscription.status is Status.UNPAID or subscription.cancel_kind is CancelKind.PAYMENT_FAILED:
        return Cause.PAYMENT_FAILED
    return Cause.PAUSED if subscription.status is Status.PAUSED else Cause.CANCELLED


def _kind(standing: _Standing, *, before: bool, deltas: Sequence[_Delta], day: date, rates: Rates) -> MovementKind:
    if not before:
        return standing.comes(day)
    if not standing.customer:
        return MovementKind.CHURN
    return MovementKind.EXPANSION if _net(deltas, day, rates) >= 0 else MovementKind.CONTRACTION


def _net(deltas: Sequence[_Delta], day: date, rates: Rates) -> Decimal | int:
    """The day's sum; of several currencies in the base one, as far as rates are known."""
    if len(deltas) == 1:
        return deltas[0].amount
    sums: defaultdict[str, int] = defaultdict(int)
    for delta in deltas:
        sums[delta.subscription.currency] += delta.amount
    if len(sums) == 1:
        return sum(sums.values())
    known = [rates.convert(amount, currency, day) for currency, amount in sums.items()]
    return sum((amount for amount in known if amount is not None), Decimal(0))
