"""Writing facts: idempotent, in any order; of one object what is stored last stands.

Whoever reads a source stores in the order of reading, and is the only one to read it (`storage.syncs`), so that no
clock has to tell which reading is newer. An account, a subscription and an invoice are written whole, with their
discounts, items and lines.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from storage import facts as f
from storage import lapses
from storage.fact_reader import SINGLE, ordered, subscriptions_by_id
from storage.tables import (
    AccountRow,
    DiscountRow,
    InvoiceLineRow,
    InvoiceRow,
    ItemRow,
    SubscriptionRow,
)
from storage.upsert import Row, batches, delete_where, insert_all, table_of, upsert

Whole = TypeVar("Whole", f.Account, f.Subscription, f.Invoice)
Discounted = tuple[str, str, str, Sequence[f.Discount]]  # kind and id of the target, its account, in order


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # any reading is later


class ForeignIdError(Exception):
    """Two billing sources use the same id for an account, a subscription or an invoice."""


def store(
    session: Session, found: Iterable[f.Fact], read_at: datetime, changed_at: Mapping[str, datetime] | None = None
) -> set[str]:
    """Write facts that were read at one instant; the ids of the accounts whose ledger they may change.

    `changed_at` tells by id when items and discounts of subscriptions changed, where that is known.
    """
    by_kind: defaultdict[type, list[Any]] = defaultdict(list)
    for fact in found:
        by_kind[type(fact)].append(fact)
    touched = _store_accounts(session, by_kind.pop(f.Account, []), read_at)
    subscriptions = by_kind.pop(f.Subscription, [])
    known = subscriptions_by_id(session, [subscription.id for subscription in subscriptions])
    touched |= _store_subscriptions(session, subscriptions, known, read_at, changed_at or {})
    touched |= _store_invoices(session, by_kind.pop(f.Invoice, []), read_at)
    for kind, same in by_kind.items():
        to_row = _row_maker(kind)
        upsert(session, SINGLE[kind], [{**to_row(fact), "read_at": read_at} for fact in same])
    lapses.keep(session, {id_: old for id_, (old, _) in known.items()}, subscriptions, read_at)
    return touched


def add_missing_accounts(session: Session, source: str, at: datetime) -> None:
    """Give a name to accounts that only subscriptions tell of: they were deleted before the first read."""
    accounts, subscriptions = table_of(AccountRow), table_of(SubscriptionRow)
    known = select(accounts.c.id)
    orphans = session.connection().execute(
        select(subscriptions.c.account_id)
        .where(subscriptions.c.source == source, subscriptions.c.account_id.not_in(known))
        .distinct()
    )
    nameless = [
        f.Account(id=id_, source=source, name=f"Deleted customer {id_}", deleted_at=at) for id_ in orphans.scalars()
    ]
    _store_accounts(session, nameless, LONG_AGO)


def tombstone_missing(session: Session, source: str, present: set[str], at: datetime) -> set[str]:
    """Mark the accounts of a source that a full read no longer names as deleted; their ids."""
    accounts = table_of(AccountRow)
    alive = session.connection().execute(
        select(accounts.c.id).where(accounts.c.source == source, accounts.c.deleted_at.is_(None))
    )
    gone = sorted(set(alive.scalars()) - present)
    for part in batches(gone):
        session.connection().execute(accounts.update().where(accounts.c.id.in_(part)).values(deleted_at=at))
    return set(gone)


def end_missing(session: Session, source: str, present: set[str], at: datetime) -> set[str]:
    """End the subscriptions of a source that a snapshot no longer names; the ids of their accounts."""
    table = table_of(SubscriptionRow)
    alive = session.connection().execute(
        select(table.c.id, table.c.account_id).where(table.c.source == source, table.c.ended_at.is_(None))
    )
    gone = {row.id: row.account_id for row in alive if row.id not in present}
    for part in batches(sorted(gone)):
        ending = {"status": f.Status.ENDED, "ended_at": at, "cancel_kind": f.CancelKind.UNKNOWN}
        session.connection().execute(table.update().where(table.c.id.in_(part)).values(**ending))
    return set(gone.values())


def folded(text: str) -> str:
    """Text as look-ups compare it: no accents, no case, single spaces."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def _store_accounts(session: Session, accounts: Sequence[f.Account], read_at: datetime) -> set[str]:
    fresh = _latest(session, AccountRow, accounts)
    to_row = _row_maker(f.Account)
    rows = [
        {
            **to_row(account),
            "attributes": dict(account.attributes),
            "search": folded(f"{account.name} {account.email or ''} {account.id}"),
            "read_at": read_at,
        }
        for account in fresh
    ]
    upsert(session, AccountRow, rows)
    _delete_discounts(session, "account", [account.id for account in fresh])
    _insert_discounts(session, [("account", account.id, account.id, account.discounts) for account in fresh])
    return {account.id for account in fresh}


