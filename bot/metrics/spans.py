"""Times in which a subscription is worth less than it asks for, or nothing, by what became of its invoices.

Dunning, a first invoice that nobody paid, refunds, credit notes, and days that no bill covers: each is a span with
the factor that is left of every item.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.metrics.axes import Basis, CreditNotes, FirstInvoice, Refunds, Tax
from bot.metrics.mrr import Level
from bot.metrics.policy import MetricsPolicy
from storage.facts import InvoiceLine, InvoiceStatus, Status, Subscription
from storage.fates import Fate

ZERO, WHOLE = Decimal(0), Decimal(1)
EVER = datetime.min.replace(tzinfo=UTC)
BETWEEN_BILLS = timedelta(days=2)  # a period may end on the day before the next one starts
LONG_TERM = timedelta(days=180)
OWED = (InvoiceStatus.DRAFT, InvoiceStatus.OPEN, InvoiceStatus.UNKNOWN)

State = Mapping[str, Level]
Point = tuple[datetime, dict[str, Level]]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end` (None: for good) only `factor` of every item counts."""

    start: datetime
    end: datetime | None = None
    factor: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Billed:
    """One invoice of a subscription with the whole period that it bills."""

    fate: Fate
    start: datetime
    end: datetime


def spans(
    subscription: Subscription,
    lines: Sequence[InvoiceLine],
    fates: Mapping[str, Fate],
    policy: MetricsPolicy,
    now: datetime,
) -> list[Span]:
    """Every span of a subscription with these recurring lines; `fates` are those of their invoices, by line."""
    invoices = billed(lines, fates)
    found = [*dunning(subscription, invoices, policy), *_given_back(subscription, invoices, policy)]
    if policy.unpaid_first_invoice is FirstInvoice.OUT:
        found.extend(_first(invoices))
    if policy.basis is Basis.CHECKED:
        found.extend(_uncovered(covering(lines, fates, policy), ends=subscription.ended_at is not None, now=now))
    if policy.tax is Tax.IN:
        found.extend(_taxed(invoices, lines, fates))
    return found


def billed(lines: Iterable[InvoiceLine], fates: Mapping[str, Fate]) -> list[Billed]:
    """The invoices that bill a whole period, in order of it."""
    periods: defaultdict[str, list[InvoiceLine]] = defaultdict(list)
    for line in lines:
        if line.id in fates and not line.proration:
            periods[fates[line.id].invoice_id].append(line)
    found = [
        Billed(fates[own[0].id], min(line.period_start for line in own), max(line.period_end for line in own))
        for own in periods.values()
    ]
    return sorted(found, key=lambda one: (one.start, one.end, one.fate.invoice_id))


def covering(lines: Iterable[InvoiceLine], fates: Mapping[str, Fate], policy: MetricsPolicy) -> list[InvoiceLine]:
    """The lines of invoices that are paid, or that may still be where the policy counts these."""
    owed = OWED if policy.basis is not Basis.PAYMENT or policy.past_due.days != 0 else ()
    counted = (InvoiceStatus.PAID, *owed)
    return [line for line in lines if line.id in fates and fates[line.id].status in counted]


def service_end(lines: Iterable[InvoiceLine], fates: Mapping[str, Fate]) -> datetime | None:
    """When what was last billed is used up: the end of the last period that is paid or may still be."""
    known = ((line, fates.get(line.id)) for line in lines)
    ends = (line.period_end for line, fate in known if fate and fate.status in (InvoiceStatus.PAID, *OWED))
    return max(ends, default=None)


def lessened(points: Sequence[Point], found: Sequence[Span]) -> list[Point]:
    """The states with only what the spans leave of them, from each instant on which that changes."""
    if not found or not points:
        return list(points)
    edges = {at for at, _ in points} | {one.start for one in found} | {one.end for one in found if one.end}
    lowered: list[Point] = []
    state: dict[str, Level] = {}
    upcoming = list(points)
    for at in sorted(edge for edge in edges if edge >= points[0][0]):
        while upcoming and upcoming[0][0] <= at:
            state = upcoming.pop(0)[1]
        lowered.append((at, _times(state, _factor(found, at))))
    return lowered


def beside(points: Sequence[Point], others: Sequence[Point]) -> list[Point]:
    """Two series of states of different items as one."""
    if not others:
        return list(points)
    tagged = [(at, 0, state) for at, state in points] + [(at, 1, state) for at, state in others]
    latest: list[dict[str, Level]] = [{}, {}]
    found: list[Point] = []
    for at, which, state in sorted(tagged, key=lambda one: (one[0], one[1])):
        latest[which] = state
        found.append((at, latest[0] | latest[1]))
    return found


