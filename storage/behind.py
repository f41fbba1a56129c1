"""What stands behind a window of the ledger: the movement that carries each account's change, and its bills."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String, Subquery, case, func, select
from sqlmodel import Session

from storage.facts import LineKind
from storage.movements import Carried
from storage.slices import EVERYTHING, Label, Slice, movements
from storage.states import Cause, MovementKind
from storage.tables import AccountRow, InvoiceLineRow, InvoiceRow, SubscriptionRow
from storage.upsert import table_of

BETWEEN = "\x1d"  # the words of one label; no source sends control characters
accounts, lines, invoices = table_of(AccountRow), table_of(InvoiceLineRow), table_of(InvoiceRow)
subscriptions = table_of(SubscriptionRow)
m = movements.c


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the ledger, as it is shown."""

    account_id: str
    name: str
    day: date
    subscription_id: str
    price_id: str
    plan: str
    kind: MovementKind
    cause: Cause
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice line whose period begins with a step."""

    number: str | None
    invoice_id: str
    url: str | None
    subscription_id: str
    price_id: str | None
    quantity: Decimal | None
    amount: int
    currency: str
    start: datetime
    end: datetime


def carrying(start: date, end: date, plans: Label, places: Label, part: Slice = EVERYTHING) -> Label:
    """The accounts that moved in a window by what their largest movement tells; see `parsed`.

    One of a kind has its name in the label. Of the slice only the conditions on accounts count.
    """
    t = _told(start, end, plans, places, part).c
    alone = func.count().over(partition_by=t.label) == 1
    named = t.label.concat(BETWEEN).concat(case((alone, t.name), else_=""))
    return Label(m.account_id, select(t.key, named.label("label")).subquery(), BETWEEN * 4)


def carried(session: Session, start: date, end: date, plans: Label, places: Label) -> dict[str, Carried]:
    """What the largest movement of each account that moved in a window tells, by account."""
    t = _told(start, end, plans, places, EVERYTHING).c
    rows = session.connection().execute(select(t.key, t.label.concat(BETWEEN).concat(t.name)))
    return {account_id: parsed(label) for account_id, label in map(tuple, rows)}


def parsed(label: str) -> Carried:
    """What a label of `carrying` holds."""
    plan, place, cause, reason, name = label.split(BETWEEN, 4)
    return Carried(plan, place, Cause(cause) if cause else None, reason, name)


def told_of_most(session: Session, label: Label) -> bool:
    """Whether a label of accounts is known of at least half of them."""
    names = label.names.c
    known = session.connection().execute(select(func.count()).where(names.label.is_not(None))).scalar_one()
    every = session.connection().execute(select(func.count()).select_from(accounts)).scalar_one()
    return bool(known * 2 >= every)


def _told(start: date, end: date, plans: Label, places: Label, part: Slice) -> Subquery:
    """Each account that moved by its key, with its words as one label, and its name."""
    largest = func.row_number().over(
        partition_by=m.account_id, order_by=(func.abs(m.amount).desc(), m.day.desc(), m.price_id)
    )
    ranked = (
        select(m.account_id, m.price_id, m.subscription_id, m.cause, largest.label("place"))
        .where(m.day >= start, m.day < end, *part.among(m.account_id))
        .subquery()
    )
    r = ranked.c
    words = (
        func.coalesce(plans.names.c.label, plans.otherwise),
        func.coalesce(places.names.c.label, places.otherwise),
        func.coalesce(r.cause, "", type_=String),
        func.coalesce(subscriptions.c.cancel_reason, ""),
    )
    label: Any = words[0]
    for word in words[1:]:
        label = label.concat(BETWEEN).concat(word)
    joined = (
        ranked.outerjoin(plans.names, plans.names.c.key == r.price_id)
        .outerjoin(places.names, places.names.c.key == r.account_id)
        .outerjoin(subscriptions, subscriptions.c.id == r.subscription_id)
        .outerjoin(accounts, accounts.c.id == r.account_id)
    )
    name = func.coalesce(accounts.c.name, r.account_id).label("name")
    query = select(r.account_id.label("key"), label.label("label"), name).select_from(joined)
    return query.where(r.place == 1).subquery()


def largest(
    session: Session, window: tuple[date, date], count: int, kinds: Collection[MovementKind], part: Slice = EVERYTHING
) -> list[str]:
    """The accounts with the largest movements of these kinds in [start, end), counted in their own currencies."""
    start, end = window
    inside = (m.day >= start, m.day < end, m.kind.in_(kinds), *part.among(m.account_id))
    by_net = select(m.account_id).where(*inside).group_by(m.account_id).order_by(func.abs(func.sum(m.amount)).desc())
    by_row = select(m.account_id).where(*inside).group_by(m.account_id).order_by(func.max(func.abs(m.amount)).desc())
    found = [
        account_id
        for query in (by_net, by_row)
        for account_id in session.connection().execute(query.limit(count)).scalars()
    ]
    return list(dict.fromkeys(found))


def steps(session: Session, start: date, end: date, account_ids: Collection[str], plans: Label) -> list[Step]:
    """The movements of some accounts in [start, end), in order of account and day."""
    plan = func.coalesce(plans.names.c.label, plans.otherwise)
    source = movements.outerjoin(accounts, accounts.c.id == m.account_id).outerjoin(
        plans.names, plans.names.c.key == m.price_id
    )
    name = func.coalesce(accounts.c.name, m.account_id)
    columns: list[Any] = [m.account_id, name, m.day, m.subscription_id, m.price_id, plan, m.kind, m.cause, m.currency]
    rows = session.connection().execute(
        select(*columns, m.amount)
        .select_from(source)
        .where(m.day >= start, m.day < end, m.account_id.in_(account_ids))
        .order_by(m.account_id, m.day, m.subscription_id, m.price_id)
    )
    return [Step(*values) for values in map(tuple, rows)]


def bills(session: Session, found: Sequence[Step], start: datetime, end: datetime) -> dict[tuple[str, str], list[Bill]]:
    """The recurring lines that begin in [start, end) for the steps' subscriptions, by subscription and price."""
    ids = sorted({step.subscription_id for step in found})
    rows = session.connection().execute(
        select(
            invoices.c.number,
            lines.c.invoice_id,
            invoices.c.hosted_url,
            lines.c.subscription_id,
            lines.c.price_id,
            lines.c.quantity,
            lines.c.amount,
            invoices.c.currency,
            lines.c.period_start,
            lines.c.period_end,
        )
        .join(invoices, invoices.c.id == lines.c.invoice_id)
        .where(
            lines.c.subscription_id.in_(ids),
            lines.c.kind == LineKind.RECURRING,
            lines.c.period_start >= start,
            lines.c.period_start < end,
        )
        .order_by(lines.c.period_start, lines.c.invoice_id, lines.c.id)
    )
    by_price: defaultdict[tuple[str, str], list[Bill]] = defaultdict(list)
    for row in rows:
        bill = Bill(*tuple(row))
        by_price[bill.subscription_id, bill.price_id or ""].append(bill)
    return dict(by_price)
