"""A subscription's past: its monthly worth from its first day to today, as steps.

Sources that know the versions of an item say when each held. Others (Stripe) know only the present, and what was
billed: then each invoice line says what its item was worth from the start of its period on. A line that prorates a
change dates that change; its level comes from its price and quantity, never from its amount. The last step joins
the live state; a difference that no line explains is dated to when the live state was first seen, or to the start
of the present period when it was there at the first reading.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import NamedTuple

from bot.clock import local_day
from bot.metrics.axes import Basis, ChurnDate, OnceDiscounts, Pause, Tax, Trials, Unpaid, ZeroMrr
from bot.metrics.billed import ItemPast
from bot.metrics.extras import extras
from bot.metrics.known import Known, counted_discount
from bot.metrics.mrr import Level, counts, levels, lowers_mrr, once_until
from bot.metrics.policy import MetricsPolicy
from bot.metrics.spans import (
    BETWEEN_BILLS,
    Point,
    Span,
    beside,
    billed,
    covering,
    dunning,
    lessened,
    service_end,
    spans,
)
from storage.facts import Discount, Duration, InvoiceLine, InvoiceStatus, Item, Price, Status, Subscription
from storage.fates import Fate

State = dict[str, Level]  # by item
NEVER = (Status.SCHEDULED, Status.NEVER_STARTED)
INSTANT = timedelta(seconds=1)
ITEM = attrgetter("item_id", "price_id")
NO_FATES: Mapping[str, Fate] = MappingProxyType({})


class Evidence(NamedTuple):
    """What one subscription's past is read from.

    `lines` are its recurring invoice lines in order of period. `changed_at` is when its live state was first seen
    to differ from an earlier reading. `last_failure` is the account's last failed payment. `fates` are what became of
    the invoices, by line, and `others` its usage and one-off lines: both only where the policy asks for them. `lapses`
    are the times for which it was unpaid and that are over.
    """

    subscription: Subscription
    account_discounts: Sequence[Discount] = ()
    lines: Sequence[InvoiceLine] = ()
    changed_at: datetime | None = None
    last_failure: datetime | None = None
    fates: Mapping[str, Fate] = NO_FATES
    others: Sequence[InvoiceLine] = ()
    lapses: Sequence[tuple[datetime, datetime]] = ()


def steps(evidence: Evidence, known: Known) -> list[tuple[date, State]]:
    """The subscription's state from each local day on which it changed, in order; the last state of a day holds."""
    if evidence.subscription.status in NEVER:
        return []
    stop = _stop(evidence, known)
    points = _adjusted(_points(evidence, known, stop), evidence, known)
    if stop:
        points = [(at, state) for at, state in points if at < stop] + [(stop, {})]
    by_day: dict[date, State] = {}
    last: State | None = None
    for at, state in points:
        if state is not last and state != last:
            by_day[local_day(at, known.zone)] = last = state
    today = known.today
    return _changes((day, state) for day, state in by_day.items() if day <= today)


def _adjusted(points: list[Point], evidence: Evidence, known: Known) -> list[Point]:
    """What is left after dunning, refunds and the like, with what bills tell of beside items that are asked for."""
    policy = known.policy
    if known.needs_fates:
        points = lessened(points, spans(evidence.subscription, evidence.lines, evidence.fates, policy, known.now))
    points = beside(points, extras(evidence.others, known)) if evidence.others else points
    return lessened(points, _lapsed(evidence, policy))


def breaks(evidence: Evidence, known: Known) -> frozenset[date]:
    """The local days on which it left MRR only since its payments failed, to come back when they are made."""
    policy = known.policy
    found = _lapsed(evidence, policy)
    if known.needs_fates:
        found = [*found, *dunning(evidence.subscription, billed(evidence.lines, evidence.fates), policy)]
    return frozenset(local_day(one.start, known.zone) for one in found)


def _lapsed(evidence: Evidence, policy: MetricsPolicy) -> Sequence[Span]:
    return [Span(start, end) for start, end in evidence.lapses] if policy.unpaid is Unpaid.CHURN else ()


def _points(evidence: Evidence, known: Known, stop: datetime | None) -> list[Point]:
    if known.policy.basis in (Basis.INVOICE_LINE, Basis.PAYMENT):
        return _from_bills(evidence, known)
    if any(item.started_at for item in evidence.subscription.items):
        return _from_versions(evidence, known)
    evidence = _without_pending(evidence, known.policy)
    last = _live(evidence, known, min(stop - INSTANT, known.now) if stop else known.now)
    last = _as_billed(last, evidence, known)
    past = _with_amounts_off(_from_lines(evidence, known, last), evidence, known)
    priced = [item.price_id in known.prices for item in evidence.subscription.items]
    # What cannot be valued now says nothing against what was billed.
    points = _joined(past, last, evidence, known) if priced and all(priced) else past
    return _from_the_start(points, evidence.subscription, known.policy)


