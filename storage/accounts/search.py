"""Finding accounts by what people type; the folded `search` text of each holds its name, e-mail and id."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, union
from sqlmodel import Session

from storage.tables import AccountRow, InvoiceRow, SubscriptionRow
from storage.upsert import batches, table_of

accounts, subscriptions, invoices = table_of(AccountRow), table_of(SubscriptionRow), table_of(InvoiceRow)
PORTION = 2000


class Fit(IntEnum):
    """How well an account fits what was typed, best first."""

    EXACT = 0
    NAME_BEGINS = 1
    WORD_BEGINS = 2
    INSIDE = 3


@dataclass(frozen=True, slots=True)
class Named:
    """An account as a list shows it."""

    id: str
    name: str
    email: str | None
    deleted_at: datetime | None
    fit: Fit = Fit.EXACT


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes whenever a sync has read accounts: how many there are, and when one was read last."""

    count: int
    read_at: datetime | None


def with_ids(session: Session, ids: Sequence[str]) -> list[Named]:
    """The accounts with exactly these ids."""
    return [
        Named(*row)
        for part in batches(ids)
        for row in session.connection().execute(_named().where(accounts.c.id.in_(part)))
    ]


def all_ids(session: Session) -> frozenset[str]:
    return frozenset(session.connection().execute(select(accounts.c.id)).scalars())


def owners_of(session: Session, names: Sequence[str]) -> list[Named]:
    """The accounts with a subscription or an invoice of one of these ids, or an invoice of one of these numbers."""
    numbers = {name for one in names for name in (one, one.upper())}
    found = union(
        select(subscriptions.c.account_id).where(subscriptions.c.id.in_(names)),
        select(invoices.c.account_id).where(or_(invoices.c.id.in_(names), invoices.c.number.in_(numbers))),
    )
    rows = session.connection().execute(_named().where(accounts.c.id.in_(found)).order_by(accounts.c.id))
    return [Named(*row) for row in rows]


def containing(session: Session, text: str, limit: int) -> tuple[list[Named], int]:
    """Accounts whose folded name, e-mail or id contains folded text: the best fits, and how many there are."""
    fit = _fit(text)
    rows = (
        session.connection()
        .execute(
            _named()
            .add_columns(fit.label("fit"), func.count().over().label("total"))
            .where(accounts.c.search.contains(text, autoescape=True))
            .order_by(fit, func.length(accounts.c.search), accounts.c.id)
            .limit(limit)
        )
        .all()
    )
    return [Named(row.id, row.name, row.email, row.deleted_at, Fit(row.fit)) for row in rows], rows[
        0
    ].total if rows else 0


def stamp(session: Session) -> Stamp:
    count, read_at = session.connection().execute(select(func.count(), func.max(accounts.c.read_at))).one()
    return Stamp(count, read_at)


def names_read_since(session: Session, since: datetime | None) -> Iterator[tuple[str, str]]:
    """Ids and names of the accounts that were read at or after an instant, of all for None; a portion at a time."""
    query = select(accounts.c.id, accounts.c.name)
    if since:
        query = query.where(accounts.c.read_at >= since)
    for portion in session.connection().execute(query.execution_options(yield_per=PORTION)).partitions():
        yield from portion


def _named() -> Select[Any]:
    return select(accounts.c.id, accounts.c.name, accounts.c.email, accounts.c.deleted_at)


def _fit(text: str) -> ColumnElement[int]:
    """Exact is the whole name or the whole e-mail, by how `search` is put together."""
    search, id_ = accounts.c.search, func.lower(accounts.c.id)
    email = func.lower(func.coalesce(accounts.c.email, ""))
    exact = or_(
        search == literal(text) + " " + id_,
        search == literal(text) + " " + email + " " + id_,
        email == text,
        id_ == text,
    )
    return case(
        (exact, int(Fit.EXACT)),
        (search.startswith(text, autoescape=True), int(Fit.NAME_BEGINS)),
        (search.contains(f" {text}", autoescape=True), int(Fit.WORD_BEGINS)),
        else_=int(Fit.INSIDE),
    )
