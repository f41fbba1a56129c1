"""A subscription's past: its monthly worth from its first day to today, as steps.

Sources that know the versions of an item say when each held. Others (Stripe) know only the present, and what was
billed: then each invoice line says what its item was worth from the start of its period on. A line that prorates a
change dates that change; its level comes from its price and quantity, never from its amount. The last step joins
the live state; a difference that no line explains is dated to when the live state was first seen, or to the start
of the present period when it was there at the first reading.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from bot.clock import local_day
from bot.metrics.axes import ChurnDate, Pause
from bot.metrics.billed import ItemPast, Known
from bot.metrics.mrr import Level, counts, levels, lowers_mrr
from bot.metrics.policy import MetricsPolicy
from storage.facts import Discount, InvoiceLine, Item, Status, Subscription

State = dict[str, Level]  # by item
NEVER = (Status.SCHEDULED, Status.NEVER_STARTED)
INSTANT = timedelta(seconds=1)


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
    stop = _stop(evidence, known.policy)
    points = _points(evidence, known, stop)
    if stop:
        points = [(at, state) for at, state in points if at < stop] + [(stop, {})]
    by_day: dict[date, State] = {}
    for at, state in points:
        by_day[local_day(at, known.zone)] = state
    return _changes((day, state) for day, state in by_day.items() if day <= known.today)


def _points(evidence: Evidence, known: Known, stop: datetime | None) -> list[tuple[datetime, State]]:
    if any(item.started_at for item in evidence.subscription.items):
        return _from_versions(evidence, known)
    last = _live(evidence, known, min(stop - INSTANT, known.now) if stop else known.now)
    last = _untaxed(last, evidence.lines)
    billed = _with_amounts_off(_from_lines(evidence, known, last), evidence, known)
    priced = [item.price_id in known.prices for item in evidence.subscription.items]
    # What cannot be valued now says nothing against what was billed.
    return _joined(billed, last, evidence, known.now) if priced and all(priced) else billed


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


def _from_lines(evidence: Evidence, known: Known, live: State) -> list[tuple[datetime, State]]:
    present = {item.id for item in evidence.subscription.items}
    by_item: defaultdict[str, list[InvoiceLine]] = defaultdict(list)
    for line in evidence.lines:
        by_item[line.item_id or line.price_id or ""].append(line)
    events: list[tuple[datetime, str, Level | None]] = []
    for item_id, own in by_item.items():
        began = _discount_starts(evidence, known, item_id)
        billed = ItemPast(own, known, evidence.subscription.currency, live.get(item_id), began)
        events.extend((at, item_id, level) for at, level in billed.events(ends=item_id not in present))
    events.sort(key=itemgetter(0))
    points: list[tuple[datetime, State]] = []
    state: State = {}
    for at, item_id, level in events:
        state = {key: kept for key, kept in state.items() if key != item_id}
        if level:
            state[item_id] = level
        points.append((at, state))
    return points


def _with_amounts_off(
    points: list[tuple[datetime, State]], evidence: Evidence, known: Known
) -> list[tuple[datetime, State]]:
    """A fixed amount comes off the subscription as a whole, so one item's bill cannot tell its share of it."""
    subscription = evidence.subscription
    shared = subscription.discounts or evidence.account_discounts
    counted = [one for one in shared if one.starts_at and lowers_mrr(one, known.policy, one.starts_at)]
    if not any(one.amount_off for one in counted):
        return points
    since = max(one.starts_at for one in counted if one.starts_at)
    own = {item.id: item.discounts for item in subscription.items}

    def exact(at: datetime, state: State) -> State:
        items = tuple(
            Item(id=key, price_id=level.price_id, quantity=int(level.quantity), discounts=own.get(key, ()))
            for key, level in state.items()
        )
        found = _live(replace(evidence, subscription=replace(subscription, items=items)), known, at)
        return found if found.keys() == state.keys() else state

    return [(at, exact(at, state) if at >= since else state) for at, state in points]


def _discount_starts(evidence: Evidence, known: Known, item_id: str) -> list[datetime]:
    subscription = evidence.subscription
    own = next((item.discounts for item in subscription.items if item.id == item_id), ())
    counted = (*own, *(subscription.discounts or evidence.account_discounts))
    return [d.starts_at for d in counted if d.starts_at and lowers_mrr(d, known.policy, d.starts_at)]


def _joined(
    billed: list[tuple[datetime, State]], live: State, evidence: Evidence, now: datetime
) -> list[tuple[datetime, State]]:
    billed = [(at, state) for at, state in billed if at <= now]  # an item's bill may end in days to come
    if billed and billed[-1][1] == live:
        return billed
    subscription = evidence.subscription
    begin = evidence.changed_at or subscription.current_period_start or subscription.started_at
    if not billed:
        begin = subscription.trial_end or subscription.started_at
    return [*billed, (max(begin, billed[-1][0]) if billed else begin, live)]


def _stop(evidence: Evidence, policy: MetricsPolicy) -> datetime | None:
    """When the subscription stopped counting, if it did."""
    subscription = evidence.subscription
    if policy.churn_date is ChurnDate.ON_REQUEST and subscription.cancel_requested_at:
        return subscription.cancel_requested_at
    if subscription.ended_at:
        return subscription.ended_at
    suspended = subscription.pause_kind == "collection" and policy.pause is Pause.ZERO
    if subscription.status is Status.TRIALING or (counts(subscription.status, policy) and not suspended):
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
