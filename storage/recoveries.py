"""What became of charges that failed: how much came in the end, and how much never did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlmodel import Session

from storage.facts import PaymentStatus
from storage.tables import PaymentRow
from storage.upsert import table_of

payments = table_of(PaymentRow)


@dataclass(frozen=True, slots=True)
class Series:
    """The tries to collect one thing, of which the first that failed was at `failed_at`; `amount` in minor units."""

    currency: str
    amount: int
    failed_at: datetime
    recovered: bool


def series(session: Session, start: datetime, end: datetime) -> Iterator[Series]:
    """Those whose first failure lies in [start, end); what is under way now is left out, for nobody knows yet."""
    p = payments.c
    key = func.coalesce(p.intent_ref, p.id)
    failed_at = func.min(case((p.status == PaymentStatus.FAILED, p.at)))
    succeeded = func.max(case((p.status == PaymentStatus.SUCCEEDED, 1), else_=0))
    pending = func.max(case((p.status == PaymentStatus.PENDING, 1), else_=0))
    rows = session.connection().execute(
        select(p.currency, func.max(p.amount), failed_at.label("failed_at"), succeeded)
        .group_by(key, p.currency)
        .having(failed_at >= start, failed_at < end, pending == 0)
        .order_by(failed_at, key)
    )
    for currency, amount, at, came in rows:
        yield Series(currency, int(amount), at, bool(came))
