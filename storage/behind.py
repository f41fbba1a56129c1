"""What stands behind a window of the ledger: what each account moved, what tells of it, its rows and its bills."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session

from storage.facts import InvoiceStatus, LineKind
from storage.movements import COMES, Carried, LabelledRow, Turned
from storage.plain import by_column, plain_rows, whole_sum
from storage.slices import EVERYTHING, FEW, Label, Slice, movements, one_of
from storage.states import ENDING, Cause, MovementKind
from storage.tables import AccountRow, InvoiceLineRow, InvoiceRow, SubscriptionRow
from storage.upsert import batches, table_of
from storage.windows import TURN, first_and_last

accounts, lines, invoices = table_of(AccountRow), table_of(InvoiceLineRow), table_of(InvoiceRow)
subscriptions = table_of(SubscriptionRow)
m = movements.c
Row = TypeVar("Row", Turned, LabelledRow)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The rows of a slice in [start, end); None for a start before all rows. `later` tells whether any follow."""

    start: date | None
    end: date
    later: bool
    part: Slice = EVERYTHING

    @classmethod
    def between(cls, session: Session, start: date, end: date, part: Slice = EVERYTHING) -> "View":
        """The view of [start, end)."""
        first, last = first_and_last(session)
        return cls(start if first and first < start else None, end, bool(last and last >= end), part)

    @property
    def inside(self) -> list[ColumnElement[bool]]:
        """Which rows are meant: no day is compared where all are."""
        since = [] if self.start is None else [m.day >= self.start]
        until = [m.day < self.end] if self.later else []
        return [*since, *until, *self.part.among(m.account_id)]

    def has(self, day: date) -> bool:
        """Whether a day is among those of the view."""
        return (self.start is None or day >= self.start) and day < self.end


@dataclass(frozen=True, slots=True)
class Words:
    """What tells accounts apart: plans by price, places by account, and reasons by subscription as billing heard them.

    `otherwise` are plan and place where they are not known.
    """

    plans: Mapping[str, str]
    places: Mapping[str, str]
    reasons: Mapping[str, str]
    otherwise: tuple[str, str]

    def of(self, account_id: str, price_id: str, subscription_id: str = "") -> Carried:
        """What tells of a row; `subscription_id` where it left for a reason."""
        plan, place = self.otherwise
        return Carried(
            self.plans.get(price_id, plan),
            self.places.get(account_id, place),
            self.reasons.get(subscription_id, ""),
        )


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


def nets(session: Session, view: View, currency: str) -> Sequence[tuple[str, int]]:
    """What each account moved in a currency, in minor units."""
    meant = (m.currency == currency, *view.inside, *view.part.counted(m.account_id))
    return plain_rows(session, select(m.account_id, whole_sum(m.amount)).where(*meant).group_by(m.account_id))


def rows(session: Session, view: View, currency: str) -> Sequence[tuple[str, int, date | str]]:
    """(account, minor units, day) of each row in a currency; days are text where a driver gives them so."""
    return plain_rows(session, _rows(view, currency).where(*view.inside))


def rows_of_days(
    session: Session, view: View, currency: str, days: Collection[date]
) -> Sequence[tuple[str, int, date | str]]:
    """(account, minor units, day) of each row in a currency on some days of the view, as `rows` gives them.

    A database that is told the days need not look at others.
    """
    query = _rows(view, currency).where(*view.part.among(m.account_id))
    return [row for some in batches(sorted(days)) for row in plain_rows(session, query.where(m.day.in_(some)))]


def _rows(view: View, currency: str) -> Select[Any]:
    counted = view.part.counted(m.account_id)
    return select(m.account_id, m.amount, m.day).where(m.currency == currency, *counted)


def turned(session: Session, view: View) -> dict[str, list[Turned]]:
    """The rows by which accounts came or left, by account in order of day."""
    return _turned(session, view)


def came(session: Session, view: View) -> tuple[dict[str, str], dict[str, list[Turned]]]:
    """The price at which each account came as new business by one row, to stay; and what `turned` all others.

    They are most of what comes or leaves in a long window, so no more is read of them.
    """
    stays = or_(m.stay_end.is_(None), m.stay_end >= view.end)
    simply = and_(m.kind == MovementKind.NEW, m.accounts == 1, stays)
    query = select(m.account_id, m.price_id).where(TURN, simply, *view.inside, *view.part.counted(m.account_id))
    found: dict[str, str] = dict(plain_rows(session, query))
    others = _turned(session, view, ~simply)
    if both := others.keys() & found.keys():
        others |= _turned(session, view, one_of(session, m.account_id, both))
    for account_id in both:
        del found[account_id]
    return found, others


def _turned(session: Session, view: View, *where: ColumnElement[bool]) -> dict[str, list[Turned]]:
    columns: list[Any] = [m[name] for name in Turned._fields]
    query = select(*columns).where(TURN, m.kind.in_((*COMES, MovementKind.CHURN)), *view.inside, *where)
    found: defaultdict[str, list[Turned]] = defaultdict(list)
    for columns in by_column(session, query.order_by(m.day)):
        for row in map(Turned, *columns):
            found[row.account_id].append(row)
    return dict(found)


