"""Accounts that left, or are to leave: since when they are gone, what they had, and whom nobody was asked about yet."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlmodel import Session

from storage import exit_interviews, ledger
from storage.accounts.plans import OVER
from storage.facts import Status
from storage.pseudonyms import is_pseudonym
from storage.slices import one_of
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


@dataclass(frozen=True, slots=True)
class Notice:
    """What a subscription pays until it ends, in minor units of MRR, where the policy takes it out of it before."""

    account_id: str
    subscription_id: str
    currency: str
    amount: int


def gone(session: Session, account_ids: Collection[str], now: datetime) -> dict[str, date]:
    """When those of some accounts left that have: the day in the ledger, or the instant at which the last one ended.

    This is the one place that says who has left: whose last subscription ended, or whose last stay the ledger ended by
    the policy in force, as it does with one that is given up as unpaid. Who is to leave on a day to come has not left,
    though a policy may count that from the request on: until then they can be kept.
    """
    if not account_ids:
        return {}
    s, m = subscriptions.c, movements.c
    ended_at = func.max(case((s.status == Status.ENDED, func.coalesce(s.ended_at, s.cancel_at))))
    living = func.sum(case((s.status.in_(OVER), 0), else_=1))
    over = select(s.account_id, ended_at).where(one_of(session, s.account_id, account_ids)).group_by(s.account_id)
    stays = select(m.account_id, func.max(m.stay_end)).where(
        one_of(session, m.account_id, account_ids), m.account_id.not_in(_on_notice(now))
    )
    ended = stays.group_by(m.account_id).having(func.count() == func.count(m.stay_end))
    by_ledger = session.connection().execute(ended).all()
    by_billing = session.connection().execute(over.having(living == 0, ended_at.is_not(None))).all()
    return {row[0]: row[1] for row in (*by_ledger, *by_billing)}


def on_notice(session: Session, now: datetime, among: Collection[str] | None = None) -> list[Notice]:
    """The subscriptions that run and are to end, and that the ledger counts no more; of all accounts or of some."""
    m, s = movements.c, subscriptions.c
    meant = [m.account_id.in_(_on_notice(now)), *([] if among is None else [one_of(session, m.account_id, among)])]
    known = (m.account_id, m.subscription_id, m.currency)
    last = select(*known, func.max(m.day).label("day")).where(*meant).group_by(*known).having(func.sum(m.amount) == 0)
    counted = last.subquery()
    same = and_(*(counted.c[column.name] == column for column in known), m.day == counted.c.day)
    rows = session.connection().execute(
        select(*known, func.sum(m.amount))
        .join(counted, same)
        .join(subscriptions, and_(s.id == m.subscription_id, s.account_id == m.account_id, *_ending(now)))
        .group_by(*known)
    )
    return [Notice(*row[:3], -int(row[3])) for row in rows if row[3] < 0]


def levels(session: Session, account_ids: Sequence[str], now: datetime) -> dict[str, dict[str, int]]:
    """What each account pays, in minor units of MRR by currency: by the ledger, and on notice."""
    return with_notices(ledger.levels(session, account_ids), on_notice(session, now, account_ids))


def with_notices(found: dict[str, dict[str, int]], noticed: Iterable[Notice]) -> dict[str, dict[str, int]]:
    """Levels of accounts by currency, with what they pay on notice added in place."""
    for one in noticed:
        level = found.setdefault(one.account_id, {})
        level[one.currency] = level.get(one.currency, 0) + one.amount
    return found


def _on_notice(now: datetime) -> Select[tuple[str]]:
    """The accounts with a subscription that runs and is to end."""
    return select(subscriptions.c.account_id).where(*_ending(now))


def _ending(now: datetime) -> Sequence[ColumnElement[bool]]:
    s = subscriptions.c
    return s.cancel_at > now, s.status.not_in((*OVER, Status.UNPAID))


def without_interview(session: Session, since: datetime, now: datetime) -> list[Departure]:
    """Those that left, or asked to, from an instant on, and of whose stay no interview is kept.

    What happened before Kahvi had read everything once is not among them: it is old news. Nor is who was erased.
    """
    begun = session.connection().execute(select(func.min(syncs.c.completed_at))).scalar()
    if begun is None:
        return []
    since = max(since, begun)
    left = _left(session, since.date(), now)
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


def _left(session: Session, since: date, now: datetime) -> dict[str, Departure]:
    """The last leaving of each account that pays nothing now, and is not still to leave."""
    m = movements.c
    gone = select(m.account_id).where(m.day >= since, m.kind == MovementKind.CHURN)
    paying = select(m.account_id).where(m.account_id.in_(gone)).group_by(m.account_id).having(func.sum(m.amount) != 0)
    rows = session.connection().execute(
        select(m.account_id, m.day, m.stay_start, m.currency, func.sum(m.amount))
        .where(
            m.day >= since,
            m.kind == MovementKind.CHURN,
            m.account_id.not_in(paying),
            m.account_id.not_in(_on_notice(now)),
        )
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
