"""Invoices and subscriptions as they were read, without their lines, items and discounts."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, SQLModel

from storage import facts as f
from storage.tables import InvoiceRow, SubscriptionRow
from storage.upsert import batches, table_of

invoices, subscriptions = table_of(InvoiceRow), table_of(SubscriptionRow)


def invoices_by_id(session: Session, ids: Sequence[str]) -> dict[str, f.Invoice]:
    """Invoices without their lines; ids that are not stored are left out."""
    return {one.id: one for part in batches(ids) for one in _invoices(session, invoices.c.id.in_(part))}


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