def stayed(session: Session, view: View) -> dict[str, str]:
    """The price of the largest movement of each account that was there at both ends."""
    if view.start is None:
        return {}
    stays = (m.stay_start < view.start, or_(m.stay_end.is_(None), m.stay_end >= view.end), *view.inside)
    size = func.max(func.abs(m.amount)).label("size")
    largest = select(m.account_id, size).where(*stays).group_by(m.account_id).subquery()
    rows = session.connection().execute(
        select(m.account_id, m.price_id)
        .select_from(movements.join(largest, largest.c.account_id == m.account_id))
        .where(func.abs(m.amount) == largest.c.size, *stays)
        .order_by(m.day, m.price_id.desc())
    )
    return dict(map(tuple, rows.all()))


def parted(session: Session, view: View) -> frozenset[str]:
    """The accounts that lost one of their subscriptions and stayed."""
    ended = m.cause.in_(ENDING)
    query = select(m.account_id).distinct().where(ended, m.kind != MovementKind.CHURN, *view.inside)
    return frozenset(session.connection().execute(query).scalars())


def words(session: Session, plans: Label, places: Label, account_ids: Collection[str]) -> Words:
    """What tells some accounts apart by these labels of prices and of accounts."""
    s = subscriptions.c
    heard = select(s.id, s.cancel_reason).where(s.cancel_reason.is_not(None))
    return Words(
        _by_key(session, _labels(plans)),
        _by_key(session, _labels(places), places.names.c.key, account_ids),
        _by_key(session, heard, s.account_id, account_ids),
        (plans.otherwise, places.otherwise),
    )


def names(session: Session, account_ids: Collection[str]) -> dict[str, str]:
    """The names of accounts, their ids where they have none."""
    found = _by_key(session, select(accounts.c.id, accounts.c.name), accounts.c.id, account_ids)
    return {account_id: found.get(account_id, account_id) for account_id in account_ids}


def telling(rows: Sequence[Row]) -> Row:
    """The row that tells most of an account: the largest of those by which it last came or left."""
    return rows[0] if len(rows) == 1 else max(rows, key=lambda row: (row.day, *size(row)))


def size(row: Turned | LabelledRow) -> tuple[int, str, str]:
    """How much a row tells beside others of its day; no two are alike."""
    return abs(row.amount), row.price_id, row.subscription_id


def told_of_most(session: Session, label: Label) -> bool:
    """Whether a label of accounts is known of at least half of them."""
    names = label.names.c
    known = session.connection().execute(select(func.count()).where(names.label.is_not(None))).scalar_one()
    every = session.connection().execute(select(func.count()).select_from(accounts)).scalar_one()
    return bool(known * 2 >= every)


def steps(
    session: Session, start: date, end: date, account_ids: Collection[str], plans: Label, *, part: Slice = EVERYTHING
) -> list[Step]:
    """The movements of some accounts in [start, end) that a slice sees, in order of account and day."""
    plan = func.coalesce(plans.names.c.label, plans.otherwise)
    source = part.source.outerjoin(accounts, accounts.c.id == m.account_id).outerjoin(
        plans.names, plans.names.c.key == m.price_id
    )
    name = func.coalesce(accounts.c.name, m.account_id)
    columns: list[Any] = [m.account_id, name, m.day, m.subscription_id, m.price_id, plan, m.kind, m.cause, m.currency]
    rows = session.connection().execute(
        select(part.label, *columns, m.amount)
        .select_from(source)
        .where(m.day >= start, m.day < end, m.account_id.in_(account_ids))
        .order_by(m.account_id, m.day, m.subscription_id, m.price_id)
    )
    return [Step(*values) for label, *values in map(tuple, rows) if part.seen(label) is not None]


def bills(session: Session, found: Sequence[Step], start: datetime, end: datetime) -> dict[str, list[Bill]]:
    """The recurring lines that begin in [start, end) for the steps' subscriptions, by subscription.

    Those of invoices that were taken back are left out.
    """
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
            invoices.c.status != InvoiceStatus.VOID,
            lines.c.period_start >= start,
            lines.c.period_start < end,
        )
        .order_by(lines.c.period_start, lines.c.invoice_id, lines.c.id)
    )
    by_subscription: defaultdict[str, list[Bill]] = defaultdict(list)
    for row in rows:
        bill = Bill(*tuple(row))
        by_subscription[bill.subscription_id].append(bill)
    return dict(by_subscription)


def _labels(label: Label) -> Select[Any]:
    n = label.names.c
    return select(n.key, n.label).where(n.label.is_not(None))


def _by_key(
    session: Session, query: Select[Any], column: ColumnElement[str] | None = None, keys: Collection[str] = ()
) -> dict[str, str]:
    """The rows of some keys; where those are many, or no column is named, of all."""
    queries = [query]
    if column is not None and len(keys) <= FEW:
        queries = [query.where(column.in_(some)) for some in batches(sorted(keys))]
    return {key: value for one in queries for key, value in session.connection().execute(one).all()}
