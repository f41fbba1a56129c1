"""The few facts about accounts that an alert's card shows, for many accounts in few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session

from storage import departures
from storage.accounts.plans import OVER, Plan, plans_of
from storage.owners import owner_email
from storage.tables import AccountRow, MovementRow, SubscriptionRow
from storage.upsert import batches, table_of

accounts, subscriptions, movements = table_of(AccountRow), table_of(SubscriptionRow), table_of(MovementRow)


@dataclass(frozen=True, slots=True)
class Brief:
    """`mrr` is minor units by currency, until it leaves; `period_end` the next end of a paid period.

    `owner_user` is the person of Slack whom people put on it.
    """

    id: str
    name: str
    owner_email: str | None
    deleted: bool
    mrr: Mapping[str, int]
    plans: Sequence[Plan]
    period_end: datetime | None
    customer_since: date | None
    owner_user: str | None = None


def briefs(session: Session, account_ids: Sequence[str], now: datetime) -> dict[str, Brief]:
    """By account id; accounts that are not stored are left out."""
    mrr, plans = departures.levels(session, account_ids, now), plans_of(session, account_ids, now)
    ends, since = _period_ends(session, account_ids, now), _first_days(session, account_ids)
    found: dict[str, Brief] = {}
    for part in batches(account_ids):
        rows = session.connection().execute(
            select(
                accounts.c.id, accounts.c.name, owner_email(), accounts.c.deleted_at, accounts.c.assigned_user
            ).where(accounts.c.id.in_(part))
        )
        for id_, name, owner, deleted, user in rows:
            found[id_] = Brief(
                id_,
                name,
                owner,
                deleted is not None,
                mrr.get(id_, {}),
                plans.get(id_, ()),
                ends.get(id_),
                since.get(id_),
                user,
            )
    return found


def _period_ends(session: Session, account_ids: Sequence[str], now: datetime) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for part in batches(account_ids):
        rows = session.connection().execute(
            select(subscriptions.c.account_id, func.min(subscriptions.c.current_period_end))
            .where(
                subscriptions.c.account_id.in_(part),
                subscriptions.c.current_period_end > now,
                subscriptions.c.status.not_in(OVER),
            )
            .group_by(subscriptions.c.account_id)
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def _first_days(session: Session, account_ids: Sequence[str]) -> dict[str, date]:
    found: dict[str, date] = {}
    for part in batches(account_ids):
        rows = session.connection().execute(
            select(movements.c.account_id, func.min(movements.c.day))
            .where(movements.c.account_id.in_(part))
            .group_by(movements.c.account_id)
        )
        found |= {row[0]: row[1] for row in rows}
    return found
