"""Trials as they went: begun, ended, and paid for afterwards."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from storage.facts import InvoiceStatus, Status
from storage.slices import Slice
from storage.tables import InvoiceRow, SubscriptionRow
from storage.upsert import table_of

invoices, subscriptions = table_of(InvoiceRow), table_of(SubscriptionRow)
s = subscriptions.c


@dataclass(frozen=True, slots=True)
class Trial:
    """A subscription's trial: [start, end), shorter when it was cancelled in it; `paid_at` when it first paid after it.

    A cancelled trial is never paid for, even where its account pays for something else.
    """

    label: str
    currency: str
    start: datetime
    end: datetime
    paid_at: datetime | None


def trials(session: Session, part: Slice) -> list[Trial]:
    """All trials there ever were; one query."""
    source, label = part.beside(subscriptions, s.account_id)
    at = func.coalesce(invoices.c.paid_at, invoices.c.issued_at)
    first_paid = (
        select(func.min(at))
        .where(
            invoices.c.account_id == s.account_id,
            invoices.c.issued_at >= s.trial_end,
            invoices.c.subscription_id == s.id,
            invoices.c.status == InvoiceStatus.PAID,
            invoices.c.total > 0,
        )
        .scalar_subquery()
    )
    rows = session.connection().execute(
        select(label, s.currency, s.trial_start, s.started_at, s.trial_end, s.ended_at, first_paid)
        .select_from(source)
        .where(s.trial_end.is_not(None), s.status != Status.NEVER_STARTED, *part.among(s.account_id))
    )
    return [
        Trial(
            seen,
            currency,
            trial_start or started_at,
            min(trial_end, ended_at or trial_end),
            None if ended_at and ended_at <= trial_end else paid_at,
        )
        for name, currency, trial_start, started_at, trial_end, ended_at, paid_at in rows
        if (seen := part.seen(name)) is not None
    ]


def running(session: Session, at: datetime, part: Slice) -> list[tuple[str, str, str]]:
    """(label, subscription, account) of the trials that were running at an instant."""
    source, label = part.beside(subscriptions, s.account_id)
    rows = session.connection().execute(
        select(label, s.id, s.account_id)
        .select_from(source)
        .where(func.coalesce(s.trial_start, s.started_at) <= at, s.trial_end > at)
        .where((s.ended_at.is_(None)) | (s.ended_at > at), s.status != Status.NEVER_STARTED)
        .where(*part.among(s.account_id))
        .order_by(s.id)
    )
    return [
        (seen, subscription, account) for name, subscription, account in rows if (seen := part.seen(name)) is not None
    ]
