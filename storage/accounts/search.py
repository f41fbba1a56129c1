"""Accounts by what names them exactly: their own ids, those of what they have, and who looks after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, union
from sqlmodel import Session

from storage.owners import owner_email
from storage.tables import AccountRow, InvoiceRow, SubscriptionRow
from storage.upsert import batches, table_of

accounts, subscriptions, invoices = table_of(AccountRow), table_of(SubscriptionRow), table_of(InvoiceRow)


@dataclass(frozen=True, slots=True)
class Named:
    """An account as a list shows it."""

    id: str
    name: str
    email: str | None
    deleted_at: datetime | None


def with_ids(session: Session, ids: Sequence[str]) -> list[Named]:
    """The accounts with exactly these ids."""
    return [
        Named(*row)
        for part in batches(ids)
        for row in session.connection().execute(_named().where(accounts.c.id.in_(part)))
    ]


def all_ids(session: Session) -> frozenset[str]:
    return frozenset(session.connection().execute(select(accounts.c.id)).scalars())


def count(session: Session) -> int:
    return session.connection().execute(select(func.count()).select_from(accounts)).scalar_one()


def owners_of(session: Session, names: Sequence[str]) -> list[str]:
    """Ids of accounts with a subscription or an invoice of one of these ids, or an invoice of one of these numbers."""
    numbers = {name for one in names for name in (one, one.upper())}
    found = union(
        select(subscriptions.c.account_id).where(subscriptions.c.id.in_(names)),
        select(invoices.c.account_id).where(or_(invoices.c.id.in_(names), invoices.c.number.in_(numbers))),
    )
    known = session.connection().execute(select(accounts.c.id).where(accounts.c.id.in_(found)))
    return sorted(known.scalars())


def of_owner(session: Session, user: str, email: str, most: int) -> tuple[list[str], int]:
    """Ids of the accounts that a person looks after, by the id in Slack or an address in small letters; their number.

    Deleted ones are left out.
    """
    billed = [func.lower(owner_email()) == email] if email else []
    found = session.connection().execute(
        select(accounts.c.id).where(or_(accounts.c.assigned_user == user, *billed), accounts.c.deleted_at.is_(None))
    )
    ids = sorted(found.scalars())
    return ids[:most], len(ids)


def _named() -> Select[Any]:
    return select(accounts.c.id, accounts.c.name, accounts.c.email, accounts.c.deleted_at)
