"""What the rules of risk look at: charges that failed, and subscriptions that are to end."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, SQLModel

from storage import facts as f
from storage.plans import OVER
from storage.tables import AccountRow, InvoiceRow, SubscriptionRow
from storage.upsert import parts, table_of

accounts, invoices, subscriptions = table_of(AccountRow), table_of(InvoiceRow), table_of(SubscriptionRow)


def failing_invoices(session: Session) -> list[f.Invoice]:
    """Open invoices of living accounts that were tried to be charged, without their lines."""
    return _invoices(session, invoices.c.status == f.InvoiceStatus.OPEN, invoices.c.attempt_count > 0, _lives(invoices))


def invoices_by_id(session: Session, ids: Sequence[str]) -> dict[str, f.Invoice]:
    """Invoices without their lines; ids that are not stored are left out."""
    return {one.id: one for part in parts(ids) for one in _invoices(session, invoices.c.id.in_(part))}


def leaving_subscriptions(session: Session, now: datetime) -> list[f.Subscription]:
    """Subscriptions of living accounts that are to end after now, without their items."""
    return _subscriptions(
        session,
        subscriptions.c.cancel_at > now,
        subscriptions.c.status.not_in(OVER),
        _lives(subscriptions),
    )


def subscriptions_by_id(session: Session, ids: Sequence[str]) -> dict[str, f.Subscription]:
    """Subscriptions without their items; ids that are not stored are left out."""
    return {one.id: one for part in parts(ids) for one in _subscriptions(session, subscriptions.c.id.in_(part))}


def _lives(table: Any) -> ColumnElement[bool]:
    found = select(accounts.c.id).where(accounts.c.id == table.c.account_id, accounts.c.deleted_at.is_(None))
    return found.exists()


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
