"""What the rules of risk look at: invoices, and subscriptions that are to end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session, SQLModel

from storage import facts as f
from storage.accounts.plans import OVER
from storage.slices import one_of
from storage.tables import AccountRow, InvoiceRow, SubscriptionRow, SyncRow
from storage.upsert import batches, table_of

accounts, invoices = table_of(AccountRow), table_of(InvoiceRow)
subscriptions, syncs = table_of(SubscriptionRow), table_of(SyncRow)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A subscription that is to end.

    `since` is when that was asked for; where nobody says, when Kahvi saw it, and for what it saw in its first read
    the subscription's start, since such news may be old.
    """

    subscription_id: str
    account_id: str
    ends_at: datetime
    since: datetime
    reason: str | None
    kind: f.CancelKind | None
    comment: str | None


def invoices_by_id(session: Session, ids: Sequence[str]) -> dict[str, f.Invoice]:
    """Invoices without their lines; ids that are not stored are left out."""
    return {one.id: one for part in batches(ids) for one in _invoices(session, invoices.c.id.in_(part))}


def leaving_subscriptions(session: Session, now: datetime, among: Collection[str] | None = None) -> list[Leaving]:
    """Subscriptions of living accounts that are to end after now; `among` keeps it to some accounts."""
    meant = () if among is None else (one_of(session, subscriptions.c.account_id, among),)
    known_at_first = or_(syncs.c.completed_at.is_(None), subscriptions.c.read_at <= syncs.c.completed_at)
    seen_at = case((known_at_first, subscriptions.c.started_at), else_=subscriptions.c.read_at)
    rows = session.connection().execute(
        select(
            subscriptions.c.id,
            subscriptions.c.account_id,
            subscriptions.c.cancel_at,
            func.coalesce(subscriptions.c.cancel_requested_at, seen_at),
            subscriptions.c.cancel_reason,
            subscriptions.c.cancel_kind,
            subscriptions.c.cancel_comment,
        )
        .join(accounts, accounts.c.id == subscriptions.c.account_id)
        .outerjoin(syncs, syncs.c.source == subscriptions.c.source)
        .where(
            subscriptions.c.cancel_at > now,
            subscriptions.c.status.not_in(OVER),
            accounts.c.deleted_at.is_(None),
            *meant,
        )
        .order_by(subscriptions.c.id)
    )
    return [Leaving(*row) for row in rows]


def subscriptions_by_id(session: Session, ids: Sequence[str]) -> dict[str, f.Subscription]:
    """Subscriptions without their items; ids that are not stored are left out."""
    return {one.id: one for part in batches(ids) for one in _subscriptions(session, subscriptions.c.id.in_(part))}


def _invoices(session: Session, *where: ColumnElement[bool]) -> list[f.Invoice]:
    return _read(session, f.Invoice, InvoiceRow, where, "lines", "payment_refs")


def _subscriptions(session: Session, *where: ColumnElement[bool]) -> list[f.Subscription]:
    return _read(session, f.Subscription, SubscriptionRow, where, "items", "discounts")


def _read(
    session: Session, kind: Any, model: type[SQLModel], where: Sequence[ColumnElement[bool]], *without: str
) -> list[Any]:
    table = table_of(model)
    names = [field.name for field in fields(kind) if field.name not in without]
    rows = session.connection().execute(select(*(table.c[name] for name in names)).where(*where).order_by(table.c.id))
    return [kind(**dict(zip(names, row, strict=True))) for row in rows]
