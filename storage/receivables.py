"""Money that is asked for and has not come: charges that failed or are under way, and invoices past their day.

This is the one place that says whether a charge failed. A count of attempts does not: it counts a bank debit as soon
as that is sent off, days before anybody knows whether the money comes.
"""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, bindparam, func, or_, select
from sqlmodel import Session

from storage.facts import Collection, InvoiceStatus, PaymentStatus, Status
from storage.slices import one_of
from storage.tables import AccountRow, InvoiceRow, PaymentRow, SubscriptionRow, SyncRow
from storage.upsert import batches, table_of

accounts, invoices, payments = table_of(AccountRow), table_of(InvoiceRow), table_of(PaymentRow)
subscriptions, syncs = table_of(SubscriptionRow), table_of(SyncRow)

LACKING = (invoices.c.amount_due - invoices.c.amount_paid).label("lacking")
FEWEST_GIVEN_UP = 3
LOOKED_BACK = timedelta(days=365)
LONGEST_DEBIT = timedelta(days=30)  # until a bank has returned a debit, which sources date by its start


class Collecting(StrEnum):
    """How far the collecting of an open invoice has come."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    FAILED = "failed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Receivable:
    """An open invoice of which `amount` minor units are missing.

    `since` is when the last charge failed, or the day an invoice was due, or when it was issued. `attempts` are the
    charges that were tried; `code` is the source's word for why the last one failed, `brand` and `last4` are those of
    the card it was tried on. `number` and `url` are those of the invoice, and its page for the customer.
    """

    invoice_id: str
    account_id: str
    account_name: str
    currency: str
    amount: int
    state: Collecting
    since: datetime
    attempts: int
    next_attempt_at: datetime | None
    code: str | None
    number: str | None = None
    url: str | None = None
    brand: str | None = None
    last4: str | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    at: datetime
    status: PaymentStatus
    code: str | None
    seen_at: datetime
    brand: str | None
    last4: str | None


def missing(session: Session, now: datetime, among: Several[str] | None = None) -> list[Receivable]:
    """Failed charges and overdue invoices of living accounts, or of some; oldest invoice first."""
    meant = () if among is None else (one_of(session, invoices.c.account_id, among),)
    concerned = or_(invoices.c.collection == Collection.CHARGE, invoices.c.due_at < now)
    wanted = (Collecting.FAILED, Collecting.OVERDUE)
    return [
        one for one in _open(session, now, concerned, accounts.c.deleted_at.is_(None), *meant) if one.state in wanted
    ]


def usual_tries(session: Session, now: datetime) -> int | None:
    """After how many tries charges were given up most often within a year; None where fewer than three were so.

    Stripe tells no such number of an invoice: it follows from the settings of the account, and may be changed there.
    """
    tried = invoices.c.attempt_count
    given_up = (
        select(tried)
        .where(
            invoices.c.status.in_((InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE, InvoiceStatus.VOID)),
            invoices.c.collection == Collection.CHARGE,
            invoices.c.next_attempt_at.is_(None),
            tried > 1,
            LACKING > 0,
            invoices.c.issued_at > now - LOOKED_BACK,
        )
        .group_by(tried)
        .having(func.count() >= FEWEST_GIVEN_UP)
        .order_by(func.count().desc(), tried.desc())
        .limit(1)
    )
    return session.connection().execute(given_up).scalar()


def with_ids(session: Session, ids: Sequence[str], now: datetime) -> dict[str, Receivable]:
    """Those of these invoices that are open and not paid whole."""
    found = (one for part in batches(ids) for one in _open(session, now, invoices.c.id.in_(part)))
    return {one.invoice_id: one for one in found}


def of_account(
    session: Session, account_id: str, most: int, now: datetime
) -> tuple[Sequence[Any], int, dict[str, Receivable]]:
    """Rows of the open invoices of one account, those that were tried most first, their number, and what is owed."""
    rows = session.connection().execute(OF_ACCOUNT, {"account": account_id, "most": most}).all()
    tried = _attempts(session, rows)
    owed = {row.id: _receivable(row, tried.get(row.id, ()), now) for row in rows}
    return rows, rows[0].all if rows else 0, owed


def _asked_for() -> Select[Any]:
    """Open invoices that are not paid whole, with what tells how far the collecting has come."""
    return (
        select(invoices, LACKING, accounts.c.name, subscriptions.c.status.label("standing"))
        .join(accounts, accounts.c.id == invoices.c.account_id)
        .outerjoin(subscriptions, subscriptions.c.id == invoices.c.subscription_id)
        .where(invoices.c.status == InvoiceStatus.OPEN, LACKING > 0)
    )


OF_ACCOUNT = (  # made once, as the next: to make one takes longer than to run it
    _asked_for()
    .add_columns(func.count().over().label("all"))
    .where(invoices.c.account_id == bindparam("account"))
    .order_by(invoices.c.attempt_count.desc(), invoices.c.issued_at.desc(), invoices.c.id)
    .limit(bindparam("most", type_=Integer))
)
REFS: BindParameter[str] = bindparam("refs", expanding=True)
TRIED = (
    select(payments, syncs.c.completed_at)
    .outerjoin(syncs, syncs.c.source == payments.c.source)
    .where(or_(payments.c.id.in_(REFS), payments.c.intent_ref.in_(REFS)))
)


def _open(session: Session, now: datetime, *where: ColumnElement[bool]) -> list[Receivable]:
    asked = _asked_for().where(*where).order_by(invoices.c.issued_at, invoices.c.id)
    rows: Sequence[Any] = session.connection().execute(asked).all()
    tried = _attempts(session, rows)
    return [_receivable(row, tried.get(row.id, ()), now) for row in rows]


def _receivable(row: Any, tried: Sequence[_Attempt], now: datetime) -> Receivable:
    state = _state(row, tried, now)
    failed = tried[-1] if tried and state is Collecting.FAILED else None
    due_at = row.due_at if state is Collecting.OVERDUE else None
    return Receivable(
        invoice_id=row.id,
        account_id=row.account_id,
        account_name=row.name,
        currency=row.currency,
        amount=int(row.lacking),
        state=state,
        since=failed.seen_at if failed else due_at or row.issued_at,
        attempts=row.attempt_count or len(tried),
        next_attempt_at=row.next_attempt_at,
        code=failed.code if failed else None,
        number=row.number,
        url=row.hosted_url,
        brand=failed.brand if failed else None,
        last4=failed.last4 if failed else None,
    )


def _state(row: Any, tried: Sequence[_Attempt], now: datetime) -> Collecting:
    if any(attempt.status is PaymentStatus.PENDING for attempt in tried):
        return Collecting.UNDER_WAY
    if row.collection is Collection.INVOICE:
        return Collecting.OVERDUE if row.due_at and row.due_at < now else Collecting.WAITING
    failed = tried[-1].status is PaymentStatus.FAILED if tried else _failed_unseen(row, now)
    return Collecting.FAILED if failed else Collecting.WAITING


def _failed_unseen(row: Any, now: datetime) -> bool:
    """Whether a charge failed of which the source lists no payment: a second try, or one that left a debt behind."""
    past_due = row.standing in (Status.PAST_DUE, Status.UNPAID) or (row.due_at is not None and row.due_at < now)
    return row.attempt_count > 1 or (row.attempt_count == 1 and past_due)


def _attempts(session: Session, rows: Sequence[Any]) -> Mapping[str, list[_Attempt]]:
    """The payments for each invoice, oldest first: those it names, and those that name it."""
    named = {ref: row.id for row in rows for ref in (row.id, *(row.payment_refs or ()))}
    found: defaultdict[str, dict[str, _Attempt]] = defaultdict(dict)
    for part in batches(list(named)):
        for row in session.connection().execute(TRIED, {"refs": list(part)}):
            attempt = _Attempt(row.at, row.status, row.failure_code, _seen_at(row), row.method_brand, row.method_last4)
            for ref in (row.id, row.intent_ref):
                if ref in named:
                    found[named[ref]][row.id] = attempt
    return {id_: sorted(tried.values(), key=lambda one: one.at) for id_, tried in found.items()}


def _seen_at(row: Any) -> datetime:
    """When it became what it is: when that was read, for what changed after the first read of its source."""
    at: datetime = row.at
    known_at_first = row.completed_at is None or row.read_at <= row.completed_at
    return at if known_at_first else max(at, min(row.read_at, at + LONGEST_DEBIT))
