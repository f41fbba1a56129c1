"""What a subscription is worth per month at one instant, by its present items, prices and discounts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple, assert_never

from bot.metrics.axes import OnceDiscounts, Pause, RecurringDiscounts, Trials, Unpaid
from bot.metrics.policy import MetricsPolicy
from bot.money import rounded
from storage.facts import Discount, Duration, Interval, Item, Price, Scheme, Status, Subscription, Tier, Usage

HUNDRED = Decimal(100)
DAYS = {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 30, Interval.YEAR: 365}  # of a bill, about


class Level(NamedTuple):
    """What one item is worth per month: unrounded minor units in the subscription's currency."""

    product_id: str
    price_id: str
    quantity: Decimal
    amount: Decimal


def levels(
    subscription: Subscription,
    account_discounts: Sequence[Discount],
    prices: Mapping[str, Price],
    policy: MetricsPolicy,
    at: datetime,
) -> dict[str, Level]:
    """The monthly worth of each licensed item in force at an instant, by item id; nothing for trials.

    Whether the subscription's status lets it count at all is `counts`.
    """
    on_trial = subscription.trial_end is not None and at < subscription.trial_end
    if on_trial and policy.trials is Trials.OUT:
        return {}
    asked = {
        item.id: (item, price, amount)
        for item in subscription.items
        if _in_force(item, policy, at)
        and (price := prices.get(item.price_id)) is not None
        and price.usage is Usage.LICENSED
        and price.interval
        and (amount := asked_amount(price, Decimal(item.quantity), subscription.currency)) is not None
    }
    shared = subscription.discounts or account_discounts
    net = {key: amount for key, (_, _, amount) in asked.items()}
    for key, (item, price, _) in asked.items():
        if item.discounts:
            own = _discounted(
                {key: net[key]}, {key: price}, item.discounts, currency=subscription.currency, policy=policy, at=at
            )
            net.update(own)
    if shared:
        by_price = {key: price for key, (_, price, _) in asked.items()}
        net = _discounted(net, by_price, shared, currency=subscription.currency, policy=policy, at=at)
    return {
        key: Level(price.product_id or price.id, price.id, Decimal(item.quantity), net[key] / months(price, policy))
        for key, (item, price, _) in asked.items()
    }


def counts(status: Status, policy: MetricsPolicy) -> bool:
    """Whether a subscription of this status is in MRR."""
    match status:
        case Status.ACTIVE:
            return True
        case Status.PAST_DUE:
            return policy.past_due.days != 0
        case Status.UNPAID:
            return policy.unpaid is Unpaid.IN
        case Status.TRIALING:
            return policy.trials is Trials.IN
        case Status.PAUSED:
            return policy.pause is Pause.IN
        case Status.SCHEDULED | Status.NEVER_STARTED | Status.ENDED | Status.UNKNOWN:
            return False
        case _:
            assert_never(status)


def months(price: Price, policy: MetricsPolicy) -> Decimal:
    """How many months one interval of a price covers."""
    match price.interval:
        case Interval.YEAR:
            length = Decimal(12)
        case Interval.MONTH | None:
            length = Decimal(1)
        case Interval.WEEK:
            length = 1 / policy.week_factor
        case Interval.DAY:
            length = 1 / policy.day_factor
        case _:
            assert_never(price.interval)
    return length * price.interval_count


def asked_amount(price: Price, quantity: Decimal, currency: str) -> Decimal | None:
    """Minor units that a price asks per interval for a quantity; None when it has no amount in the currency."""
    rate = price.rates.get(currency)
    if rate is None:
        return None
    if price.pack_size > 1:
        mode = ROUND_CEILING if price.pack_round_up else ROUND_FLOOR
        quantity = (quantity / price.pack_size).to_integral_value(rounding=mode)
    match price.scheme:
        case Scheme.PER_UNIT:
            return None if rate.unit_amount is None else rate.unit_amount * quantity
        case Scheme.GRADUATED:
            return _graduated(rate.tiers, quantity)
        case Scheme.VOLUME:
            return _volume(rate.tiers, quantity)
        case _:
            assert_never(price.scheme)


