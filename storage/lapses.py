"""Times for which subscriptions were given up as unpaid, and that are over: billing tells only of the present one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from storage.facts import InvoiceStatus, PaymentStatus, Status, Subscription
from storage.slices import one_of
from storage.tables import InvoiceRow, LapseRow, PaymentRow
from storage.upsert import table_of, upsert

lapses, invoices, payments = table_of(LapseRow), table_of(InvoiceRow), table_of(PaymentRow)
Times = Sequence[tuple[datetime, datetime]]  # each from its start to before its end


def keep(session: Session, known: Mapping[str, Subscription], read: Sequence[Subscription], read_at: datetime) -> None:
    """Note that those are unpaid no longer that were so when they were `known`, by id, and are `read` otherwise now.

    Such a time begins with the last charge that failed, as the ledger has it, and ends with the payment.
    """
    over = [new for new in read if (old := known.get(new.id)) and old.status is Status.UNPAID != new.status]
    rows = [
        {"subscription_id": new.id, "starts_at": start, "ends_at": end, "account_id": new.account_id}
        for new in over
        for start, end in _lapse(session, known[new.id], new, read_at)
    ]
    upsert(session, LapseRow, rows)


def of_accounts(session: Session, account_ids: Sequence[str]) -> dict[str, dict[str, Times]]:
    """By account and subscription, in order."""
    found: defaultdict[str, dict[str, list[tuple[datetime, datetime]]]] = defaultdict(dict)
    columns = (lapses.c.account_id, lapses.c.subscription_id, lapses.c.starts_at, lapses.c.ends_at)
    theirs = select(*columns).where(one_of(session, lapses.c.account_id, account_ids)).order_by(lapses.c.starts_at)
    for account_id, subscription_id, start, end in session.connection().execute(theirs):
        found[account_id].setdefault(subscription_id, []).append((start, end))
    return {account_id: dict(of_it) for account_id, of_it in found.items()}


def _lapse(
    session: Session, old: Subscription, new: Subscription, read_at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    p, i = payments.c, invoices.c
    failed = select(func.max(p.at)).where(p.account_id == old.account_id, p.status == PaymentStatus.FAILED)
    start = session.connection().execute(failed).scalar() or old.current_period_start or old.started_at
    paid = select(func.max(i.paid_at)).where(i.subscription_id == old.id, i.status == InvoiceStatus.PAID)
    end = new.ended_at or session.connection().execute(paid.where(i.paid_at > start)).scalar() or read_at
    if start < end:
        yield start, end
