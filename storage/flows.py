"""What was charged, paid, given back and given away in a window of time, summed by label of a slice.

Money is by currency, and by the day (in UTC, as rates are quoted) where it is not in the base and a rate must convert
it. Each answer is one query.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, case, cast, func, literal, select
from sqlmodel import Session

from storage.facts import InvoiceStatus, PaymentStatus
from storage.slices import Slice
from storage.tables import DisputeRow, InvoiceLineRow, InvoiceRow, PaymentRow, RefundRow
from storage.upsert import table_of

disputes, invoices, lines = table_of(DisputeRow), table_of(InvoiceRow), table_of(InvoiceLineRow)
payments, refunds = table_of(PaymentRow), table_of(RefundRow)

UNDONE = ("failed", "canceled")  # a refund that gave nothing back
INQUIRY = "warning_%"  # a dispute that took no money yet
ISSUED = (InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE)


@dataclass(frozen=True, slots=True)
class Flow:
    """Minor units of one currency under a label; `day` is None for what is in the base."""

    label: str
    currency: str
    day: date | None
    amount: int
    count: int


@dataclass(frozen=True, slots=True)
class Span:
    """What a window asks for: the instants of [start, end), the slice, and the base currency."""

    start: datetime
    end: datetime
    part: Slice
    base: str


def paid(session: Session, span: Span) -> list[Flow]:
    """Payments that succeeded."""
    return _flows(session, span, payments, payments.c.at, payments.c.status == PaymentStatus.SUCCEEDED)


def failed(session: Session, span: Span) -> list[Flow]:
    """Attempts to charge that failed."""
    return _flows(session, span, payments, payments.c.at, payments.c.status == PaymentStatus.FAILED)


def recovered(session: Session, span: Span) -> list[Flow]:
    """Payments that succeeded after an earlier attempt for the same thing had failed."""
    earlier = payments.alias()
    had_failed = (
        select(earlier.c.id)
        .where(
            earlier.c.intent_ref == payments.c.intent_ref,
            earlier.c.status == PaymentStatus.FAILED,
            earlier.c.at < payments.c.at,
        )
        .exists()
    )
    return _flows(session, span, payments, payments.c.at, payments.c.status == PaymentStatus.SUCCEEDED, had_failed)


def refunded(session: Session, span: Span) -> list[Flow]:
    """Refunds that were not undone, by the day they were made."""
    return _flows(session, span, refunds, refunds.c.created_at, refunds.c.status.not_in(UNDONE))


def disputed(session: Session, span: Span) -> list[Flow]:
    """Payments that customers took back through their bank, by the day the dispute was opened."""
    return _flows(session, span, disputes, disputes.c.created_at, disputes.c.status.not_like(INQUIRY))


def collected(session: Session, span: Span) -> list[Flow]:
    """What paid invoices brought in by the day they were paid, outside the billing system too."""
    at = func.coalesce(invoices.c.paid_at, invoices.c.issued_at)
    status = invoices.c.status == InvoiceStatus.PAID
    return _flows(session, span, invoices, at, status, amount=invoices.c.amount_paid)


def discounted(session: Session, span: Span) -> list[Flow]:
    """Discounts on the lines of issued invoices."""
    off = lines.c.discount_once + lines.c.discount_repeating + lines.c.discount_forever
    source = invoices.join(lines, lines.c.invoice_id == invoices.c.id)
    where = (invoices.c.status.in_(ISSUED), off != 0)
    return _flows(session, span, invoices, invoices.c.issued_at, *where, amount=off, source=source)


def known(session: Session) -> bool:
    """Whether any invoice is known at all."""
    return session.connection().execute(select(invoices.c.id).limit(1)).first() is not None


def _flows(
    session: Session,
    span: Span,
    table: Any,
    at: ColumnElement[Any],
    *where: ColumnElement[bool],
    amount: ColumnElement[int] | None = None,
    source: FromClause | None = None,
) -> list[Flow]:
    source, account_id = table if source is None else source, table.c.account_id
    if "payment_id" in table.c:  # a refund or dispute may name its payment only
        source = source.outerjoin(payments, payments.c.id == table.c.payment_id)
        account_id = func.coalesce(account_id, payments.c.account_id)
    source, label = span.part.beside(source, account_id)
    amount = table.c.amount if amount is None else amount
    day = case((table.c.currency == span.base, literal("")), else_=func.substr(cast(at, String), 1, 10))
    groups = (label.label("placed"), table.c.currency, day.label("rated_on"))
    query = (
        select(*groups, func.sum(amount), func.count())
        .select_from(source)
        .where(at >= span.start, at < span.end, *where, *span.part.among(account_id))
        .group_by("placed", table.c.currency, "rated_on")
    )
    return [
        Flow(seen, currency, date.fromisoformat(day) if day else None, int(amount), count)
        for name, currency, day, amount, count in session.connection().execute(query)
        if (seen := span.part.seen(name)) is not None
    ]
