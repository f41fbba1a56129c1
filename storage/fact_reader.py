"""Reading facts back as plain values, one query per table whatever the number of accounts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, Table, func, select
from sqlmodel import Session, SQLModel

from storage import facts as f
from storage.tables import (
    AccountRow,
    DiscountRow,
    ExchangeRateRow,
    InvoiceLineRow,
    InvoiceRow,
    ItemRow,
    PaymentRow,
    PriceRow,
    ProductRow,
    SubscriptionRow,
)
from storage.upsert import parts, table_of

F = TypeVar("F")
CHUNK = 500  # accounts read at a time: bounded memory, few queries

# Which subscriptions and lines the ledger is made of.
LEDGER_INVOICES = (f.InvoiceStatus.OPEN, f.InvoiceStatus.PAID, f.InvoiceStatus.UNCOLLECTIBLE)


@dataclass(frozen=True, slots=True)
class AccountHistory:
    """All that an account's ledger is made of; `changed_at` and `lines` are by subscription.

    `last_failure` is its last failed payment, looked up only where a subscription is unpaid.
    """

    account_id: str
    discounts: tuple[f.Discount, ...]
    subscriptions: Sequence[f.Subscription]
    changed_at: Mapping[str, datetime]
    lines: Mapping[str, Sequence[f.InvoiceLine]]
    last_failure: datetime | None


def histories(session: Session, account_ids: Sequence[str] | None = None) -> Iterator[AccountHistory]:
    """The histories of the accounts with subscriptions, in order of id; of all accounts when none are named."""
    if account_ids is None:
        account_ids = ids_with_subscriptions(session)
    for start in range(0, len(account_ids), CHUNK):
        yield from _chunk(session, account_ids[start : start + CHUNK])


def ids_with_subscriptions(session: Session) -> list[str]:
    column = table_of(SubscriptionRow).c.account_id
    return list(session.connection().execute(select(column).distinct().order_by(column)).scalars())


def accounts(session: Session, account_ids: Sequence[str]) -> dict[str, f.Account]:
    """Accounts by id, with their own discounts; ids that are not stored are left out."""
    discounts = _discounts(session, "account", account_ids)
    found = _rows(session, f.Account, AccountRow, "id", account_ids)
    return {
        row["id"]: f.Account(**{**row, "attributes": row["attributes"] or {}}, discounts=discounts.get(row["id"], ()))
        for row in found
    }


def subscriptions_by_id(
    session: Session, subscription_ids: Sequence[str]
) -> dict[str, tuple[f.Subscription, datetime | None]]:
    """Subscriptions with when their present state was first seen to differ, by id."""
    return {s.id: (s, changed) for s, changed in _subscriptions(session, "id", subscription_ids)}


def subscriptions_of(session: Session, account_ids: Sequence[str]) -> list[f.Subscription]:
    """All subscriptions of the accounts, ended ones too."""
    return [subscription for subscription, _ in _subscriptions(session, "account_id", account_ids)]


def prices(session: Session) -> dict[str, f.Price]:
    """Every price by id."""
    names = _columns(f.Price)
    rows = session.connection().execute(_select(PriceRow, names)).mappings()
    return {row["id"]: f.Price(**{**row, "rates": _rates(row["rates"])}) for row in rows}


def product_names(session: Session) -> dict[str, str]:
    table = table_of(ProductRow)
    return {row.id: row.name for row in session.connection().execute(select(table.c.id, table.c.name))}


def exchange_rates(session: Session, base: str) -> list[tuple[str, Any, Decimal]]:
    """(currency, day, rate to base) in order of currency and day."""
    table = table_of(ExchangeRateRow)
    rows = session.connection().execute(
        select(table.c.currency, table.c.day, table.c.rate)
        .where(table.c.base == base)
        .order_by(table.c.currency, table.c.day)
    )
    return [(row.currency, row.day, row.rate) for row in rows]


def _chunk(session: Session, account_ids: Sequence[str]) -> Iterator[AccountHistory]:
    subscriptions: defaultdict[str, list[f.Subscription]] = defaultdict(list)
    changed_at: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for subscription, changed in _subscriptions(session, "account_id", account_ids):
        subscriptions[subscription.account_id].append(subscription)
        if changed:
            changed_at[subscription.account_id][subscription.id] = changed
    lines = _lines(session, account_ids)
    discounts = _discounts(session, "account", account_ids)
    unpaid = {s.account_id for own in subscriptions.values() for s in own if s.status is f.Status.UNPAID}
    failures = _last_failures(session, sorted(unpaid))
    for account_id in account_ids:
        yield AccountHistory(
            account_id,
            discounts.get(account_id, ()),
            subscriptions.get(account_id, []),
            changed_at.get(account_id, {}),
            lines.get(account_id, {}),
            failures.get(account_id),
        )


def _subscriptions(
    session: Session, key: str, values: Sequence[str]
) -> Iterator[tuple[f.Subscription, datetime | None]]:
    names = _columns(f.Subscription)
    rows = [
        row
        for part in parts(values)
        for row in session.connection()
        .execute(
            _select(SubscriptionRow, [*names, "changed_at"])
            .where(table_of(SubscriptionRow).c[key].in_(part))
            .order_by("account_id", "started_at", "id")
        )
        .mappings()
    ]
    if not rows:
        return
    ids = [row["id"] for row in rows]
    items = _items(session, ids)
    discounts = _discounts(session, "subscription", ids)
    for row in rows:
        own = {name: row[name] for name in names}
        subscription = f.Subscription(
            **own, items=tuple(items.get(row["id"], ())), discounts=discounts.get(row["id"], ())
        )
        yield subscription, row["changed_at"]


def _items(session: Session, subscription_ids: Sequence[str]) -> dict[str, list[f.Item]]:
    names = _columns(f.Item)
    rows = [
        row
        for part in parts(subscription_ids)
        for row in session.connection()
        .execute(
            _select(ItemRow, [*names, "subscription_id"])
            .where(table_of(ItemRow).c.subscription_id.in_(part))
            .order_by("subscription_id", "started_at", "id")
        )
        .mappings()
    ]
    discounts = _discounts(session, "item", [row["id"] for row in rows])
    found: defaultdict[str, list[f.Item]] = defaultdict(list)
    for row in rows:
        own = {name: row[name] for name in names}
        found[row["subscription_id"]].append(f.Item(**own, discounts=discounts.get(row["id"], ())))
    return found


def _lines(session: Session, account_ids: Sequence[str]) -> dict[str, dict[str, list[f.InvoiceLine]]]:
    """Recurring lines that were asked for, by account and subscription, in order of their period."""
    line, invoice = table_of(InvoiceLineRow), table_of(InvoiceRow)
    names = _columns(f.InvoiceLine)
    found: defaultdict[str, defaultdict[str, list[f.InvoiceLine]]] = defaultdict(lambda: defaultdict(list))
    for part in parts(account_ids):
        rows = session.connection().execute(
            select(line.c.account_id, *(line.c[name] for name in names))
            .join(invoice, invoice.c.id == line.c.invoice_id)
            .where(
                line.c.account_id.in_(part),
                line.c.kind == f.LineKind.RECURRING,
                line.c.subscription_id.is_not(None),
                invoice.c.status.in_(LEDGER_INVOICES),
            )
            .order_by(line.c.account_id, line.c.subscription_id, line.c.period_start, line.c.id)
        )
        for account_id, *values in rows:
            line_fact = f.InvoiceLine(**dict(zip(names, values, strict=True)))
            found[account_id][line_fact.subscription_id or ""].append(line_fact)
    return {account_id: dict(lines) for account_id, lines in found.items()}


def _last_failures(session: Session, account_ids: Sequence[str]) -> dict[str, datetime]:
    payment = table_of(PaymentRow)
    found: dict[str, datetime] = {}
    for part in parts(account_ids):
        rows = session.connection().execute(
            select(payment.c.account_id, func.max(payment.c.at))
            .where(payment.c.account_id.in_(part), payment.c.status == f.PaymentStatus.FAILED)
            .group_by(payment.c.account_id)
        )
        found.update((account_id, at) for account_id, at in rows)
    return found


def _discounts(session: Session, target_kind: str, target_ids: Sequence[str]) -> dict[str, tuple[f.Discount, ...]]:
    names, discounts = _columns(f.Discount), table_of(DiscountRow)
    found: defaultdict[str, list[f.Discount]] = defaultdict(list)
    for part in parts(target_ids):
        rows = (
            session.connection()
            .execute(
                _select(DiscountRow, [*names, "target_id"])
                .where(discounts.c.target_kind == target_kind, discounts.c.target_id.in_(part))
                .order_by("target_id", "position")
            )
            .mappings()
        )
        for row in rows:
            own = {name: row[name] for name in names}
            found[row["target_id"]].append(f.Discount(**{**own, "products": tuple(own["products"] or ())}))
    return {target: tuple(discounts) for target, discounts in found.items()}


def _rows(
    session: Session, kind: type, model: type[SQLModel], key: str, values: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for part in parts(values):
        for row in session.connection().execute(_select(model, _columns(kind)).where(table_of(model).c[key].in_(part))):
            yield dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def _select(model: type[SQLModel], names: Sequence[str]) -> Select[Any]:
    table: Table = table_of(model)
    return select(*(table.c[name] for name in names))


def _columns(kind: type) -> list[str]:
    return [field.name for field in fields(kind) if field.name not in ("items", "discounts", "lines")]


def _rates(stored: Mapping[str, Any]) -> dict[str, f.Rate]:
    return {
        currency: f.Rate(
            None if unit is None else Decimal(unit),
            tuple(f.Tier(up_to, Decimal(amount), Decimal(flat)) for up_to, amount, flat in tiers),
        )
        for currency, (unit, tiers) in stored.items()
    }
