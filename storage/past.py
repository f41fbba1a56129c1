"""Dated facts of accounts as they are stored, from which what was known on an earlier day can be told again.

States without a date of their own, such as a subscription's pause or its payment method, are not here.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from storage.facts import CancelKind, InvoiceStatus, PaymentStatus
from storage.facts import Collection as Collecting
from storage.signs import GONE_BACK
from storage.slices import one_of
from storage.states import Cause, MovementKind
from storage.tables import (
    DiscountRow,
    DisputeRow,
    InvoiceRow,
    MovementRow,
    PaymentRow,
    RefundRow,
    SignalRow,
    SubscriptionRow,
)
from storage.upsert import table_of

discounts, disputes, invoices = table_of(DiscountRow), table_of(DisputeRow), table_of(InvoiceRow)
movements, payments, refunds = table_of(MovementRow), table_of(PaymentRow), table_of(RefundRow)
signals, subscriptions = table_of(SignalRow), table_of(SubscriptionRow)


class Move(NamedTuple):
    """A movement of MRR; `stay_start` is the day on which the account had come for that stay."""

    day: date
    subscription_id: str
    currency: str
    kind: MovementKind
    cause: Cause
    amount: int
    stay_start: date


class Notice(NamedTuple):
    """That a subscription is to end: asked for at one instant, to take effect at a later one."""

    subscription_id: str
    at: datetime
    ends_at: datetime
    reason: str | None
    kind: CancelKind | None
    comment: str | None


class Try(NamedTuple):
    """A charge for an invoice."""

    at: datetime
    status: PaymentStatus
    code: str | None


class Bill(NamedTuple):
    """An invoice; `paid_at` is None while it is not paid, `voided` says that it was at some time, nobody kept when."""

    id: str
    issued_at: datetime
    due_at: datetime | None
    paid_at: datetime | None
    currency: str
    total: int
    collection: Collecting
    tries: Sequence[Try]
    voided: bool = False


class Off(NamedTuple):
    """A discount; no start means from the beginning."""

    id: str
    starts_at: datetime | None
    ends_at: datetime
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None


class Back(NamedTuple):
    """A dispute or a refund; `whole` when all of the payment went back."""

    id: str
    at: datetime
    amount: int
    currency: str
    whole: bool = False


class Seen(NamedTuple):
    """An observation of a signal; `known_at` is when Kahvi was told this value."""

    name: str
    at: datetime
    value: Decimal
    known_at: datetime


@dataclass(slots=True)
class Past:
    """One account's dated facts, each kind in order of time."""

    account_id: str
    moves: list[Move] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    discounts: list[Off] = field(default_factory=list)
    disputes: list[Back] = field(default_factory=list)
    refunds: list[Back] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)


def accounts_with_mrr(session: Session) -> list[str]:
    """All that ever paid."""
    return sorted(session.connection().execute(select(movements.c.account_id).distinct()).scalars())


def pasts(session: Session, account_ids: Collection[str]) -> dict[str, Past]:
    """By account id, in a fixed number of queries."""
    found = {account_id: Past(account_id) for account_id in account_ids}
    m, s, d = movements.c, subscriptions.c, discounts.c
    moves = (m.day, m.subscription_id, m.currency, m.kind, m.cause, m.amount, m.stay_start)
    for row in _rows(session, m.account_id, account_ids, *moves):
        found[row[0]].moves.append(Move(*row[1:]))
    ends_at = func.coalesce(s.cancel_at, s.ended_at)  # as it was planned
    notices = (s.cancel_requested_at, s.id, ends_at, s.cancel_reason, s.cancel_kind, s.cancel_comment)
    for account_id, at, id_, end, *why in _rows(session, s.account_id, account_ids, *notices):
        if at is not None and end is not None and end > at:
            found[account_id].notices.append(Notice(id_, at, end, *why))
    for account_id, bill in _bills(session, account_ids):
        found[account_id].bills.append(bill)
    offs = (d.ends_at, d.id, d.starts_at, d.percent_off, d.amount_off, d.currency)
    for account_id, end, id_, start, *off in _rows(session, d.account_id, account_ids, *offs):
        if end is not None:
            found[account_id].discounts.append(Off(id_, start, end, *off))
    _went_back(session, account_ids, found)
    o = signals.c
    for account_id, at, name, value, known in _rows(
        session, o.account_id, account_ids, o.at, o.name, o.value, o.read_at
    ):
        found[account_id].seen.append(Seen(name, at, value, known))
    return found


def _went_back(session: Session, account_ids: Collection[str], found: dict[str, Past]) -> None:
    p, r = disputes.c, refunds.c
    disputed = (p.created_at, p.id, p.amount, p.currency)
    for account_id, at, *back in _rows(session, p.account_id, account_ids, *disputed):
        found[account_id].disputes.append(Back(back[0], at, *back[1:]))
    paid = select(payments.c.amount).where(payments.c.id == r.payment_id).scalar_subquery()
    refunded = (r.created_at, r.id, r.amount, r.currency, paid)
    for account_id, at, id_, amount, currency, whole in _rows(
        session, r.account_id, account_ids, *refunded, where=[r.status.in_(GONE_BACK)]
    ):
        found[account_id].refunds.append(Back(id_, at, amount, currency, whole is not None and amount >= whole))


def _bills(session: Session, account_ids: Collection[str]) -> list[tuple[str, Bill]]:
    """Invoices that were asked for, with their tries: those that they name, and those that name them."""
    i, p = invoices.c, payments.c
    tries: defaultdict[str, list[Try]] = defaultdict(list)
    for _, at, id_, intent, status, code in _rows(
        session, p.account_id, account_ids, p.at, p.id, p.intent_ref, p.status, p.failure_code
    ):
        for ref in {id_, intent} - {None}:
            tries[ref].append(Try(at, status, code))
    asked = [i.status != InvoiceStatus.DRAFT, i.total > 0]
    made = []
    for row in _rows(
        session,
        i.account_id,
        account_ids,
        i.issued_at,
        i.id,
        i.due_at,
        i.paid_at,
        i.status,
        i.currency,
        i.total,
        i.collection,
        i.payment_refs,
        where=asked,
    ):
        account_id, issued, id_, due, paid, status, currency, total, collection, refs = row
        charged = sorted({one for ref in (id_, *(refs or ())) for one in tries.get(ref, ())})
        came = (paid or issued) if status is InvoiceStatus.PAID else None
        voided = status is InvoiceStatus.VOID
        made.append((account_id, Bill(id_, issued, due, came, currency, total, collection, charged, voided)))
    return made


def _rows(
    session: Session,
    account: ColumnElement[Any],
    account_ids: Collection[str],
    at: ColumnElement[Any],
    *columns: Any,
    where: Sequence[ColumnElement[bool]] = (),
) -> Sequence[Any]:
    wanted = select(account, at, *columns).where(one_of(session, account, account_ids), *where).order_by(at)
    return session.connection().execute(wanted).all()
