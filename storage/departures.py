"""Accounts that left, or are to leave, and that nobody was asked about yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session

from storage import exit_interviews
from storage.accounts.plans import OVER
from storage.pseudonyms import is_pseudonym
from storage.states import MovementKind
from storage.tables import MovementRow, SubscriptionRow, SyncRow
from storage.upsert import table_of

movements = table_of(MovementRow)
subscriptions, syncs = table_of(SubscriptionRow), table_of(SyncRow)


@dataclass(frozen=True, slots=True)
class Departure:
    """An account whose stay began on `came`; `left` is the day on which it left, None while it is only to leave.

    `lost` are the minor units of MRR by currency that went on that day.
    """

    account_id: str
    came: date
    left: date | None
    lost: dict[str, int]


def without_interview(session: Session, since: datetime) -> list[Departure]:
    """Those that left, or asked to, from an instant on, and of whose stay no interview is kept.

    What happened before Kahvi had read everything once is not among them: it is old news. Nor is who was erased.
    """
    begun = session.connection().execute(select(func.min(syncs.c.completed_at))).scalar()
    if begun is None:
        return []
    since = max(since, begun)
    left = _left(session, since.date())
    leaving = _leaving(session, since, left.keys())
    told = exit_interviews.last_stays(session, [*left, *leaving])
    found = [*left.values(), *(Departure(id_, came, None, {}) for id_, came in leaving.items())]
    known = (one for one in found if not is_pseudonym(one.account_id))
    return [one for one in known if (stay := told.get(one.account_id)) is None or stay < one.came]


def stays(session: Session, account_id: str) -> list[tuple[date, date | None]]:
    """The stays of an account by their first and last day, the newest first."""
    m = movements.c
    found = select(m.stay_start, m.stay_end).where(m.account_id == account_id).distinct()
    rows = session.connection().execute(found.order_by(m.stay_start.desc(), m.stay_end.desc()))
    return [(came, left) for came, left in rows]


def _left(session: Session, since: date) -> dict[str, Departure]:
    """The last leaving of each account that pays nothing now."""
    m = movements.c
    gone = select(m.account_id).where(m.day >= since, m.kind == MovementKind.CHURN)
    paying = select(m.account_id).where(m.account_id.in_(gone)).group_by(m.account_id).having(func.sum(m.amount) != 0)
    rows = session.connection().execute(
        select(m.account_id, m.day, m.stay_start, m.currency, func.sum(m.amount))
        .where(m.day >= since, m.kind == MovementKind.CHURN, m.account_id.not_in(paying))
        .group_by(m.account_id, m.day, m.stay_start, m.currency)
        .order_by(m.account_id, m.day)
    )
    found: dict[str, Departure] = {}
    for account_id, day, came, currency, amount in rows:
        before = found.get(account_id)
        lost = before.lost if before and before.left == day else {}
        found[account_id] = Departure(account_id, came, day, lost | {currency: -int(amount)})
    return found


def _leaving(session: Session, since: datetime, but: Collection[str]) -> dict[str, date]:
    """When the stay of each account began all of whose subscriptions are to end, and that asked for it lately."""
    s, m = subscriptions.c, movements.c
    going_on = select(s.account_id).where(s.status.not_in(OVER), s.cancel_at.is_(None))
    asked = select(s.account_id).where(
        s.status.not_in(OVER), s.cancel_at.is_not(None), s.cancel_requested_at >= since, s.account_id.not_in(going_on)
    )
    ids = [one for one in session.connection().execute(asked.distinct()).scalars() if one not in but]
    came = select(m.account_id, func.max(m.stay_start)).where(m.account_id.in_(ids)).group_by(m.account_id)
    return {row[0]: row[1] for row in session.connection().execute(came)}
