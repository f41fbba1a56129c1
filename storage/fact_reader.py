"""Reading facts back as plain values, one query per table whatever the number of accounts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import groupby, repeat
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, Table, func, or_, select
from sqlmodel import Session, SQLModel

from storage import facts as f
from storage import lapses
from storage.lapses import Times
from storage.plain import by_column
from storage.slices import one_of
from storage.tables import (
    AccountRow,
    DiscountRow,
    DisputeRow,
    ExchangeRateRow,
    InvoiceLineRow,
    InvoiceRow,
    ItemRow,
    PaymentMethodRow,
    PaymentRow,
    PriceRow,
    ProductRow,
    RefundRow,
    ScheduleRow,
    SubscriptionRow,
)
from storage.upsert import batches, table_of

F = TypeVar("F")
Lines = Mapping[str, Sequence[f.InvoiceLine]]  # by subscription
Discounts = Mapping[tuple[str, str], tuple[f.Discount, ...]]  # by kind and id of what they are on, in their order
SINGLE: Mapping[type, type[SQLModel]] = {
    f.Product: ProductRow,
    f.Price: PriceRow,
    f.Payment: PaymentRow,
    f.PaymentMethod: PaymentMethodRow,
    f.Refund: RefundRow,
    f.Dispute: DisputeRow,
    f.ExchangeRate: ExchangeRateRow,
    f.Schedule: ScheduleRow,
}  # facts that have no parts of their own
RECURRING = f.LineKind.RECURRING
READ = tuple(name for name in f.columns_of(f.InvoiceLine) if name not in ("kind", "description"))  # of a recurring line
LINE = partial(tuple.__new__, f.InvoiceLine)  # as `_make` does, without a call for each
Billed = tuple[str, str, str, f.InvoiceLine]  # the ids of account, subscription and invoice, with the line
CHUNK = 1_000  # accounts read at a time: bounded memory, few queries


class AccountHistory(NamedTuple):
    """All that an account's ledger is made of; `changed_at`, `lines` and `lapses` are by subscription.

    `last_failure` is its last failed payment, looked up only where a subscription is unpaid. `lapses` are the times for
    which a subscription was unpaid and that are over.
    """

    account_id: str
    discounts: tuple[f.Discount, ...]
    subscriptions: Sequence[f.Subscription]
    changed_at: Mapping[str, datetime]
    lines: Lines
    last_failure: datetime | None
    lapses: Mapping[str, Times]


def histories(session: Session, account_ids: Sequence[str] | None = None) -> Iterator[AccountHistory]:
    """The histories of these accounts, or of all with subscriptions, one at a time.

    They come in no order, as what an account was billed is read while the one before is dealt with.
    """
    if account_ids is None:
        account_ids = ids_with_subscriptions(session)
    for part in batches(account_ids, CHUNK):
        yield from _chunk(session, part)


def ids_with_subscriptions(session: Session) -> list[str]:
    column = table_of(SubscriptionRow).c.account_id
    return list(session.connection().execute(select(column).distinct().order_by(column)).scalars())


def has_bills(session: Session) -> bool:
    """Whether any bill of a subscription is known."""
    kind = table_of(InvoiceLineRow).c.kind
    return session.connection().execute(select(kind).where(kind == RECURRING).limit(1)).first() is not None


def accounts(session: Session, account_ids: Sequence[str]) -> dict[str, f.Account]:
    """Accounts by id, with their own discounts; ids that are not stored are left out."""
    discounts = _discounts(session, account_ids)
    return {
        row["id"]: f.Account(
            **{**row, "attributes": row["attributes"] or {}}, discounts=discounts.get(("account", row["id"]), ())
        )
        for row in _rows(session, f.Account, AccountRow, "id", account_ids)
    }


def subscriptions_by_id(
    session: Session, subscription_ids: Sequence[str]
) -> dict[str, tuple[f.Subscription, datetime | None]]:
    """Subscriptions with when their present state was first seen to differ, by id."""
    rows = _subscription_rows(session, "id", subscription_ids) if subscription_ids else []
    if not rows:
        return {}
    owners = sorted({row.account_id for row in rows})
    return {
        one.id: (one, changed) for one, changed in _subscriptions(session, owners, rows, _discounts(session, owners))
    }


def subscriptions_of(session: Session, account_ids: Sequence[str]) -> list[f.Subscription]:
    """All subscriptions of the accounts, ended ones too."""
    rows, discounts = _subscription_rows(session, "account_id", account_ids), _discounts(session, account_ids)
    return [subscription for subscription, _ in _subscriptions(session, account_ids, rows, discounts)]


def prices(session: Session) -> dict[str, f.Price]:
    """Every price by id."""
    names = f.columns_of(f.Price)
    rows = session.connection().execute(_select(PriceRow, names)).mappings()
    return {row["id"]: f.Price(**{**row, "rates": _rates(row["rates"])}) for row in rows}


def invoices(session: Session, invoice_ids: Sequence[str]) -> dict[str, f.Invoice]:
    """Invoices by id, with all their lines."""
    line, names = table_of(InvoiceLineRow), f.columns_of(f.InvoiceLine)
    lines: defaultdict[str, list[f.InvoiceLine]] = defaultdict(list)
    for part in batches(invoice_ids):
        rows = session.connection().execute(
            _select(InvoiceLineRow, [*names, "invoice_id"]).where(line.c.invoice_id.in_(part))
        )
        for *values, invoice_id in rows:
            lines[invoice_id].append(f.InvoiceLine(**dict(zip(names, values, strict=True))))
    return {
        row["id"]: ordered(
            f.Invoice(
                **{**row, "payment_refs": tuple(row["payment_refs"] or ())}, lines=tuple(lines.get(row["id"], ()))
            )
        )
        for row in _rows(session, f.Invoice, InvoiceRow, "id", invoice_ids)
    }


def exchange_rates(session: Session, base: str) -> list[tuple[str, Any, Decimal]]:
    """(currency, day, rate to base) in order of currency and day."""
    table = table_of(ExchangeRateRow)
    rows = session.connection().execute(
        select(table.c.currency, table.c.day, table.c.rate)
        .where(table.c.base == base)
        .order_by(table.c.currency, table.c.day)
    )
    return [tuple(row) for row in rows.all()]


def differing(session: Session, found: Sequence[f.Fact]) -> list[f.Fact]:
    """Those facts that are not stored just so."""
    by_kind: defaultdict[type, list[Any]] = defaultdict(list)
    for fact in found:
        by_kind[type(fact)].append(fact)
    different: list[f.Fact] = []
    for kind, same in by_kind.items():
        stored = _stored(session, kind, same)
        different.extend(fact for fact in same if stored.get(_key(fact)) != ordered(fact))
    return different


def ordered(fact: F) -> F:
    """The fact with its items or lines in the order in which they are read back, for comparing."""
    if isinstance(fact, f.Subscription) and len(fact.items) > 1:
        return replace(fact, items=tuple(sorted(fact.items, key=_by_start)))
    if isinstance(fact, f.Invoice) and len(fact.lines) > 1:
        return replace(fact, lines=tuple(sorted(fact.lines, key=attrgetter("id"))))
    return fact


def _by_start(item: f.Item) -> tuple[bool, float, str]:
    return item.started_at is not None, item.started_at.timestamp() if item.started_at else 0, item.id


def accounts_waiting_for(session: Session, price_ids: Sequence[str]) -> set[str]:
    """Accounts with items of prices that are not stored yet, among these."""
    price, item = table_of(PriceRow), table_of(ItemRow)
    known = {
        id_
        for part in batches(price_ids)
        for id_ in session.connection().execute(select(price.c.id).where(price.c.id.in_(part))).scalars()
    }
    return {
        account_id
        for part in batches([id_ for id_ in price_ids if id_ not in known])
        for account_id in session.connection()
        .execute(select(item.c.account_id).where(item.c.price_id.in_(part)).distinct())
        .scalars()
    }


def accounts_in_several_currencies(session: Session) -> set[str]:
    """Accounts with subscriptions in more than one currency, whose days are judged by exchange rates."""
    table = table_of(SubscriptionRow)
    rows = session.connection().execute(
        select(table.c.account_id)
        .group_by(table.c.account_id)
        .having(func.min(table.c.currency) != func.max(table.c.currency))
    )
    return set(rows.scalars())


def accounts_with_dates(session: Session, start: datetime, end: datetime) -> set[str]:
    """Accounts with a planned change of a subscription, item or discount in [start, end]."""
    found: set[str] = set()
    dated = (
        (SubscriptionRow, ("started_at", "trial_end", "ended_at")),
        (ItemRow, ("started_at", "ended_at", "trial_end")),
        (DiscountRow, ("starts_at", "ends_at")),
    )
    for model, names in dated:
        table = table_of(model)
        falls = or_(*(table.c[name].between(start, end) for name in names))
        found.update(session.connection().execute(select(table.c.account_id).where(falls).distinct()).scalars())
    return found


def _key(fact: f.Fact) -> object:
    return (fact.currency, fact.base, fact.day) if isinstance(fact, f.ExchangeRate) else fact.id


def _stored(session: Session, kind: type, same: Sequence[Any]) -> Mapping[Any, Any]:
    if kind is f.ExchangeRate:
        return _stored_rates(session, same)
    ids = [fact.id for fact in same]
    if kind is f.Account:
        return accounts(session, ids)
    if kind is f.Subscription:
        return {id_: subscription for id_, (subscription, _) in subscriptions_by_id(session, ids).items()}
    if kind is f.Invoice:
        return invoices(session, ids)
    if kind is f.Price:
        wanted = set(ids)
        return {id_: price for id_, price in prices(session).items() if id_ in wanted}
    return {row["id"]: kind(**row) for row in _rows(session, kind, SINGLE[kind], "id", ids)}


def _stored_rates(session: Session, same: Sequence[f.ExchangeRate]) -> dict[Any, f.ExchangeRate]:
    table = table_of(ExchangeRateRow)
    days = [fact.day for fact in same]
    rows = session.connection().execute(
        _select(ExchangeRateRow, f.columns_of(f.ExchangeRate)).where(table.c.day.between(min(days), max(days)))
    )
    return {_key(rate): rate for rate in (f.ExchangeRate(**row) for row in rows.mappings())}


def _chunk(session: Session, account_ids: Sequence[str]) -> Iterator[AccountHistory]:
    subscriptions: defaultdict[str, list[f.Subscription]] = defaultdict(list)
    changed_at: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    discounts = _discounts(session, account_ids)
    rows = _subscription_rows(session, "account_id", account_ids)
    for subscription, changed in _subscriptions(session, account_ids, rows, discounts):
        subscriptions[subscription.account_id].append(subscription)
        if changed:
            changed_at[subscription.account_id][subscription.id] = changed
    unpaid = {s.account_id for own in subscriptions.values() for s in own if s.status is f.Status.UNPAID}
    failures, lapsed = _last_failures(session, sorted(unpaid)), lapses.of_accounts(session, account_ids)

    def history(account_id: str, lines: Lines) -> AccountHistory:
        return AccountHistory(
            account_id,
            discounts.get(("account", account_id), ()),
            subscriptions.get(account_id, ()),
            changed_at.get(account_id, {}),
            lines,
            failures.get(account_id),
            lapsed.get(account_id, {}),
        )

    unbilled = dict.fromkeys(account_ids)
    for account_id, lines in _lines(session, account_ids):
        yield history(account_id, lines)
        del unbilled[account_id]
    for account_id in unbilled:
        yield history(account_id, {})


def _subscription_rows(session: Session, key: str, values: Sequence[str]) -> Sequence[Any]:
    """The values of subscriptions in order of account and start, each with `changed_at` as its last."""
    query = _select(SubscriptionRow, [*f.columns_of(f.Subscription), "changed_at"])
    wanted = one_of(session, table_of(SubscriptionRow).c[key], values)
    return session.connection().execute(query.where(wanted).order_by("account_id", "started_at", "id")).all()


def _subscriptions(
    session: Session, account_ids: Sequence[str], rows: Sequence[Any], discounts: Discounts
) -> Iterator[tuple[f.Subscription, datetime | None]]:
    """Subscriptions of these accounts, by their rows, with when their present state was first seen to differ."""
    names = f.columns_of(f.Subscription)
    items = _items(session, account_ids, discounts)
    for *values, changed_at in rows:
        own = dict(zip(names, values, strict=True))
        id_ = own["id"]
        parts, lowered = tuple(items.get(id_, ())), discounts.get(("subscription", id_), ())
        yield ordered(f.Subscription(**own, items=parts, discounts=lowered)), changed_at


def _items(session: Session, account_ids: Sequence[str], discounts: Discounts) -> dict[str, list[f.Item]]:
    """The items of the subscriptions of these accounts, by subscription."""
    names = f.columns_of(f.Item)
    query = _select(ItemRow, [*names, "subscription_id"])
    wanted = one_of(session, table_of(ItemRow).c.account_id, account_ids)
    found: defaultdict[str, list[f.Item]] = defaultdict(list)
    for *values, subscription_id in session.connection().execute(query.where(wanted)):
        own = dict(zip(names, values, strict=True))
        found[subscription_id].append(f.Item(**own, discounts=discounts.get(("item", own["id"]), ())))
    return found


def _lines(session: Session, account_ids: Sequence[str]) -> Iterator[tuple[str, Lines]]:
    """Each account's recurring lines that say what was subscribed to, in order of their invoices.

    Invoices of every status tell, since a subscription goes on while its bills are kept as drafts or voided. Where
    several bill the same item for the same time the latest speaks, and a voided one only alone.
    """
    line, invoice = table_of(InvoiceLineRow), table_of(InvoiceRow)
    query = (
        select(line.c.account_id, line.c.invoice_id, *(line.c[name] for name in READ))
        .join(invoice, invoice.c.id == line.c.invoice_id)
        .where(one_of(session, line.c.account_id, account_ids))
        .where(line.c.kind == RECURRING, line.c.subscription_id.is_not(None))
        .order_by(line.c.account_id, line.c.subscription_id)
        .order_by(invoice.c.status != f.InvoiceStatus.VOID, invoice.c.issued_at, line.c.invoice_id, line.c.id)
    )
    for account_id, own in groupby(_billed(session, query), key=itemgetter(0)):
        by_subscription = groupby(own, key=itemgetter(1))
        yield account_id, {subscription_id: _speaking(list(same)) for subscription_id, same in by_subscription}


def _billed(session: Session, query: Select[Any]) -> Iterator[Billed]:
    at = READ.index("subscription_id")
    for account_ids, invoice_ids, *values in by_column(session, query):
        ids, *rest = values
        lines = map(LINE, zip(ids, repeat(RECURRING), *rest, repeat(None), strict=False))
        yield from zip(account_ids, values[at], invoice_ids, lines, strict=True)


def _speaking(billed: Sequence[Billed]) -> Sequence[f.InvoiceLine]:
    """Of the lines that bill the same for the same time those of the last invoice."""
    lines = [own for _, _, _, own in billed]
    if f.in_turn(lines) or len({own.period_start for own in lines}) == len(lines):
        return lines
    speaking: dict[object, tuple[str, list[f.InvoiceLine]]] = {}
    for _, _, invoice_id, own in billed:
        key = (own.item_id or own.price_id, own.period_start, own.proration, own.amount < 0)
        told = speaking.get(key)
        if told and told[0] == invoice_id:
            told[1].append(own)
        else:
            speaking[key] = (invoice_id, [own])
    return [own for _, same in speaking.values() for own in same]


def _last_failures(session: Session, account_ids: Sequence[str]) -> dict[str, datetime]:
    payment = table_of(PaymentRow)
    found: dict[str, datetime] = {}
    for part in batches(account_ids):
        rows = session.connection().execute(
            select(payment.c.account_id, func.max(payment.c.at))
            .where(payment.c.account_id.in_(part), payment.c.status == f.PaymentStatus.FAILED)
            .group_by(payment.c.account_id)
        )
        found.update((account_id, at) for account_id, at in rows)
    return found


def _discounts(session: Session, account_ids: Sequence[str]) -> Discounts:
    """All discounts of these accounts, on whatever they are."""
    names, table = f.columns_of(f.Discount), table_of(DiscountRow)
    query = _select(DiscountRow, [*names, "target_kind", "target_id"])
    wanted = one_of(session, table.c.account_id, account_ids)
    found: defaultdict[tuple[str, str], list[f.Discount]] = defaultdict(list)
    for *values, kind, target in session.connection().execute(query.where(wanted).order_by("position")):
        own = dict(zip(names, values, strict=True))
        found[kind, target].append(f.Discount(**{**own, "products": tuple(own["products"] or ())}))
    return {target: tuple(discounts) for target, discounts in found.items()}


def _rows(
    session: Session, kind: type, model: type[SQLModel], key: str, values: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for part in batches(values):
        for row in session.connection().execute(
            _select(model, f.columns_of(kind)).where(table_of(model).c[key].in_(part))
        ):
            yield dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def _select(model: type[SQLModel], names: Sequence[str]) -> Select[Any]:
    table: Table = table_of(model)
    return select(*(table.c[name] for name in names))


def _rates(stored: Mapping[str, Any]) -> dict[str, f.Rate]:
    return {
        currency: f.Rate(
            None if unit is None else Decimal(unit),
            tuple(f.Tier(up_to, Decimal(amount), Decimal(flat)) for up_to, amount, flat in tiers),
        )
        for currency, (unit, tiers) in stored.items()
    }