def _live(evidence: Evidence, known: Known, at: datetime) -> State:
    found = levels(evidence.subscription, evidence.account_discounts, known.prices, known.policy, at)
    free_too = known.policy.zero_mrr_customer is ZeroMrr.STAYS_ACTIVE
    return {key: level for key, level in found.items() if level.amount > 0 or free_too}


def _from_bills(evidence: Evidence, known: Known) -> list[Point]:
    """What was billed and nothing else, each line over its own period."""
    lines = covering(evidence.lines, evidence.fates, known.policy)
    by_item = _by_item(lines)
    subscription = evidence.subscription
    events: list[tuple[datetime, str, Level | None]] = []
    for item_id, own in by_item.items():
        past = ItemPast(own, known, subscription.currency, trial_end=subscription.trial_end)
        reach = max(line.period_end for line in own)
        over = subscription.ended_at is not None or known.now >= reach + BETWEEN_BILLS
        events.extend((at, item_id, level) for at, level in past.events(ends=over, gaps=BETWEEN_BILLS))
    return _states(events)


def _without_pending(evidence: Evidence, policy: MetricsPolicy) -> Evidence:
    """Without discounts that wait for the next bill: the bill tells for how long they hold."""
    if policy.once_discounts is OnceDiscounts.IGNORE or not evidence.lines:
        return evidence

    def kept(discounts: Sequence[Discount]) -> tuple[Discount, ...]:
        return tuple(one for one in discounts if one.duration is not Duration.ONCE)

    own = evidence.subscription
    items = tuple(replace(item, discounts=kept(item.discounts)) for item in own.items)
    subscription = replace(own, items=items, discounts=kept(own.discounts))
    return evidence._replace(subscription=subscription, account_discounts=kept(evidence.account_discounts))


def _as_billed(live: State, evidence: Evidence, known: Known) -> State:
    """The live state with what only the latest bill tells: the share of tax, and a discount on that bill alone."""
    found: State = {}
    for key, level in live.items():
        share = _billed_share(_latest(evidence.lines, key, known.now), known)
        found[key] = level if share == 1 else level._replace(amount=level.amount * share)
    return found


def _latest(lines: Sequence[InvoiceLine], item_id: str, now: datetime) -> InvoiceLine | None:
    """The latest line that bills an item for a whole period."""
    for line in reversed(lines):
        if line.item_id == item_id and line.amount > 0 and not line.proration and line.period_start <= now:
            return line
    return None


def _billed_share(line: InvoiceLine | None, known: Known) -> Decimal:
    policy, share = known.policy, Decimal(1)
    if line is None:
        return share
    if policy.tax is Tax.OUT and line.tax_inside:
        share -= Decimal(line.tax_inside) / line.amount
    if policy.once_discounts is OnceDiscounts.SUBTRACT and line.discount_once and known.now < line.period_end:
        lasting = line.amount - line.tax_inside - counted_discount(line, policy) + line.discount_once
        share *= 1 - Decimal(line.discount_once) / lasting if lasting > 0 else 1
    return share


def _from_versions(evidence: Evidence, known: Known) -> list[Point]:
    subscription = evidence.subscription
    instants = {subscription.started_at, subscription.trial_end}
    for item in subscription.items:
        instants |= {item.started_at, item.ended_at, item.trial_end}
    own = [discount for item in subscription.items for discount in item.discounts]
    for discount in (*subscription.discounts, *evidence.account_discounts, *own):
        instants |= {discount.starts_at, discount.ends_at, once_until(discount, _prices(subscription, known))}
    return [(at, _live(evidence, known, at)) for at in sorted(instant for instant in instants if instant)]


def _from_lines(evidence: Evidence, known: Known, live: State) -> list[Point]:
    subscription = evidence.subscription
    present = {item.id for item in subscription.items}
    events: list[tuple[datetime, str, Level | None]] = []
    for item_id, own in _by_item(evidence.lines).items():
        began = _discount_starts(evidence, known, item_id)
        live_level, trial_end = live.get(item_id), subscription.trial_end
        past = ItemPast(own, known, subscription.currency, live=live_level, discounted_at=began, trial_end=trial_end)
        events.extend((at, item_id, level) for at, level in past.events(ends=item_id not in present))
    return _states(events)


