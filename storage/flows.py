"""What was charged, paid, given back and given away in a window of time, summed by label of a slice.

Money is by currency, and by the day (in UTC, as rates are quoted) where it is not in the base and a rate must convert
it. Each answer is one query.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, case, cast, func, literal, null, select
from sqlmodel import Session

from storage.facts import InvoiceStatus, PaymentStatus
from storage.slices import Slice, m
from storage.tables import DisputeRow, InvoiceLineRow, InvoiceRow, PaymentRow, RefundRow
from storage.upsert import table_of

disputes, invoices, lines = table_of(DisputeRow), table_of(InvoiceRow), table_of(InvoiceLineRow)
payments, refunds = table_of(PaymentRow), table_of(RefundRow)

NOTHING: ColumnElement[Any] = null()
UNDONE = ("failed", "canceled")  # a refund that gave nothing back
INQUIRY = "warning_%"  # a dispute that took no money yet
ISSUED = (InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE)


@dataclass(frozen=True, slots=True)
class Flow:
    """Minor units of one currency under a label; `day` is None for what is in the base."""

    label: str
    currency: str
    day: date | None
    amount: int
    count: int


@dataclass(frozen=True, slots=True)
class Span:
    """What a window asks for: the instants of [start, end), the slice, and the base currency."""

    start: datetime
    end: datetime
    part: Slice
    base: str


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of money that moves: which rows of a table count, when, and by how much.

    `account` is whose it is, `note` what billing says of one, `number` and `url` are those of a page that shows it.
    """

    source: FromClause
    currency: ColumnElement[str]
    at: ColumnElement[Any]
    amount: ColumnElement[int]
    account: ColumnElement[str]
    where: tuple[ColumnElement[bool], ...]
    note: ColumnElement[Any] = NOTHING
    number: ColumnElement[Any] = NOTHING
    url: ColumnElement[Any] = NOTHING


@dataclass(frozen=True, slots=True)
class Item:
    """One charge, refund or the like; `amount` in minor units of `currency`."""

    account_id: str
    at: datetime
    amount: int
    currency: str
    note: str | None
    number: str | None
    url: str | None


def sums(session: Session, span: Span, kind: Kind) -> list[Flow]:
    """What moved of a kind, by label and currency; one query."""
    source, label = span.part.beside(kind.source, kind.account, {m.currency: kind.currency})
    day = case((kind.currency == span.base, literal("")), else_=func.substr(cast(kind.at, String), 1, 10))
    query = (
        select(label.label("placed"), kind.currency, day.label("rated_on"), func.sum(kind.amount), func.count())
        .select_from(source)
        .where(*_meant(span, kind))
        .group_by("placed", kind.currency, "rated_on")
    )
    return [
        Flow(seen, currency, date.fromisoformat(day) if day else None, int(amount), count)
        for name, currency, day, amount, count in session.connection().execute(query)
        if (seen := span.part.seen(name)) is not None
    ]


def items(session: Session, span: Span, kind: Kind, account_ids: Collection[str], most: int) -> list[Item]:
    """The latest of each account's in a span, at most so many each, newest first."""
    place = func.row_number().over(partition_by=kind.account, order_by=kind.at.desc()).label("place")
    columns = [kind.account, kind.at, kind.amount, kind.currency, kind.note, kind.number, kind.url]
    named = [one.label(f"c{at}") for at, one in enumerate(columns)]
    ranked = (
        select(*named, place)
        .select_from(kind.source)
        .where(*_meant(span, kind), kind.account.in_(account_ids))
        .subquery()
    )
    shown = [ranked.c[one.name] for one in named]
    query = select(*shown).where(ranked.c.place <= most).order_by(ranked.c.c1.desc())
    return [Item(*row) for row in session.connection().execute(query)]


def _meant(span: Span, kind: Kind) -> list[ColumnElement[bool]]:
    return [kind.at >= span.start, kind.at < span.end, *kind.where, *span.part.among(kind.account)]


def _payments(status: PaymentStatus, *where: ColumnElement[bool], note: ColumnElement[Any] = NOTHING) -> Kind:
    p = payments.c
    return Kind(payments, p.currency, p.at, p.amount, p.account_id, (p.status == status, *where), note)


def _taken_back(table: Any, *where: ColumnElement[bool]) -> Kind:
    """Refunds or disputes, which may name their payment only."""
    t = table.c
    source = table.outerjoin(payments, payments.c.id == t.payment_id)
    account = func.coalesce(t.account_id, payments.c.account_id)
    return Kind(source, t.currency, t.created_at, t.amount, account, where, t.reason)


def _had_failed() -> ColumnElement[bool]:
    earlier = payments.alias()
    return (
        select(earlier.c.id)
        .where(
            earlier.c.intent_ref == payments.c.intent_ref,
            earlier.c.status == PaymentStatus.FAILED,
            earlier.c.at < payments.c.at,
        )
        .exists()
    )


def _invoiced(
    source: FromClause, at: ColumnElement[Any], amount: ColumnElement[int], *where: ColumnElement[bool]
) -> Kind:
    i = invoices.c
    return Kind(source, i.currency, at, amount, i.account_id, where, number=i.number, url=i.hosted_url)


_OFF = lines.c.discount_once + lines.c.discount_repeating + lines.c.discount_forever
PAID = _payments(PaymentStatus.SUCCEEDED)
FAILED = _payments(PaymentStatus.FAILED, note=payments.c.failure_code)
RECOVERED = _payments(PaymentStatus.SUCCEEDED, _had_failed())  # after an earlier attempt for the same thing had failed
REFUNDED = _taken_back(refunds, refunds.c.status.not_in(UNDONE))
DISPUTED = _taken_back(disputes, disputes.c.status.not_like(INQUIRY))  # through a bank; by the day it was opened
COLLECTED = _invoiced(  # by the day they were paid, outside the billing system too
    invoices,
    func.coalesce(invoices.c.paid_at, invoices.c.issued_at),
    invoices.c.amount_paid,
    invoices.c.status == InvoiceStatus.PAID,
)
DISCOUNTED = _invoiced(
    invoices.join(lines, lines.c.invoice_id == invoices.c.id),
    invoices.c.issued_at,
    _OFF,
    invoices.c.status.in_(ISSUED),
    _OFF != 0,
)


def known(session: Session) -> bool:
    """Whether any invoice is known at all."""
    return session.connection().execute(select(invoices.c.id).limit(1)).first() is not None