def _store_subscriptions(
    session: Session,
    subscriptions: Sequence[f.Subscription],
    stored: Mapping[str, tuple[f.Subscription, datetime | None]],
    read_at: datetime,
    known: Mapping[str, datetime],
) -> set[str]:
    fresh = _latest(session, SubscriptionRow, subscriptions)
    to_row, to_item = _row_maker(f.Subscription), _row_maker(f.Item)
    rows: list[Row] = []
    items: list[Row] = []
    discounts: list[Discounted] = []
    for new in fresh:
        old, changed_at = stored.get(new.id, (None, None))
        if old and (old.items, old.discounts) != (ordered(new).items, new.discounts):
            changed_at = min(known.get(new.id, read_at), read_at)
        rows.append({**to_row(new), "changed_at": changed_at, "read_at": read_at})
        owner = {"subscription_id": new.id, "account_id": new.account_id}
        items.extend({**to_item(item), **owner} for item in new.items)
        discounts.append(("subscription", new.id, new.account_id, new.discounts))
        discounts.extend(("item", item.id, new.account_id, item.discounts) for item in new.items)
    upsert(session, SubscriptionRow, rows)
    delete_where(session, ItemRow, "subscription_id", list(stored))
    insert_all(session, ItemRow, items)
    _delete_discounts(session, "subscription", list(stored))
    _delete_discounts(session, "item", [item.id for old, _ in stored.values() for item in old.items])
    _insert_discounts(session, discounts)
    return {subscription.account_id for subscription in fresh}


def _store_invoices(session: Session, invoices: Sequence[f.Invoice], read_at: datetime) -> set[str]:
    fresh = _latest(session, InvoiceRow, invoices)
    to_row, to_line = _row_maker(f.Invoice), _row_maker(f.InvoiceLine)
    upsert(
        session,
        InvoiceRow,
        [{**to_row(i), "payment_refs": list(i.payment_refs), "read_at": read_at} for i in fresh],
    )
    delete_where(session, InvoiceLineRow, "invoice_id", [invoice.id for invoice in fresh])
    lines = [
        {**to_line(line), "invoice_id": invoice.id, "account_id": invoice.account_id}
        for invoice in fresh
        for line in invoice.lines
    ]
    # A line may have moved here from an invoice that was read before.
    upsert(session, InvoiceLineRow, lines)
    return {invoice.account_id for invoice in fresh}


def _latest(session: Session, model: type[SQLModel], found: Sequence[Whole]) -> Sequence[Whole]:
    """The last fact of each id; ForeignIdError when one belongs to another source."""
    latest = {fact.id: fact for fact in found}
    table = table_of(model)
    for part in batches(list(latest)):
        stored = session.connection().execute(select(table.c.id, table.c.source).where(table.c.id.in_(part)))
        for id_, source in stored:
            if source != latest[id_].source:
                raise ForeignIdError(f"{id_!r} belongs to the source {source!r} already.")
    return list(latest.values())


def _delete_discounts(session: Session, kind: str, targets: Sequence[str]) -> None:
    table = table_of(DiscountRow)
    for part in batches(targets):
        session.connection().execute(table.delete().where(table.c.target_kind == kind, table.c.target_id.in_(part)))


def _insert_discounts(session: Session, found: Iterable[Discounted]) -> None:
    to_row = _row_maker(f.Discount)
    rows = [
        {
            **to_row(discount),
            "products": list(discount.products),
            "target_kind": kind,
            "target_id": target,
            "account_id": account,
            "position": position,
        }
        for kind, target, account, discounts in found
        for position, discount in enumerate(discounts)
    ]
    insert_all(session, DiscountRow, rows)


def _row_maker(kind: type) -> Callable[[Any], Row]:
    """A function from a fact to its columns; nested facts are left to their own tables."""
    names = f.columns_of(kind)
    values = attrgetter(*names)
    if kind is f.Price:
        return lambda price: {**dict(zip(names, values(price), strict=True)), "rates": _rates(price)}
    return lambda fact: dict(zip(names, values(fact), strict=True))


def _rates(price: f.Price) -> dict[str, Any]:
    return {
        currency: [
            None if rate.unit_amount is None else str(rate.unit_amount),
            [[tier.up_to, str(tier.unit_amount), str(tier.flat_amount)] for tier in rate.tiers],
        ]
        for currency, rate in price.rates.items()
    }
