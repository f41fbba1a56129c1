"""A subscription's past: its monthly worth from its first day to today, as steps.

Sources that know the versions of an item say when each held. Others (Stripe) know only the present, and what was
billed: then each invoice line says what its item was worth from the start of its period on. A line that prorates a
change dates that change; its level comes from its price and quantity, never from its amount. The last step joins
the live state; a difference that no line explains is dated to when the live state was first seen, or to the start
of the present period when it was there at the first reading.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.metrics.mrr import Level, asked_amount, counts, levels, months
from bot.metrics.policy import ChurnDate, Discounts, MetricsPolicy
from storage.facts import Discount, InvoiceLine, Price, Status, Subscription

State = dict[str, Level]  # by item
NEVER = (Status.SCHEDULED, Status.NEVER_STARTED)
MONTH_SECONDS = Decimal(365 * 86400) / 12
SHORTEST = Decimal(1) / 31  # a day; a period of no length must not divide by zero


@dataclass(frozen=True, slots=True)
class Known:
    """What the past of subscriptions is told by; `today` is the last day that may hold a step."""

    prices: Mapping[str, Price]
    policy: MetricsPolicy
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one subscription's past is read from.

    `lines` are its recurring invoice lines in order of period. `changed_at` is when its live state was first seen
    to differ from an earlier reading. `last_failure` is the account's last failed payment.
    """

    subscription: Subscription
    account_discounts: Sequence[Discount] = ()
    lines: Sequence[InvoiceLine] = ()
    changed_at: datetime | None = None
    last_failure: datetime | None = None


def steps(evidence: Evidence, known: Known) -> list[tuple[date, State]]:
    """The subscription's state from each local day on which it changed, in order; the last state of a day holds."""
    if evidence.subscription.status in NEVER:
        return []
    points = _points(evidence, known)
    stop = _stop(evidence, known.policy)
    if stop:
        points = [(at, state) for at, state in points if at < stop] + [(stop, {})]
    by_day: dict[date, State] = {}
    for at, state in points:
        by_day[local_day(at, known.zone)] = state
    return _changes((day, state) for day, state in by_day.items() if day <= known.today)


def _points(evidence: Evidence, known: Known) -> list[tuple[datetime, State]]:
    subscription = evidence.subscription
    if any(item.started_at for item in subscription.items):
        return _from_versions(evidence, known)
    billed = _from_lines(evidence, known)
    if not counts(subscription.status, known.policy):
        return billed
    return _joined(billed, _untaxed(_live(evidence, known, known.now), evidence.lines), evidence)


def _live(evidence: Evidence, known: Known, at: datetime) -> State:
    found = levels(evidence.subscription, evidence.account_discounts, known.prices, known.policy, at)
    return {key: level for key, level in found.items() if level.amount > 0}


def _untaxed(live: State, lines: Sequence[InvoiceLine]) -> State:
    """The live state without inclusive tax, whose share only the last invoice tells."""
    taxed = {line.item_id: line for line in lines if line.tax_inside and line.amount > 0}
    return {
        key: replace(level, amount=level.amount * (1 - Decimal(taxed[key].tax_inside) / taxed[key].amount))
        if key in taxed
        else level
        for key, level in live.items()
    }


def _from_versions(evidence: Evidence, known: Known) -> list[tuple[datetime, State]]:
    subscription = evidence.subscription
    instants = {subscription.started_at, subscription.trial_end}
    for item in subscription.items:
        instants |= {item.started_at, item.ended_at, item.trial_end}
    own = [discount for item in subscription.items for discount in item.discounts]
    for discount in (*subscription.discounts, *evidence.account_discounts, *own):
        instants |= {discount.starts_at, discount.ends_at}
    return [(at, _live(evidence, known, at)) for at in sorted(instant for instant in instants if instant)]


def _from_lines(evidence: Evidence, known: Known) -> list[tuple[datetime, State]]:
    live = {item.id for item in evidence.subscription.items}
    by_item: defaultdict[str, list[InvoiceLine]] = defaultdict(list)
    for line in evidence.lines:
        by_item[line.item_id or line.price_id or ""].append(line)
    events: list[tuple[datetime, str, Level | None]] = []
    for item_id, own in by_item.items():
        billed = _item_events(own, known, evidence.subscription.currency, live=item_id in live)
        events.extend((at, item_id, level) for at, level in billed)
    events.sort(key=itemgetter(0))
    points: list[tuple[datetime, State]] = []
    state: State = {}
    for at, item_id, level in events:
        state = {key: kept for key, kept in state.items() if key != item_id}
        if level:
            state[item_id] = level
        points.append((at, state))
    return points


