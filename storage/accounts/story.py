"""All that is stored about one account, in fifteen queries whatever its size; lists hold the newest few.

`storage.facts` says what the values mean. Counts and sums cover everything, also what the lists leave out. Up to three
more queries tell what exit interviews name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, Table, case, func, literal, or_, select, union_all
from sqlmodel import Session

from storage import alerts, exit_interviews, exit_names, exit_reasons, journal, ledger, receivables, risks
from storage import facts as f
from storage.accounts.events import payments
from storage.accounts.plans import OVER, Plan, plans_of
from storage.exit_interviews import Interview
from storage.exit_reasons import Set
from storage.icp_fits import Judged
from storage.journal import Entry
from storage.movements import Movement
from storage.owners import owner_email
from storage.receivables import Receivable
from storage.tables import (
    AccountRow,
    DiscountRow,
    IcpFitRow,
    InvoiceRow,
    ItemRow,
    PaymentMethodRow,
    PaymentRow,
    RefundRow,
    SubscriptionRow,
    SyncRow,
)
from storage.upsert import table_of

V = TypeVar("V")
SHOWN = 5
NOTED = 3  # notes of the journal

_account, _sync, _subscription = table_of(AccountRow), table_of(SyncRow), table_of(SubscriptionRow)
_item, _fit = table_of(ItemRow), table_of(IcpFitRow)
_invoice, _payment, _refund = table_of(InvoiceRow), table_of(PaymentRow), table_of(RefundRow)
_discount, _method = table_of(DiscountRow), table_of(PaymentMethodRow)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The live ones first, then the newest; `count` of all, `since` the start of the first that ever ran."""

    shown: Sequence[f.Subscription]
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class OpenInvoices:
    """`owed` says by invoice id how far the collecting has come."""

    shown: Sequence[f.Invoice]
    count: int
    owed: Mapping[str, Receivable]


@dataclass(frozen=True, slots=True)
class AccountStory:
    """One account whole. `paid` is money received less money returned, in minor units by currency.

    `read_at` is when its source was last read with success; `carded` are the ids of alerts with a card somewhere.
    `risk` is as it was last assessed, `icp` as it was last judged; `reasons` are those for leaving as people
    set them, and `exit_names` the names by id that interviews hold, where there is one.
    """

    account: f.Account
    read_at: datetime | None
    subscriptions: Subscriptions
    plans: Sequence[Plan]
    discounts: Sequence[f.Discount]
    invoices: OpenInvoices
    payments: Sequence[f.Payment]
    paid: Mapping[str, int]
    methods: Sequence[f.PaymentMethod]
    movements: Sequence[Movement]
    alerts: Sequence[alerts.Alert]
    interviews: Sequence[Interview]
    carded: frozenset[str] = frozenset()
    risk: risks.Assessed | None = None
    journal: Sequence[Entry] = ()
    reasons: Mapping[str, Set] = field(default_factory=dict)
    exit_names: Mapping[str, str] = field(default_factory=dict)
    icp: Judged | None = None


def story(session: Session, account_id: str, now: datetime) -> AccountStory | None:
    """Everything about an account that is stored; None when it is not."""
    found = _account_of(session, account_id)
    if found is None:
        return None
    account, read_at, icp = found
    live = alerts.live_of_account(session, account_id)
    interviews = exit_interviews.of_account(session, account_id)
    return AccountStory(
        account,
        read_at,
        subscriptions_of(session, account_id),
        plans_of(session, [account_id], now).get(account_id, ())[:SHOWN],
        _discounts(session, account_id, now),
        _open_invoices(session, account_id, now),
        payments(session, account_id, SHOWN),
        _paid(session, account_id),
        _methods(session, account_id),
        ledger.story(session, account_id),
        live,
        interviews,
        frozenset(alerts.written(session, live)),
        risks.find(session, account_id),
        journal.of_account(session, account_id, most=NOTED),
        exit_reasons.in_force(session) if interviews else {},
        exit_names.named_in(session, [one.said for one in interviews]),
        icp,
    )


def subscriptions_of(session: Session, account_id: str) -> Subscriptions:
    names, over = _names(f.Subscription), _subscription.c.status.in_(OVER)
    began = case((_subscription.c.status != f.Status.NEVER_STARTED, _subscription.c.started_at))
    rows = _all(
        session,
        _columns(_subscription, names)
        .add_columns(func.count().over(), func.min(began).over())
        .where(_subscription.c.account_id == account_id)
        .order_by(case((over, 1), else_=0), _subscription.c.started_at.desc(), _subscription.c.id)
        .limit(SHOWN),
    )
    shown = [_value(f.Subscription, names, row) for row in rows]
    return Subscriptions(shown, *rows[0][-2:]) if rows else Subscriptions((), 0, None)