def _factor(found: Iterable[Span], at: datetime) -> Decimal:
    factor = WHOLE
    for one in found:
        if one.start <= at and (one.end is None or at < one.end):
            factor *= one.factor
    return factor


def _times(state: State, factor: Decimal) -> dict[str, Level]:
    if not factor:
        return {}
    return {key: level._replace(amount=level.amount * factor) for key, level in state.items()}


def dunning(subscription: Subscription, invoices: Sequence[Billed], policy: MetricsPolicy) -> Iterator[Span]:
    """For how long payments that failed, or are late, are not waited for any more."""
    if policy.past_due.days is None:
        return
    patience = timedelta(days=policy.past_due.days)
    owing = subscription.status in (Status.PAST_DUE, Status.UNPAID)
    told = False
    for one in invoices:
        began = one.fate.due_at if one.fate.by_hand else one.fate.failed_at
        until = _dunned_until(one)
        if began is None or (until is None and not owing):
            continue
        told = told or until is None
        if until is None or began + patience < until:
            yield Span(began + patience, until)
    if subscription.status is Status.PAST_DUE and not told:
        yield Span((subscription.current_period_start or subscription.started_at) + patience)


def _dunned_until(one: Billed) -> datetime | None:
    """When an invoice was no longer waited for: paid, or its period over where it was given up; None: not yet."""
    if one.fate.status is InvoiceStatus.PAID:
        return one.fate.paid_at or one.start
    return None if one.fate.status in OWED else one.end


def _first(invoices: Sequence[Billed]) -> Iterator[Span]:
    """Until the first invoice that asked for money was paid."""
    first = next((one.fate for one in invoices if one.fate.total > 0), None)
    if first and first.status is not InvoiceStatus.PAID:
        yield Span(EVER)
    elif first and first.paid_at:
        yield Span(EVER, first.paid_at)


def _given_back(subscription: Subscription, invoices: Sequence[Billed], policy: MetricsPolicy) -> Iterator[Span]:
    leaving = subscription.cancel_requested_at or subscription.cancel_at or subscription.ended_at
    ends = policy.refunds is Refunds.ANNUAL_IMMEDIATE_CHURN and leaving is not None
    for one in invoices:
        total = one.fate.total
        if total <= 0:
            continue
        credited = _credited(one.fate, policy)
        if credited > 0:
            yield Span(one.start, one.end, WHOLE - Decimal(credited) / total)
        if policy.refunds is Refunds.REDUCE:
            yield from _refunded(one)
        elif ends and one.end - one.start >= LONG_TERM:
            yield from (span for span in _refunded(one) if not span.factor)


def _credited(fate: Fate, policy: MetricsPolicy) -> int:
    """What credit notes took off, without what counts as refunded: a credit note may be paid out as a refund."""
    if policy.credit_notes is CreditNotes.IGNORE:
        return 0
    refunded = sum(amount for _, amount in fate.refunds) if policy.refunds is Refunds.REDUCE else 0
    return min(fate.credited - refunded, fate.total)


def _refunded(one: Billed) -> Iterator[Span]:
    """What refunds leave of an invoice, from each one to the next and the last to the end of the period."""
    given, starts = 0, [max(at, one.start) for at, _ in one.fate.refunds]
    for (_, amount), start, end in zip(one.fate.refunds, starts, (*starts[1:], one.end), strict=False):
        given = min(given + amount, one.fate.total)
        if start < end:
            yield Span(start, end, WHOLE - Decimal(given) / one.fate.total)


def _taxed(invoices: Sequence[Billed], lines: Iterable[InvoiceLine], fates: Mapping[str, Fate]) -> Iterator[Span]:
    """The tax that invoices put on top; that of the latest goes on."""
    inside: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        if line.id in fates:
            inside[fates[line.id].invoice_id] += line.tax_inside
    for at, one in enumerate(invoices):
        added = one.fate.tax - inside[one.fate.invoice_id]
        if 0 < added < one.fate.total:
            until = invoices[at + 1].start if at + 1 < len(invoices) else None
            yield Span(one.start, until, Decimal(one.fate.total) / (one.fate.total - added))


def _uncovered(lines: Iterable[InvoiceLine], *, ends: bool, now: datetime) -> Iterator[Span]:
    """The days between, before and after what these lines bill; a living subscription waits for its next bill."""
    reach = EVER
    for start, end in sorted((line.period_start, line.period_end) for line in lines):
        if start > reach + BETWEEN_BILLS:
            yield Span(reach, start)
        reach = max(reach, end)
    if ends or reach == EVER or now >= reach + BETWEEN_BILLS:
        yield Span(reach)