def _item_events(
    lines: Sequence[InvoiceLine], known: Known, currency: str, *, live: bool
) -> Iterable[tuple[datetime, Level | None]]:
    """What one item was worth from when on; a charge outweighs the credit for the same instant."""
    charges = [line for line in lines if line.amount >= 0]
    credited = {line.period_start for line in lines if line.amount < 0} - {line.period_start for line in charges}
    events: list[tuple[datetime, Level | None]] = [(at, None) for at in credited]
    for (at, _), together in groupby(sorted(charges, key=_moment), key=_moment):
        level = _level(list(together), known, currency)
        events.append((at, level if level.amount > 0 else None))
    if not live and charges:
        events.append((max(line.period_end for line in charges), None))
    return sorted(events, key=itemgetter(0))


def _moment(line: InvoiceLine) -> tuple[datetime, bool]:
    """When a line begins to tell; a proration at the start of a period comes after the period's own line."""
    return line.period_start, line.proration


def _level(lines: Sequence[InvoiceLine], known: Known, currency: str) -> Level:
    """The worth of an item that these lines bill together (a tiered price has a line for each tier)."""
    line = lines[0]
    price = known.prices.get(line.price_id or "")
    product = (price.product_id or price.id) if price else (line.price_id or "")
    quantity = sum((Decimal(1) if one.quantity is None else one.quantity for one in lines), Decimal(0))
    gross = Decimal(sum(one.amount - one.tax_inside for one in lines))
    net = gross - sum(_counted_discount(one, known.policy) for one in lines)
    if price is None or price.interval is None:
        return Level(product, line.price_id or "", quantity, net / _months_covered(line))
    if line.proration:
        asked = asked_amount(price, quantity, currency)
        net = net * months(price, known.policy) / _months_covered(line) if asked is None else _share(asked, net, gross)
    return Level(product, price.id, quantity, net / months(price, known.policy))


def _share(asked: Decimal, net: Decimal, gross: Decimal) -> Decimal:
    """What a whole interval asks, discounted as its prorated part was."""
    return asked * net / gross if gross else asked


def _counted_discount(line: InvoiceLine, policy: MetricsPolicy) -> int:
    match policy.discounts:
        case Discounts.IGNORE:
            return 0
        case Discounts.FOREVER:
            return line.discount_forever
        case Discounts.ALL:
            return line.discount_forever + line.discount_repeating + line.discount_once
        case _:
            assert_never(policy.discounts)


def _months_covered(line: InvoiceLine) -> Decimal:
    """Months of a line's period, whole where it is about whole: for lines whose price tells nothing."""
    exact = Decimal(int((line.period_end - line.period_start).total_seconds())) / MONTH_SECONDS
    nearest = exact.to_integral_value()
    if nearest >= 1 and abs(exact - nearest) < nearest / 10:
        return nearest
    return max(exact, SHORTEST)


def _joined(billed: list[tuple[datetime, State]], live: State, evidence: Evidence) -> list[tuple[datetime, State]]:
    if billed and _alike(billed[-1][1], live):
        # The live level is exact where a billed amount was rounded to a minor unit.
        return [(at, _exactly(state, live)) for at, state in billed]
    subscription = evidence.subscription
    begin = evidence.changed_at or subscription.current_period_start or subscription.started_at
    if not billed:
        begin = subscription.trial_end or subscription.started_at
    return [*billed, (max(begin, billed[-1][0]) if billed else begin, live)]


def _exactly(state: State, live: State) -> State:
    return {key: live[key] if key in live and _same(level, live[key]) else level for key, level in state.items()}


def _alike(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)


def _same(one: Level, other: Level) -> bool:
    """Whether two levels differ by no more than the rounding of a billed amount."""
    unchanged = one.price_id == other.price_id and one.quantity == other.quantity
    return unchanged and abs(one.amount - other.amount) <= 1


def _stop(evidence: Evidence, policy: MetricsPolicy) -> datetime | None:
    """When the subscription stopped counting, if it did."""
    subscription = evidence.subscription
    if policy.churn_date is ChurnDate.ON_REQUEST and subscription.cancel_requested_at:
        return subscription.cancel_requested_at
    if subscription.ended_at:
        return subscription.ended_at
    if counts(subscription.status, policy) or subscription.status is Status.TRIALING:
        return None
    if subscription.status is Status.UNPAID and evidence.last_failure:
        return evidence.last_failure
    return subscription.paused_at or subscription.current_period_start or subscription.started_at


def _changes(days: Iterable[tuple[date, State]]) -> list[tuple[date, State]]:
    kept: list[tuple[date, State]] = []
    last: State = {}
    for day, state in days:
        if state != last:
            kept.append((day, state))
            last = state
    return kept
