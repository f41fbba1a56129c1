"""All that is stored about one account, or what a part of its card needs: twelve queries at most, whatever its size.

`storage.facts` says what the values mean. Lists hold the newest few; counts and sums cover everything, also what the
lists leave out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, Table, and_, case, func, literal, or_, select, union_all
from sqlmodel import Session

from storage import (
    alerts,
    contacts,
    exit_interviews,
    exit_names,
    exit_reasons,
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
from storage.icp_fits import Judged
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
    if all(one.cancel_at for one in live_ones):  # one that left, or leaves: why counts now, and not how it is used
        return _with_interviews(session, told)
    return replace(told, readings=signals.since(session, account_id, now - READ_BACK))


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
    return replace(
        told,
        interviews=found,
        reasons=exit_reasons.in_force(session) if found else {},
        exit_names=exit_names.named_in(session, [one.said for one in found]),
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


def _begun(session: Session, account_id: str) -> AccountStory | None:
    """The account with what is told of it in one row."""
    names, assessed = _names(f.Account), risks.columns()
    query = (
        _columns(_account, names)
        .add_columns(
            *assessed,
            _contacts.c.people,
            _fit.c.fit,
            _fit.c.against,
            _fit.c.unknown,
            _sync.c.succeeded_at,
            owner_email(),
        )
        .outerjoin(_sync, _sync.c.source == _account.c.source)
        .outerjoin(_fit, _fit.c.account_id == _account.c.id)
        .outerjoin(_contacts, _contacts.c.account_id == _account.c.id)
        .outerjoin(_risk, and_(_risk.c.account_id == _account.c.id, _risk.c.assessed_at.is_not(None)))
        .where(_account.c.id == account_id)
    )
    row = session.connection().execute(query).first()
    if row is None:
        return None
    known = dict(zip(names, row, strict=False))
    people, fit, against, unknown, read_at, owner = row[-6:]
    account = f.Account(**{**known, "attributes": known["attributes"] or {}, "owner_email": owner})
    judged = Judged(fit, tuple(against or ()), tuple(unknown or ())) if fit else None
    risk = risks.assessed(row[len(names) : len(names) + len(assessed)])
    return AccountStory(account, read_at, risk=risk, icp=judged, contacts=contacts.read(people))


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
    rows, count, owed = receivables.of_account(session, account_id, SHOWN, now)
    shown = [f.Invoice(**{name: getattr(row, name) for name in names}) for row in rows]
    return OpenInvoices(shown, count, owed)


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
