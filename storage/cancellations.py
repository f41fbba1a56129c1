"""Cancellations that are scheduled: the subscriptions that are to end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlmodel import Session

from storage import facts as f
from storage.accounts.plans import OVER
from storage.slices import one_of
from storage.tables import AccountRow, SubscriptionRow, SyncRow
from storage.upsert import table_of

accounts = table_of(AccountRow)
subscriptions, syncs = table_of(SubscriptionRow), table_of(SyncRow)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A subscription that is to end.

    `since` is when that was asked for; where nobody says, when Kahvi saw it, and for what it saw in its first read
    the subscription's start, since such news may be old.
    """

    subscription_id: str
    account_id: str
    ends_at: datetime
    since: datetime
    reason: str | None
    kind: f.CancelKind | None
    comment: str | None


def leaving_subscriptions(session: Session, now: datetime, among: Collection[str] | None = None) -> list[Leaving]:
    """Subscriptions of living accounts that are to end after now; `among` keeps it to some accounts."""
    meant = () if among is None else (one_of(session, subscriptions.c.account_id, among),)
    known_at_first = or_(syncs.c.completed_at.is_(None), subscriptions.c.read_at <= syncs.c.completed_at)
    seen_at = case((known_at_first, subscriptions.c.started_at), else_=subscriptions.c.read_at)
    rows = session.connection().execute(
        select(
            subscriptions.c.id,
            subscriptions.c.account_id,
            subscriptions.c.cancel_at,
            func.coalesce(subscriptions.c.cancel_requested_at, seen_at),
            subscriptions.c.cancel_reason,
            subscriptions.c.cancel_kind,
            subscriptions.c.cancel_comment,
        )
        .join(accounts, accounts.c.id == subscriptions.c.account_id)
        .outerjoin(syncs, syncs.c.source == subscriptions.c.source)
        .where(
            subscriptions.c.cancel_at > now,
            subscriptions.c.status.not_in(OVER),
            accounts.c.deleted_at.is_(None),
            *meant,
        )
        .order_by(subscriptions.c.id)
    )
    return [Leaving(*row) for row in rows]
