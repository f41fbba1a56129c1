"""What asks for attention: renewals, trials and cards that end, cancellations to come.

Each answer is one query, whatever the number of accounts, and is bounded by a span of time or by the accounts named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlmodel import Session

from storage.facts import Status
from storage.tables import (
    AccountRow,
    MovementRow,
    PaymentMethodRow,
    ProductRow,
    SubscriptionRow,
)
from storage.upsert import batches, table_of

accounts = table_of(AccountRow)
methods = table_of(PaymentMethodRow)
movements = table_of(MovementRow)
products = table_of(ProductRow)
subscriptions = table_of(SubscriptionRow)

RUNNING = (Status.ACTIVE, Status.PAST_DUE, Status.PAUSED)


@dataclass(frozen=True, slots=True)
class Due:
    """Something that happens to a subscription at an instant; `mrr` is in minor units of its currency."""

    subscription_id: str
    account_id: str
    account_name: str
    at: datetime
    currency: str
    mrr: int


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A subscription that is to end, and what was said about why."""

    due: Due
    requested_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ExpiringCard:
    account_id: str
    account_name: str
    brand: str | None
    last4: str | None


def renewals(session: Session, start: datetime, end: datetime, *, term: timedelta, before: date) -> list[Due]:
    """Paying subscriptions of at least this term whose period ends in [start, end) and goes on after it.

    `mrr` is what the ledger says at the start of the day `before`.
    """
    found = session.connection().execute(
        _due(subscriptions.c.current_period_end, before)
        .add_columns(subscriptions.c.current_period_start)
        .where(
            subscriptions.c.current_period_end >= start,
            subscriptions.c.current_period_end < end,
            subscriptions.c.current_period_start < end - term,  # a bound both engines can use; exact below
            subscriptions.c.status.in_(RUNNING),
            subscriptions.c.ended_at.is_(None),
            or_(subscriptions.c.cancel_at.is_(None), subscriptions.c.cancel_at > subscriptions.c.current_period_end),
        )
    )
    return [_as_due(row) for row in found if row.at - row.current_period_start >= term]


def trials_ending(session: Session, start: datetime, end: datetime, *, before: date) -> list[Due]:
    """Trials that end in [start, end) and were not cancelled; earliest first."""
    found = session.connection().execute(
        _due(subscriptions.c.trial_end, before)
        .where(
            subscriptions.c.trial_end >= start,
            subscriptions.c.trial_end < end,
            subscriptions.c.status == Status.TRIALING,
            subscriptions.c.cancel_at.is_(None),
            subscriptions.c.ended_at.is_(None),
        )
        .order_by(subscriptions.c.trial_end, subscriptions.c.id)
    )
    return [_as_due(row) for row in found]


def cancellations(
    session: Session, start: datetime, end: datetime, *, requested_since: datetime, before: date
) -> list[Cancellation]:
    """Paying subscriptions that are to end in [start, end), or later but by a recent request; earliest first."""
    found = session.connection().execute(
        _due(subscriptions.c.cancel_at, before)
        .add_columns(subscriptions.c.cancel_requested_at, subscriptions.c.cancel_reason)
        .where(
            subscriptions.c.cancel_at >= start,
            or_(subscriptions.c.cancel_at < end, subscriptions.c.cancel_requested_at >= requested_since),
            subscriptions.c.status.in_(RUNNING),
            subscriptions.c.ended_at.is_(None),
        )
        .order_by(subscriptions.c.cancel_at, subscriptions.c.id)
    )
    return [Cancellation(_as_due(row), row.cancel_requested_at, row.cancel_reason) for row in found]


def expiring_cards(session: Session, year: int, month: int) -> list[ExpiringCard]:
    """Accounts whose own default card is valid to the end of this month and no longer."""
    found = session.connection().execute(
        select(accounts.c.id, accounts.c.name, methods.c.brand, methods.c.last4)
        .join(methods, methods.c.id == accounts.c.default_method_id)
        .where(methods.c.exp_year == year, methods.c.exp_month == month, accounts.c.deleted_at.is_(None))
        .order_by(accounts.c.id)
    )
    return [ExpiringCard(*row) for row in found]


def products_moved(session: Session, account_ids: Sequence[str], start: date, end: date) -> dict[str, list[str]]:
    """Names of the products whose MRR grew over the days of [start, end), by account, largest first."""
    found: dict[str, list[str]] = {}
    grown = func.sum(movements.c.amount)
    for part in batches(account_ids):
        rows = session.connection().execute(
            select(movements.c.account_id, products.c.name)
            .join(products, products.c.id == movements.c.product_id)
            .where(movements.c.account_id.in_(part), movements.c.day >= start, movements.c.day < end)
            .group_by(movements.c.account_id, products.c.id, products.c.name)
            .having(grown > 0)
            .order_by(movements.c.account_id, grown.desc(), products.c.id)
        )
        for account_id, name in rows:
            found.setdefault(account_id, []).append(name)
    return found


def _due(at: ColumnElement[Any], before: date) -> Any:
    """The columns of `Due` for every subscription; callers say which."""
    return select(
        subscriptions.c.id,
        subscriptions.c.account_id,
        accounts.c.name,
        at.label("at"),
        subscriptions.c.currency,
        _mrr(before).label("mrr"),
    ).join(accounts, accounts.c.id == subscriptions.c.account_id)


def _mrr(before: date) -> ScalarSelect[Any]:
    """A subscription's MRR at the start of a day; the account comes first in the ledger's key."""
    return (
        select(func.coalesce(func.sum(movements.c.amount), 0))
        .where(
            movements.c.account_id == subscriptions.c.account_id,
            movements.c.subscription_id == subscriptions.c.id,
            movements.c.currency == subscriptions.c.currency,
            movements.c.day < before,
        )
        .scalar_subquery()
    )


def _as_due(row: Any) -> Due:
    return Due(row.id, row.account_id, row.name, row.at, row.currency, int(row.mrr))
