"""How well each account fits the ideal customer profile, as it was last judged, and what that is judged by."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Table, and_, func, select
from sqlmodel import Session

from storage import facts as f
from storage.states import IcpFit
from storage.tables import (
    AccountRow,
    IcpFitRow,
    InvoiceRow,
    JournalRow,
    PaymentRow,
    RefundRow,
    SignalRow,
    SubscriptionRow,
)
from storage.upsert import delete_where, table_of, upsert

fits, accounts, subscriptions = table_of(IcpFitRow), table_of(AccountRow), table_of(SubscriptionRow)
invoices, payments, refunds = table_of(InvoiceRow), table_of(PaymentRow), table_of(RefundRow)
journal, signals = table_of(JournalRow), table_of(SignalRow)
Amounts = dict[str, dict[str, int]]  # minor units by currency, by account


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether an account fits, and the parts of the profile that say so: `against` it, and without data yet."""

    fit: IcpFit
    against: Sequence[str] = ()
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """The accounts that are judged otherwise than before, and those that are judged no more."""

    judged: Mapping[str, Judged]
    gone: Sequence[str]


NOT_JUDGED = Judged(IcpFit.UNKNOWN)


def every(session: Session) -> dict[str, Judged]:
    rows = session.connection().execute(select(fits.c.account_id, fits.c.fit, fits.c.against, fits.c.unknown))
    return {account_id: judged(*rest) for account_id, *rest in rows}


def counts(session: Session) -> dict[IcpFit, int]:
    """How many accounts were judged so."""
    rows = session.connection().execute(select(fits.c.fit, func.count()).group_by(fits.c.fit))
    return {row[0]: row[1] for row in rows}


def changes(session: Session, found: Mapping[str, Judged]) -> Changes:
    """What differs when these judgements take the place of all there are."""
    before = every(session)
    changed = {account_id: one for account_id, one in found.items() if before.get(account_id) != one}
    return Changes(changed, sorted(before.keys() - found.keys()))


def keep(session: Session, found: Changes, now: datetime) -> None:
    """Write down what changed, of accounts that are still known."""
    known = set(account_ids(session)) if found.judged else set()
    rows = [
        {
            "account_id": account_id,
            "fit": one.fit,
            "against": list(one.against),
            "unknown": list(one.unknown),
            "judged_at": now,
        }
        for account_id, one in found.judged.items()
        if account_id in known
    ]
    upsert(session, IcpFitRow, rows)
    delete_where(session, IcpFitRow, "account_id", found.gone)


def account_ids(session: Session) -> list[str]:
    return sorted(session.connection().execute(select(accounts.c.id)).scalars())


def paying(session: Session) -> frozenset[str]:
    """The accounts that have something which did not end."""
    running = select(subscriptions.c.account_id).where(subscriptions.c.ended_at.is_(None)).distinct()
    return frozenset(session.connection().execute(running).scalars())


def paid(session: Session) -> Amounts:
    """Money received less money returned of each account; what invoices say was paid where no payment is known.

    The same sum as an account's card shows (`storage.accounts.story`), of all accounts at once.
    """
    received = _sums(session, payments, payments.c.status == f.PaymentStatus.SUCCEEDED)
    returned = _sums(session, refunds, refunds.c.status == "succeeded")
    invoiced = _sums(session, invoices, invoices.c.amount_paid > 0, "amount_paid")
    found: Amounts = {**invoiced, **received}
    for account_id, back in returned.items():
        for currency, amount in back.items():
            if currency in found.get(account_id, {}):
                found[account_id][currency] -= amount
    return found


def spent(session: Session, since: datetime) -> Amounts:
    """What notes since then say that incentives cost, without those that were corrected."""
    corrected = select(journal.c.corrects).where(journal.c.corrects.is_not(None))
    counted = and_(journal.c.written_at >= since, journal.c.cost.is_not(None), journal.c.id.not_in(corrected))
    return _sums(session, journal, counted, "cost")


def tickets(session: Session, name: str, window: timedelta) -> dict[str, Decimal]:
    """The average of a signal's values over the window that ends with the newest of each account."""
    newest = (
        select(signals.c.account_id, func.max(signals.c.at).label("at"))
        .where(signals.c.name == name)
        .group_by(signals.c.account_id)
        .subquery()
    )
    theirs = and_(newest.c.account_id == signals.c.account_id, signals.c.name == name)
    rows = session.connection().execute(
        select(signals.c.account_id, signals.c.at, newest.c.at, signals.c.value).join(newest, theirs)
    )
    found: defaultdict[str, list[Decimal]] = defaultdict(list)
    for account_id, at, last, value in rows:
        if at > last - window:
            found[account_id].append(value)
    return {account_id: sum(values, Decimal(0)) / len(values) for account_id, values in found.items()}


def _sums(session: Session, table: Table, where: ColumnElement[bool], amount: str = "amount") -> Amounts:
    c = table.c
    query = select(c.account_id, c.currency, func.sum(c[amount])).where(where, c.account_id.is_not(None))
    found: Amounts = {}
    for account_id, currency, total in session.connection().execute(query.group_by(c.account_id, c.currency)):
        found.setdefault(account_id, {})[currency] = int(total)
    return found


def judged(fit: IcpFit, against: Sequence[str] | None, unknown: Sequence[str] | None) -> Judged:
    """What the columns of a row say."""
    return Judged(fit, tuple(against or ()), tuple(unknown or ()))
