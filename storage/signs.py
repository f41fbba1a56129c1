"""Signs of trouble and of health in the stored facts, of all accounts or of some; each answer is one query.

Every row names the object it was found on, so that what is said of an account can be traced to it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlmodel import Session

from storage.accounts.plans import OVER
from storage.facts import Collection as Collecting
from storage.facts import InvoiceStatus, PaymentStatus, Status
from storage.slices import one_of
from storage.states import Cause, MovementKind
from storage.tables import (
    USAGE,
    AccountRow,
    DiscountRow,
    DisputeRow,
    InvoiceLineRow,
    InvoiceRow,
    MovementRow,
    PaymentMethodRow,
    PaymentRow,
    RefundRow,
    SignalRow,
    SubscriptionRow,
)
from storage.upsert import table_of

accounts, discounts, disputes = table_of(AccountRow), table_of(DiscountRow), table_of(DisputeRow)
invoices, methods, movements = table_of(InvoiceRow), table_of(PaymentMethodRow), table_of(MovementRow)
payments, refunds, signals = table_of(PaymentRow), table_of(RefundRow), table_of(SignalRow)
subscriptions, lines = table_of(SubscriptionRow), table_of(InvoiceLineRow)

Among = Collection[str] | None  # account ids; None for all

SETTLED = ("won", "lost", "warning_closed", "prevented")
GONE_BACK = ("succeeded", "pending")


class Running(NamedTuple):
    """A subscription that is not over, and the method that its charges go to.

    `exp_year` and `exp_month` are of a card that expires, `last_expiry` (year x 12 + month) is that of the account's
    card which is valid longest, and `lasting` counts methods that never expire.
    """

    account_id: str
    subscription_id: str
    status: Status
    currency: str
    collection: Collecting
    trial_end: datetime | None
    period_start: datetime | None
    period_end: datetime | None
    cancel_at: datetime | None
    pause_kind: str | None
    paused_at: datetime | None
    method_id: str | None
    brand: str | None
    last4: str | None
    exp_year: int | None
    exp_month: int | None
    last_expiry: int | None
    lasting: int


class Moved(NamedTuple):
    """MRR that an account gained or lost on a day by one cause, in minor units."""

    account_id: str
    day: date
    cause: Cause
    currency: str
    amount: int


class DiscountEnd(NamedTuple):
    """A discount that ends; `amount_off` is in minor units."""

    account_id: str
    discount_id: str
    ends_at: datetime
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None


class Returned(NamedTuple):
    """A dispute or a refund; `whole` says that the whole payment went back."""

    account_id: str
    id: str
    at: datetime
    amount: int
    currency: str
    open: bool
    whole: bool = False


class Metered(NamedTuple):
    """What metered use of a period was billed at, in minor units."""

    account_id: str
    start: datetime
    end: datetime
    currency: str
    amount: int


class Told(NamedTuple):
    """The newest observation of one name at an account."""

    account_id: str
    name: str
    at: datetime
    value: Decimal


def running(session: Session, among: Among = None) -> list[Running]:
    """The subscriptions of living accounts that are not over."""
    expiry = methods.c.exp_year * 12 + methods.c.exp_month
    held = (
        select(
            methods.c.account_id,
            func.max(expiry).label("last_expiry"),
            func.sum(methods.c.exp_year.is_(None).cast(methods.c.exp_year.type)).label("lasting"),
        )
        .where(*_of(session, methods.c.account_id, among))
        .group_by(methods.c.account_id)
        .subquery()
    )
    default = func.coalesce(subscriptions.c.default_method_id, accounts.c.default_method_id)
    rows = session.connection().execute(
        select(
            *(subscriptions.c[name] for name in ("account_id", "id", "status", "currency", "collection", "trial_end")),
            *(subscriptions.c[name] for name in ("current_period_start", "current_period_end", "cancel_at")),
            *(subscriptions.c[name] for name in ("pause_kind", "paused_at")),
            *(methods.c[name] for name in ("id", "brand", "last4", "exp_year", "exp_month")),
            held.c.last_expiry,
            func.coalesce(held.c.lasting, 0),
        )
        .join(accounts, accounts.c.id == subscriptions.c.account_id)
        .outerjoin(methods, methods.c.id == default)
        .outerjoin(held, held.c.account_id == subscriptions.c.account_id)
        .where(
            subscriptions.c.status.not_in(OVER),
            accounts.c.deleted_at.is_(None),
            *_of(session, subscriptions.c.account_id, among),
        )
    )
    return [Running._make(row) for row in rows.all()]


def with_ending_cards(session: Session, start: datetime, end: datetime) -> list[str]:
    """The accounts with a term that ends within these, and a card that does not last until the month of `end`."""
    expiry = methods.c.exp_year * 12 + methods.c.exp_month
    default = func.coalesce(subscriptions.c.default_method_id, accounts.c.default_method_id)
    rows = session.connection().execute(
        select(subscriptions.c.account_id)
        .join(accounts, accounts.c.id == subscriptions.c.account_id)
        .join(methods, methods.c.id == default)
        .where(
            expiry < end.year * 12 + end.month,
            subscriptions.c.current_period_end > start,
            subscriptions.c.current_period_end <= end,
            subscriptions.c.status.not_in(OVER),
        )
        .distinct()
    )
    return list(rows.scalars())


def knows_methods(session: Session) -> bool:
    """Whether billing tells of payment methods at all."""
    return session.connection().execute(select(methods.c.id).limit(1)).first() is not None


def moved(session: Session, since: date, among: Among = None) -> list[Moved]:
    """What grew and shrank from a day on, by account, day and cause."""
    m = movements.c
    rows = session.connection().execute(
        select(m.account_id, m.day, m.cause, m.currency, func.sum(m.amount))
        .where(
            m.day >= since,
            m.kind.in_((MovementKind.EXPANSION, MovementKind.CONTRACTION)),
            *_of(session, m.account_id, among),
        )
        .group_by(m.account_id, m.day, m.cause, m.currency)
        .order_by(m.account_id, m.day)
    )
    return [Moved(account_id, day, cause, currency, int(amount)) for account_id, day, cause, currency, amount in rows]


def levels(session: Session, among: Among = None) -> dict[str, dict[str, int]]:
    """MRR of every account that pays, in minor units by currency."""
    m = movements.c
    total = func.sum(m.amount)
    found: dict[str, dict[str, int]] = {}
    rows = session.connection().execute(
        select(m.account_id, m.currency, total)
        .where(*_of(session, m.account_id, among))
        .group_by(m.account_id, m.currency)
        .having(total > 0)
    )
    for account_id, currency, amount in rows.all():  # one by one takes twice as long
        found.setdefault(account_id, {})[currency] = int(amount)
    return found


def levels_of(session: Session, subscription_ids: Collection[str]) -> list[tuple[str, str, int]]:
    """(account id, currency, minor units) of MRR of some subscriptions."""
    if not subscription_ids:
        return []
    m = movements.c
    rows = session.connection().execute(
        select(m.account_id, m.currency, func.sum(m.amount))
        .join(subscriptions, and_(subscriptions.c.id == m.subscription_id, subscriptions.c.account_id == m.account_id))
        .where(one_of(session, subscriptions.c.id, subscription_ids))
        .group_by(m.account_id, m.currency)
    )
    return [(account_id, currency, int(amount)) for account_id, currency, amount in rows]


def first_days(session: Session, since: date, among: Among = None) -> dict[str, date]:
    """On which day the present stay of an account began, of those that came on a day or later."""
    m = movements.c
    rows = session.connection().execute(
        select(m.account_id, func.max(m.stay_start))
        .where(m.day >= since, m.stay_start >= since, *_of(session, m.account_id, among))
        .group_by(m.account_id)
    )
    return {row[0]: row[1] for row in rows}


def discount_ends(session: Session, start: datetime, end: datetime, among: Among = None) -> list[DiscountEnd]:
    """Discounts that end in [start, end)."""
    names = ("account_id", "id", "ends_at", "percent_off", "amount_off", "currency")
    rows = session.connection().execute(
        select(*(discounts.c[name] for name in names))
        .where(discounts.c.ends_at >= start, discounts.c.ends_at < end, *_of(session, discounts.c.account_id, among))
        .order_by(discounts.c.account_id, discounts.c.ends_at, discounts.c.id)
    )
    return [DiscountEnd(*row) for row in rows]


def disputed(session: Session, since: datetime, among: Among = None) -> list[Returned]:
    """Disputes from an instant on, and older ones that are open."""
    d = disputes.c
    rows = session.connection().execute(
        select(d.account_id, d.id, d.created_at, d.amount, d.currency, d.status)
        .where(
            d.account_id.is_not(None),
            or_(d.created_at >= since, d.status.not_in(SETTLED)),
            *_of(session, d.account_id, among),
        )
        .order_by(d.account_id, d.created_at, d.id)
    )
    return [Returned(*row[:5], open=row[5] not in SETTLED) for row in rows]


def refunded(session: Session, since: datetime, among: Among = None) -> list[Returned]:
    """Refunds from an instant on."""
    r = refunds.c
    rows = session.connection().execute(
        select(r.account_id, r.id, r.created_at, r.amount, r.currency, payments.c.amount)
        .outerjoin(payments, payments.c.id == r.payment_id)
        .where(
            r.account_id.is_not(None),
            r.created_at >= since,
            r.status.in_(GONE_BACK),
            *_of(session, r.account_id, among),
        )
        .order_by(r.account_id, r.created_at, r.id)
    )
    return [Returned(*row[:5], open=False, whole=row[5] is not None and row[3] >= row[5]) for row in rows]


def clean_payers(session: Session, since: datetime, count: int, among: Among = None) -> dict[str, int]:
    """Accounts that paid at least so many invoices from an instant on and never failed to; how many they paid."""
    i, p = invoices.c, payments.c
    paid = func.count()
    status = func.coalesce(i.status, InvoiceStatus.DRAFT)  # nearly all are paid: an index of states finds nothing
    asked = select(i.account_id, paid).where(
        status == InvoiceStatus.PAID, i.issued_at >= since, i.total > 0, *_of(session, i.account_id, among)
    )
    rows = session.connection().execute(asked.group_by(i.account_id).having(paid >= count)).all()
    late = select(p.account_id).where(
        p.at >= since, p.status == PaymentStatus.FAILED, *_of(session, p.account_id, among)
    )
    failed = set(session.connection().execute(late.distinct()).scalars())
    return {account_id: int(number) for account_id, number in rows if account_id not in failed}


def metered(session: Session, start: datetime, end: datetime, among: Among = None) -> list[Metered]:
    """Metered use of periods that ended in [start, end), by account and period, the oldest first."""
    line = lines.c
    rows = session.connection().execute(
        select(line.account_id, line.period_start, line.period_end, invoices.c.currency, func.sum(line.amount))
        .join(invoices, invoices.c.id == line.invoice_id)
        .where(
            text(f"invoice_lines.{USAGE}"),
            line.period_end >= start,
            line.period_end < end,
            invoices.c.status != InvoiceStatus.VOID,
            *_of(session, line.account_id, among),
        )
        .group_by(line.account_id, line.period_start, line.period_end, invoices.c.currency)
        .order_by(line.account_id, line.period_end, line.period_start)
    )
    return [Metered(*row[:4], int(row[4])) for row in rows]


def told(session: Session, names: Collection[str], since: datetime, among: Among = None) -> list[Told]:
    """The newest observation of each name at each account; of several at one instant the lowest value."""
    s = signals.c
    asked = and_(s.name.in_(names), s.at >= since, *_of(session, s.account_id, among))
    newest = (
        select(s.account_id, s.name, func.max(s.at).label("at")).where(asked).group_by(s.account_id, s.name).subquery()
    )
    rows = session.connection().execute(
        select(s.account_id, s.name, s.at, func.min(s.value))
        .join(newest, and_(newest.c.account_id == s.account_id, newest.c.name == s.name, newest.c.at == s.at))
        .group_by(s.account_id, s.name, s.at)
        .order_by(s.account_id, s.name)
    )
    return [Told(*row) for row in rows]


def means(
    session: Session, names: Collection[str], start: datetime, end: datetime, among: Among = None
) -> dict[tuple[str, str], Decimal]:
    """The mean of the observations of [start, end), by account and name."""
    s = signals.c
    asked = and_(s.name.in_(names), s.at >= start, s.at < end, *_of(session, s.account_id, among))
    rows = session.connection().execute(
        select(s.account_id, s.name, func.sum(s.value), func.count()).where(asked).group_by(s.account_id, s.name)
    )
    return {(account_id, name): total / count for account_id, name, total, count in rows}


def _of(session: Session, column: ColumnElement[Any], among: Among) -> Sequence[ColumnElement[bool]]:
    return () if among is None else (one_of(session, column, among),)