def whole(levels_by_item: Mapping[str, Level]) -> dict[tuple[str, str], int]:
    """Whole minor units by (product, price), adding up to the rounded total; the largest takes the remainder."""
    if len(levels_by_item) == 1:
        (only,) = levels_by_item.values()
        amount = rounded(only.amount)
        return {(only.product_id, only.price_id): amount} if amount else {}
    exact: dict[tuple[str, str], Decimal] = {}
    for level in levels_by_item.values():
        priced = level.product_id, level.price_id
        exact[priced] = exact.get(priced, Decimal(0)) + level.amount
    if not exact:
        return {}
    shares = {priced: rounded(amount) for priced, amount in exact.items()}
    largest = max(sorted(exact), key=lambda priced: exact[priced])
    shares[largest] += rounded(sum(exact.values(), Decimal(0))) - sum(shares.values())
    return {priced: amount for priced, amount in shares.items() if amount}


def _in_force(item: Item, policy: MetricsPolicy, at: datetime) -> bool:
    begun = item.started_at is None or item.started_at <= at
    on_trial = policy.trials is Trials.OUT and item.trial_end is not None and at < item.trial_end
    return begun and not on_trial and (item.ended_at is None or at < item.ended_at)


def _discounted(
    amounts: Mapping[str, Decimal],
    prices: Mapping[str, Price],
    discounts: Iterable[Discount],
    *,
    currency: str,
    policy: MetricsPolicy,
    at: datetime,
) -> dict[str, Decimal]:
    net = dict(amounts)
    for discount in discounts:
        if not lowers_mrr(discount, policy, at) or used_up(discount, prices.values(), at):
            continue
        meant = [key for key in net if not discount.products or prices[key].product_id in discount.products]
        base = sum((net[key] for key in meant), Decimal(0))
        if base <= 0:
            continue
        if discount.percent_off is not None:
            off = base * min(discount.percent_off, HUNDRED) / HUNDRED
        elif discount.amount_off is not None and discount.currency == currency:
            off = min(Decimal(discount.amount_off), base)
        else:
            continue
        for key in meant:
            net[key] -= off * net[key] / base
    return net


def lowers_mrr(discount: Discount, policy: MetricsPolicy, at: datetime) -> bool:
    """Whether a discount counts at an instant."""
    if discount.starts_at and at < discount.starts_at:
        return False
    if discount.ends_at and discount.ends_at <= at:
        return False
    if discount.duration is Duration.ONCE:
        return policy.once_discounts is OnceDiscounts.SUBTRACT
    match policy.recurring_discounts:
        case RecurringDiscounts.IGNORE:
            return False
        case RecurringDiscounts.FOREVER_ONLY:
            return discount.duration is Duration.FOREVER
        case RecurringDiscounts.ALL:
            return True
        case _:
            assert_never(policy.recurring_discounts)


def used_up(discount: Discount, prices: Iterable[Price], at: datetime) -> bool:
    """Whether a discount on one bill is over: it lasts for one interval of what it is on."""
    end = once_until(discount, prices)
    return end is not None and end <= at


def once_until(discount: Discount, prices: Iterable[Price]) -> datetime | None:
    """When a discount on one bill ends, where only its beginning is told."""
    if discount.duration is not Duration.ONCE or discount.starts_at is None or discount.ends_at is not None:
        return None
    days = [DAYS[price.interval] * price.interval_count for price in prices if price.interval]
    return discount.starts_at + timedelta(days=max(days)) if days else None


def _graduated(tiers: Sequence[Tier], quantity: Decimal) -> Decimal:
    total, reached = Decimal(0), Decimal(0)
    for tier in tiers:
        top = quantity if tier.up_to is None else min(quantity, Decimal(tier.up_to))
        if top > reached or (quantity == 0 and reached == 0):
            total += tier.flat_amount + (top - reached) * tier.unit_amount
        reached = max(reached, top)
        if reached >= quantity:
            break
    return total


def _volume(tiers: Sequence[Tier], quantity: Decimal) -> Decimal:
    for tier in tiers:
        if tier.up_to is None or quantity <= tier.up_to:
            return tier.flat_amount + quantity * tier.unit_amount
    return Decimal(0)
