"""Trials as they went: begun, ended, and paid for afterwards."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from storage.facts import InvoiceStatus, Status
from storage.slices import MAIN_FIRST, OF_ITEMS, SUBSCRIBED, Slice, items, s
from storage.tables import InvoiceRow
from storage.upsert import table_of

invoices = table_of(InvoiceRow)


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
    """All trials there ever were, each under the label of what most was tried of; one query."""
    source, label = part.beside(SUBSCRIBED, s.account_id, OF_ITEMS)
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
    place = func.row_number().over(partition_by=s.id, order_by=MAIN_FIRST).label("place")
    tried = (
        select(
            label.label("placed"), s.currency, s.trial_start, s.started_at, s.trial_end, s.ended_at, first_paid, place
        )
        .select_from(source)
        .where(s.trial_end.is_not(None), s.status != Status.NEVER_STARTED, *part.among(s.account_id))
        .subquery()
    )
    *columns, last = tried.c
    rows = session.connection().execute(select(*columns).where(last == 1))
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


def running(session: Session, at: datetime, part: Slice) -> list[tuple[str, str, str, str]]:
    """(label, subscription, item, account) of all that was on trial at an instant."""
    source, label = part.beside(SUBSCRIBED, s.account_id, OF_ITEMS)
    rows = session.connection().execute(
        select(label, s.id, items.c.id, s.account_id)
        .select_from(source)
        .where(func.coalesce(s.trial_start, s.started_at) <= at, s.trial_end > at)
        .where((s.ended_at.is_(None)) | (s.ended_at > at), s.status != Status.NEVER_STARTED)
        .where(items.c.id.is_not(None), *part.among(s.account_id))
        .order_by(s.id, items.c.id)
    )
    return [(seen, *rest) for name, *rest in rows if (seen := part.seen(name)) is not None]
