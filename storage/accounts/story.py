"""All that is stored about one account, or what a part of its card needs: twelve queries at most, whatever its size.

`storage.facts` says what the values mean. Lists hold the newest few; counts and sums cover everything, also what the
lists leave out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, String, Table, bindparam, case, func, literal, or_, select, union_all
from sqlmodel import Session

from storage import (
    alerts,
    contacts,
    exit_interviews,
    journal,
    ledger,
    receivables,
    risks,
    signals,
)
from storage import facts as f
from storage.accounts import peers
from storage.accounts.events import payments
from storage.accounts.peers import Peers
from storage.accounts.plans import OVER, Plan, plans_of
from storage.alerts import Alert
from storage.contacts import Contact
from storage.exit_interviews import Interview
from storage.exit_reasons import Set
from storage.exit_words import words_of
from storage.icp_fits import Judged, judged
from storage.inputs import Signal
from storage.journal import Entry
from storage.movements import Movement
from storage.owners import owner_email
from storage.receivables import Receivable
from storage.risks import Assessed
from storage.tables import (
    AccountRow,
    ContactsRow,
    DiscountRow,
    IcpFitRow,
    InvoiceRow,
    ItemRow,
    PaymentMethodRow,
    PaymentRow,
    RefundRow,
    RiskRow,
    SubscriptionRow,
    SyncRow,
)
from storage.types import Utc
from storage.upsert import table_of

V = TypeVar("V")
SHOWN = 5
NOTED = 3  # notes of the journal
READ_BACK = timedelta(days=183)  # observations

_account, _sync, _subscription = table_of(AccountRow), table_of(SyncRow), table_of(SubscriptionRow)
_item, _fit, _risk = table_of(ItemRow), table_of(IcpFitRow), table_of(RiskRow)
_invoice, _payment, _refund = table_of(InvoiceRow), table_of(PaymentRow), table_of(RefundRow)
_discount, _method, _contacts = table_of(DiscountRow), table_of(PaymentMethodRow), table_of(ContactsRow)


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


NO_SUBSCRIPTIONS, NO_INVOICES = Subscriptions((), 0, None), OpenInvoices((), 0, {})


@dataclass(frozen=True, slots=True)
class AccountStory:
    """One account, or those parts of it that were asked for. `paid` is money received less money returned, in minor
    units by currency.

    `read_at` is when its source was last read with success; `carded` are the ids of alerts with a card somewhere.
    `risk` is as it was last assessed, `icp` as it was last judged; `reasons` are those for leaving as people set them,
    and `exit_names` the names by id that interviews hold, where there is one. `promises` are those that are still to
    be kept; `readings` are observations of the last half year, the newest first; `peers` says how the account stands
    among those of its segment.
    """

    account: f.Account
    read_at: datetime | None
    subscriptions: Subscriptions = NO_SUBSCRIPTIONS
    plans: Sequence[Plan] = ()
    discounts: Sequence[f.Discount] = ()
    invoices: OpenInvoices = NO_INVOICES
    payments: Sequence[f.Payment] = ()
    paid: Mapping[str, int] = field(default_factory=dict)
    methods: Sequence[f.PaymentMethod] = ()
    movements: Sequence[Movement] = ()
    alerts: Sequence[Alert] = ()
    interviews: Sequence[Interview] = ()
    carded: frozenset[str] = frozenset()
    risk: Assessed | None = None
    journal: Sequence[Entry] = ()
    promises: Sequence[Entry] = ()
    reasons: Mapping[str, Set] = field(default_factory=dict)
    exit_names: Mapping[str, str] = field(default_factory=dict)
    icp: Judged | None = None
    readings: Sequence[Signal] = ()
    peers: Peers | None = None
    contacts: Sequence[Contact] = ()


def glance(session: Session, account_id: str, now: datetime) -> AccountStory | None:
    """What the card shows at once; None for an account that is not stored."""
    found = _begun(session, account_id)
    if found is None:
        return None
    subscriptions = subscriptions_of(session, account_id)
    live, carded = alerts.live_and_carded(session, account_id)
    noted = journal.newest(session, account_id, NOTED, SHOWN)
    told = replace(
        found,
        subscriptions=subscriptions,
        invoices=_open_invoices(session, account_id, now),
        paid=_paid(session, account_id),
        movements=ledger.story(session, account_id),
        alerts=live,
        carded=carded,
        journal=noted.notes,
        promises=noted.promises,
    )
    live_ones = [one for one in subscriptions.shown if one.status not in OVER]
    if live_ones:
        told = replace(told, plans=plans_of(session, [account_id], now).get(account_id, ())[:SHOWN])
    if not all(one.cancel_at for one in live_ones):  # of one that left, or leaves, it does not count how it is used
        told = replace(told, readings=signals.since(session, account_id, now - READ_BACK))
    return _with_interviews(session, told)


def depth(session: Session, account_id: str, now: datetime) -> AccountStory | None:
    """What stands behind the card; None for an account that is not stored."""
    found = _begun(session, account_id)
    if found is None:
        return None
    return replace(
        found,
        subscriptions=subscriptions_of(session, account_id),
        discounts=_discounts(session, account_id, now),
        payments=payments(session, account_id, SHOWN),
        methods=_methods(session, account_id),
        movements=ledger.story(session, account_id),
        readings=signals.since(session, account_id, now - READ_BACK),
        peers=peers.of_account(session, account_id, found.account.segment),
    )


def departure(session: Session, account_id: str, now: datetime) -> AccountStory | None:
    """What an exit interview is filled with; None for an account that is not stored."""
    found = _begun(session, account_id)
    if found is None:
        return None
    told = replace(
        found,
        subscriptions=subscriptions_of(session, account_id),
        plans=plans_of(session, [account_id], now).get(account_id, ())[:SHOWN],
        paid=_paid(session, account_id),
        movements=ledger.story(session, account_id),
    )
    return _with_interviews(session, told)


def _with_interviews(session: Session, told: AccountStory) -> AccountStory:
    found = exit_interviews.of_account(session, told.account.id)
    if not found:
        return told
    reasons, names = words_of(session, [one.said for one in found])
    return replace(told, interviews=found, reasons=reasons, exit_names=names)


def subscriptions_of(session: Session, account_id: str) -> Subscriptions:
    rows = session.connection().execute(SUBSCRIPTIONS, {"account": account_id}).all()
    shown = [_value(f.Subscription, row) for row in rows]
    return Subscriptions(shown, *rows[0][-2:]) if rows else Subscriptions((), 0, None)


def _begun(session: Session, account_id: str) -> AccountStory | None:
    """The account with what is told of it in one row."""
    row = session.connection().execute(BEGUN, {"account": account_id}).first()
    if row is None:
        return None
    names = NAMES[f.Account]
    known = dict(zip(names, row, strict=False))
    people, fit, against, unknown, read_at, owner = row[-6:]
    account = f.Account(**{**known, "attributes": known["attributes"] or {}, "owner_email": owner})
    found = judged(fit, against, unknown) if fit else None
    return AccountStory(
        account, read_at, risk=risks.assessed(row[len(names) : -6]), icp=found, contacts=contacts.read(people)
    )


def _discounts(session: Session, account_id: str, now: datetime) -> list[f.Discount]:
    """Those in force on the account and its live subscriptions; what stands on an item counts with its subscription."""
    rows = session.connection().execute(DISCOUNTS, {"account": account_id, "now": now}).all()
    # One discount may stand on several items.
    found = {row[0]: dict(zip(NAMES[f.Discount], row, strict=True)) for row in rows}
    return [f.Discount(**{**known, "products": tuple(known["products"] or ())}) for known in found.values()][:SHOWN]


def _open_invoices(session: Session, account_id: str, now: datetime) -> OpenInvoices:
    rows, count, owed = receivables.of_account(session, account_id, SHOWN, now)
    names = [name for name in NAMES[f.Invoice] if name != "payment_refs"]
    shown = [f.Invoice(**{name: getattr(row, name) for name in names}) for row in rows]
    return OpenInvoices(shown, count, owed)


def _paid(session: Session, account_id: str) -> dict[str, int]:
    """Payments less refunds; what invoices say was paid, for a source that lists no payments."""
    rows = session.connection().execute(PAID, {"account": account_id}).all()
    sums = {(kind, currency): int(amount) for kind, currency, amount in rows}
    basis = "received" if any(kind == "received" for kind, _ in sums) else "invoiced"
    return {
        currency: amount - sums.get(("returned", currency), 0)
        for (kind, currency), amount in sorted(sums.items())
        if kind == basis
    }


def _methods(session: Session, account_id: str) -> list[f.PaymentMethod]:
    rows = session.connection().execute(METHODS, {"account": account_id}).all()
    return [_value(f.PaymentMethod, row) for row in rows]


def _value(kind: type[V], row: Sequence[Any]) -> V:
    return kind(**dict(zip(NAMES[kind], row, strict=False)))


# --- the statements, made once: to make one takes longer than to run it ------------------------------------------

ACCOUNT = bindparam("account", type_=String)
KINDS = (f.Account, f.Subscription, f.Discount, f.Invoice, f.PaymentMethod)
NAMES: Mapping[type, list[str]] = {
    kind: [one.name for one in fields(kind) if one.name not in ("items", "discounts", "lines")] for kind in KINDS
}


def _columns(table: Table, kind: type) -> Select[Any]:
    return select(*(table.c[name] for name in NAMES[kind]))


def _subscriptions() -> Select[Any]:
    over = _subscription.c.status.in_(OVER)
    began = case((_subscription.c.status != f.Status.NEVER_STARTED, _subscription.c.started_at))
    return (
        _columns(_subscription, f.Subscription)
        .add_columns(func.count().over(), func.min(began).over())
        .where(_subscription.c.account_id == ACCOUNT)
        .order_by(case((over, 1), else_=0), _subscription.c.started_at.desc(), _subscription.c.id)
        .limit(SHOWN)
    )


def _account_with_all() -> Select[Any]:
    rest = (_contacts.c.people, _fit.c.fit, _fit.c.against, _fit.c.unknown, _sync.c.succeeded_at, owner_email())
    return (
        _columns(_account, f.Account)
        .add_columns(*risks.columns(), *rest)
        .outerjoin(_sync, _sync.c.source == _account.c.source)
        .outerjoin(_fit, _fit.c.account_id == _account.c.id)
        .outerjoin(_contacts, _contacts.c.account_id == _account.c.id)
        .outerjoin(_risk, _risk.c.account_id == _account.c.id)
        .where(_account.c.id == ACCOUNT)
    )


def _discounts_in_force() -> Select[Any]:
    live = select(_subscription.c.id).where(_subscription.c.account_id == ACCOUNT, _subscription.c.status.not_in(OVER))
    on_items = select(_item.c.id).where(_item.c.subscription_id.in_(live))
    standing = or_(
        _discount.c.target_kind == "account", _discount.c.target_id.in_(live), _discount.c.target_id.in_(on_items)
    )
    lasting = or_(_discount.c.ends_at.is_(None), _discount.c.ends_at > bindparam("now", type_=Utc))
    return (
        _columns(_discount, f.Discount)
        .where(_discount.c.account_id == ACCOUNT, lasting, standing)
        .order_by(_discount.c.target_kind, _discount.c.target_id, _discount.c.position)
        .limit(10 * SHOWN)
    )


def _total(kind: str, table: Table, amount: Any, *where: Any) -> Select[Any]:
    found = select(literal(kind), table.c.currency, func.sum(amount))
    return found.where(table.c.account_id == ACCOUNT, *where).group_by(table.c.currency)


BEGUN, SUBSCRIPTIONS, DISCOUNTS = _account_with_all(), _subscriptions(), _discounts_in_force()
PAID = union_all(
    _total("received", _payment, _payment.c.amount, _payment.c.status == f.PaymentStatus.SUCCEEDED),
    _total("returned", _refund, _refund.c.amount, _refund.c.status == "succeeded"),
    _total("invoiced", _invoice, _invoice.c.amount_paid, _invoice.c.amount_paid > 0),
)
METHODS = (
    _columns(_method, f.PaymentMethod).where(_method.c.account_id == ACCOUNT).order_by(_method.c.id).limit(2 * SHOWN)
)