def _account_of(session: Session, account_id: str) -> tuple[f.Account, datetime | None, Judged | None] | None:
    names = _names(f.Account)
    rows = _all(
        session,
        _columns(_account, names)
        .add_columns(_fit.c.fit, _fit.c.against, _fit.c.unknown, _sync.c.succeeded_at, owner_email())
        .outerjoin(_sync, _sync.c.source == _account.c.source)
        .outerjoin(_fit, _fit.c.account_id == _account.c.id)
        .where(_account.c.id == account_id),
    )
    if not rows:
        return None
    known = dict(zip(names, rows[0], strict=False))
    *_, fit, against, unknown, read_at, owner = rows[0]
    account = f.Account(**{**known, "attributes": known["attributes"] or {}, "owner_email": owner})
    return account, read_at, Judged(fit, tuple(against or ()), tuple(unknown or ())) if fit else None


def _discounts(session: Session, account_id: str, now: datetime) -> list[f.Discount]:
    """Those in force on the account and its live subscriptions; what stands on an item counts with its subscription."""
    names = _names(f.Discount)
    live = select(_subscription.c.id).where(
        _subscription.c.account_id == account_id, _subscription.c.status.not_in(OVER)
    )
    on_items = select(_item.c.id).where(_item.c.subscription_id.in_(live))
    rows = _all(
        session,
        _columns(_discount, names)
        .where(
            _discount.c.account_id == account_id,
            or_(_discount.c.ends_at.is_(None), _discount.c.ends_at > now),
            or_(
                _discount.c.target_kind == "account",
                _discount.c.target_id.in_(live),
                _discount.c.target_id.in_(on_items),
            ),
        )
        .order_by(_discount.c.target_kind, _discount.c.target_id, _discount.c.position)
        .limit(10 * SHOWN),
    )
    found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}  # one discount may stand on several items
    return [f.Discount(**{**known, "products": tuple(known["products"] or ())}) for known in found.values()][:SHOWN]


def _open_invoices(session: Session, account_id: str, now: datetime) -> OpenInvoices:
    names = [name for name in _names(f.Invoice) if name != "payment_refs"]
    rows = _all(
        session,
        _columns(_invoice, names)
        .add_columns(func.count().over())
        .where(_invoice.c.account_id == account_id, _invoice.c.status == f.InvoiceStatus.OPEN)
        .order_by(_invoice.c.attempt_count.desc(), _invoice.c.issued_at.desc(), _invoice.c.id)
        .limit(SHOWN),
    )
    shown = [_value(f.Invoice, names, row) for row in rows]
    owed = receivables.with_ids(session, [one.id for one in shown], now)
    return OpenInvoices(shown, rows[0][-1] if rows else 0, owed)


def _paid(session: Session, account_id: str) -> dict[str, int]:
    """Payments less refunds; what invoices say was paid, for a source that lists no payments."""

    def total(kind: str, table: Table, amount: Any, *where: Any) -> Select[Any]:
        found = select(literal(kind), table.c.currency, func.sum(amount))
        return found.where(table.c.account_id == account_id, *where).group_by(table.c.currency)

    rows = _all(
        session,
        union_all(
            total("received", _payment, _payment.c.amount, _payment.c.status == f.PaymentStatus.SUCCEEDED),
            total("returned", _refund, _refund.c.amount, _refund.c.status == "succeeded"),
            total("invoiced", _invoice, _invoice.c.amount_paid, _invoice.c.amount_paid > 0),
        ),
    )
    sums = {(kind, currency): int(amount) for kind, currency, amount in rows}
    basis = "received" if any(kind == "received" for kind, _ in sums) else "invoiced"
    return {
        currency: amount - sums.get(("returned", currency), 0)
        for (kind, currency), amount in sorted(sums.items())
        if kind == basis
    }


def _methods(session: Session, account_id: str) -> list[f.PaymentMethod]:
    names = _names(f.PaymentMethod)
    rows = _all(
        session,
        _columns(_method, names).where(_method.c.account_id == account_id).order_by(_method.c.id).limit(2 * SHOWN),
    )
    return [_value(f.PaymentMethod, names, row) for row in rows]


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind) if field.name not in ("items", "discounts", "lines")]


def _columns(table: Table, names: Sequence[str]) -> Select[Any]:
    return select(*(table.c[name] for name in names))


def _all(session: Session, query: Any) -> Sequence[Any]:
    return session.connection().execute(query).all()


def _value(kind: type[V], names: Sequence[str], row: Sequence[Any]) -> V:
    return kind(**dict(zip(names, row, strict=False)))