def _by_item(lines: Iterable[InvoiceLine]) -> dict[str, list[InvoiceLine]]:
    by_item: defaultdict[str, list[InvoiceLine]] = defaultdict(list)
    for (item_id, price_id), same in groupby(lines, key=ITEM):
        by_item[item_id or price_id or ""].extend(same)
    return by_item


def _prices(subscription: Subscription, known: Known) -> list[Price]:
    return [known.prices[item.price_id] for item in subscription.items if item.price_id in known.prices]


def _states(events: list[tuple[datetime, str, Level | None]]) -> list[Point]:
    """The state of all items from each event on."""
    events.sort(key=itemgetter(0))
    points: list[Point] = []
    state: State = {}
    for at, item_id, level in events:
        if state.get(item_id) is not level:
            state = {key: kept for key, kept in state.items() if key != item_id}
            if level:
                state[item_id] = level
        points.append((at, state))
    return points


def _with_amounts_off(points: list[Point], evidence: Evidence, known: Known) -> list[Point]:
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
        found = _live(evidence._replace(subscription=replace(subscription, items=items)), known, at)
        return found if found.keys() == state.keys() else state

    return [(at, exact(at, state) if at >= since else state) for at, state in points]


def _discount_starts(evidence: Evidence, known: Known, item_id: str) -> list[datetime]:
    subscription = evidence.subscription
    own = next((item.discounts for item in subscription.items if item.id == item_id), ())
    counted = (*own, *(subscription.discounts or evidence.account_discounts))
    return [d.starts_at for d in counted if d.starts_at and lowers_mrr(d, known.policy, d.starts_at)]


def _joined(past: list[Point], live: State, evidence: Evidence, known: Known) -> list[Point]:
    policy, now = known.policy, known.now
    past = [(at, state) for at, state in past if at <= now]  # an item's bill may end in days to come
    if past and past[-1][1] == live:
        return past
    subscription = evidence.subscription
    begin = evidence.changed_at or subscription.current_period_start or subscription.started_at
    if not past:
        begin = _begin(subscription, policy)
    return [*past, (max(begin, past[-1][0]) if past else begin, live)]


def _from_the_start(points: list[Point], subscription: Subscription, policy: MetricsPolicy) -> list[Point]:
    """The first bill's level from the day the subscription began: older bills may not be there to be read.

    What a source took over from another one (begun before it was created there) counts from its first bill.
    """
    begin = max(_begin(subscription, policy), subscription.created_at or subscription.started_at)
    if not points or points[0][0] <= begin:
        return points
    *_, first = (state for at, state in points if at == points[0][0])
    return [(begin, first), *points] if first else points


def _begin(subscription: Subscription, policy: MetricsPolicy) -> datetime:
    on_trial = subscription.trial_end if policy.trials is Trials.OUT else None
    return on_trial or subscription.started_at


def _stop(evidence: Evidence, known: Known) -> datetime | None:
    """When the subscription stopped counting, if it did."""
    subscription, policy = evidence.subscription, known.policy
    if policy.churn_date is ChurnDate.ON_REQUEST and subscription.cancel_requested_at:
        return subscription.cancel_requested_at
    if subscription.ended_at and policy.churn_date is ChurnDate.ON_SERVICE_END:
        return service_end(evidence.lines, evidence.fates) or subscription.ended_at
    if subscription.ended_at:
        return subscription.ended_at
    suspended = subscription.pause_kind == "collection" and policy.pause is Pause.ZERO
    if not suspended and _goes_on(evidence, policy):
        return None
    if subscription.status is Status.UNPAID and evidence.last_failure:
        return evidence.last_failure
    return subscription.paused_at or _unbilled_since(evidence) or subscription.started_at


def _goes_on(evidence: Evidence, policy: MetricsPolicy) -> bool:
    """Whether the subscription's status lets it count; `spans` says what dunning leaves of one that is past due."""
    status = evidence.subscription.status
    if status is Status.PAUSED and policy.pause is Pause.IN:
        return any(line.amount > 0 for line in evidence.lines)  # a trial that ended in a pause never paid
    return status in (Status.TRIALING, Status.PAST_DUE) or counts(status, policy)


def _unbilled_since(evidence: Evidence) -> datetime | None:
    """The start of the first of the latest periods whose invoices nobody is asked to pay, or of the present one."""
    since = evidence.subscription.current_period_start
    for one in reversed(billed(evidence.lines, evidence.fates)):
        if one.fate.status in (InvoiceStatus.PAID, InvoiceStatus.OPEN):
            break
        since = one.start
    return since


def _changes(days: Iterable[tuple[date, State]]) -> list[tuple[date, State]]:
    kept: list[tuple[date, State]] = []
    last: State = {}
    for day, state in days:
        if state != last:
            kept.append((day, state))
            last = state
    return kept
