"""Reading what became of invoices, and the lines beside those of licensed items, for the policies that ask for them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlmodel import Session

from storage import facts as f
from storage.fates import Fate
from storage.tables import InvoiceLineRow, InvoiceRow, PaymentRow, RefundRow, SubscriptionRow
from storage.upsert import batches, table_of

_invoice, _line = table_of(InvoiceRow), table_of(InvoiceLineRow)
_payment, _refund, _subscription = table_of(PaymentRow), table_of(RefundRow), table_of(SubscriptionRow)
LINE = f.columns_of(f.InvoiceLine)
Given = Mapping[str, list[tuple[str, tuple[datetime, int]]]]


def fates(session: Session, account_ids: Sequence[str]) -> dict[str, Fate]:
    """What became of the invoices of these accounts' recurring lines, by line."""
    found: dict[str, Fate] = {}
    for part in batches(account_ids):
        by_invoice = _fates(session, part)
        lines = session.connection().execute(
            select(_line.c.id, _line.c.invoice_id).where(
                _line.c.account_id.in_(part), _line.c.kind == f.LineKind.RECURRING
            )
        )
        found.update((line_id, by_invoice[invoice_id]) for line_id, invoice_id in lines if invoice_id in by_invoice)
    return found


def other_lines(session: Session, account_ids: Sequence[str]) -> dict[str, list[f.InvoiceLine]]:
    """Usage and one-off lines on subscriptions' invoices that were not given up, by subscription."""
    found: defaultdict[str, list[f.InvoiceLine]] = defaultdict(list)
    for part in batches(account_ids):
        rows = session.connection().execute(
            select(*(_line.c[name] for name in LINE))
            .join(_invoice, _invoice.c.id == _line.c.invoice_id)
            .where(
                _line.c.account_id.in_(part),
                _line.c.kind != f.LineKind.RECURRING,
                _line.c.subscription_id.is_not(None),
                _invoice.c.status.in_((f.InvoiceStatus.OPEN, f.InvoiceStatus.PAID)),
            )
            .order_by(_line.c.id)
        )
        for row in rows:
            found[str(row.subscription_id)].append(f.InvoiceLine(*row))
    return found


def accounts_with_bills_ending(session: Session, start: datetime, end: datetime) -> set[str]:
    """Accounts with a billed period that ends in [start, end], with usage, or with a payment that is waited for."""
    ending = select(_line.c.account_id).where(
        or_(_line.c.period_end.between(start, end), _line.c.kind == f.LineKind.USAGE)
    )
    waiting = select(_subscription.c.account_id).where(
        or_(_subscription.c.status == f.Status.PAST_DUE, _subscription.c.status == f.Status.UNPAID)
    )
    return set(session.connection().execute(ending.union(waiting)).scalars())


def _fates(session: Session, account_ids: Sequence[str]) -> dict[str, Fate]:
    failed, refunds = _failures(session, account_ids), _refunds(session, account_ids)
    rows = session.connection().execute(select(_invoice).where(_invoice.c.account_id.in_(account_ids)))
    found: dict[str, Fate] = {}
    for row in rows:
        refs = (row.id, *(row.payment_refs or ()))
        tried = [failed[ref] for ref in refs if ref in failed]
        owing = row.attempt_count and row.status in (f.InvoiceStatus.OPEN, f.InvoiceStatus.UNCOLLECTIBLE)
        found[row.id] = Fate(
            invoice_id=row.id,
            status=row.status,
            total=row.total,
            tax=row.tax,
            credited=row.credited,
            due_at=row.due_at,
            paid_at=row.paid_at,
            failed_at=min(tried, default=row.issued_at if owing else None),
            by_hand=row.collection is f.Collection.INVOICE,
            refunds=tuple(sorted({key: given for ref in refs for key, given in refunds.get(ref, ())}.values())),
        )
    return found


def _failures(session: Session, account_ids: Sequence[str]) -> dict[str, datetime]:
    """When a payment first failed, by payment and by the series that it belongs to."""
    found: dict[str, datetime] = {}
    for name in ("id", "intent_ref"):
        rows = session.connection().execute(
            select(_payment.c[name], func.min(_payment.c.at))
            .where(
                _payment.c.account_id.in_(account_ids),
                _payment.c.status == f.PaymentStatus.FAILED,
                _payment.c[name].is_not(None),
            )
            .group_by(_payment.c[name])
        )
        found.update((ref, at) for ref, at in rows)
    return found


def _refunds(session: Session, account_ids: Sequence[str]) -> Given:
    """What was given back, by refund, of each payment and of the series that it belongs to."""
    rows = session.connection().execute(
        select(_payment.c.id, _payment.c.intent_ref, _refund.c.id, _refund.c.created_at, _refund.c.amount)
        .join(_payment, _payment.c.id == _refund.c.payment_id)
        .where(_payment.c.account_id.in_(account_ids), _refund.c.status == "succeeded")
    )
    found: defaultdict[str, list[tuple[str, tuple[datetime, int]]]] = defaultdict(list)
    for payment_id, intent_ref, refund_id, at, amount in rows:
        for ref in {payment_id, intent_ref} - {None}:
            found[ref].append((refund_id, (at, amount)))
    return found
