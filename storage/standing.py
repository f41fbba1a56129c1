"""How the paying accounts and subscriptions stand at the start of a day, from the ledger, by label of a slice.

Each answer is one query over the movements before the day. Money of an account that a slice splits stands under the
labels of its rows; a subscription counts under the label of most of its MRR.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, null, or_, select, union, union_all
from sqlmodel import Session

from storage.slices import OF_ITEMS, SUBSCRIBED, Slice, movements, one_of
from storage.states import MovementKind
from storage.tables import AccountRow, AlertRow, ScheduleRow, SubscriptionRow
from storage.upcoming import RUNNING
from storage.upsert import table_of
from storage.windows import COMING, LEAVING, TURN, rows_before
from storage.windows import accounts as accounts_that

alerts, schedules, subscriptions = table_of(AlertRow), table_of(ScheduleRow), table_of(SubscriptionRow)
accounts = table_of(AccountRow)
m, s = movements.c, subscriptions.c


@dataclass(frozen=True, slots=True)
class Level:
    """Minor units of MRR in one currency under a label."""

    label: str
    currency: str
    amount: int


def ending(session: Session, at: date, instant: datetime, part: Slice) -> list[Level]:
    """MRR of subscriptions that are to end at this instant or later: leaving was asked for, or a schedule ends it."""
    asked_for = select(s.id).where(s.cancel_at >= instant)
    by_schedule = select(schedules.c.subscription_id).where(
        schedules.c.live, schedules.c.cancels, schedules.c.subscription_id.is_not(None)
    )
    # PostgreSQL takes "one or the other" for half of all, and a union for the few that it is
    return _of_subscriptions(session, at, part, s.id.in_(union(asked_for, by_schedule)))


def renewing(
    session: Session, at: date, start: datetime, end: datetime, part: Slice, *, term: timedelta
) -> list[Level]:
    """MRR of subscriptions whose term, at least this long, ends in [start, end) and goes on after it."""
    found = session.connection().execute(
        select(s.id, s.current_period_start, s.current_period_end).where(
            s.current_period_end >= start, s.current_period_end < end, s.current_period_start < end - term
        )
    )
    ids = [row.id for row in found if row.current_period_end - row.current_period_start >= term]
    goes_on = or_(s.cancel_at.is_(None), s.cancel_at > s.current_period_end)
    return _of_subscriptions(session, at, part, s.id.in_(ids), goes_on) if ids else []


def at_risk(session: Session, at: date, instant: datetime, part: Slice) -> list[Level]:
    """MRR of the accounts that had an open alert at this instant, the start of the day."""
    worried = select(alerts.c.account_id).where(
        alerts.c.opened_at < instant, or_(alerts.c.closed_at.is_(None), alerts.c.closed_at >= instant)
    )
    return _levels(session, part.source, part, m.day < at, m.account_id.in_(worried))


def first_amounts(session: Session, start: date, end: date, part: Slice) -> list[tuple[str, str, date, int, int]]:
    """(label, currency, day, amount, accounts) of the first MRR of accounts that came in [start, end)."""
    rows = session.connection().execute(
        select(part.label.label("placed"), m.currency, m.day, func.sum(m.amount), _accounts(part))
        .select_from(part.source)
        .where(m.day >= start, m.day < end, m.kind == MovementKind.NEW)
        .where(*part.among(m.account_id), *part.counted(m.account_id))
        .group_by(m.day, m.currency, *_by_label(part))
    )
    return [
        (seen, currency, day, int(amount), count)
        for label, currency, day, amount, count in rows
        if (seen := part.seen(label)) is not None
    ]


def labels_of(session: Session, account_ids: Collection[str], part: Slice) -> dict[str, str]:
    """The labels of some accounts, without those that the slice leaves out."""
    source, label = part.beside(accounts, accounts.c.id)
    meant = (one_of(session, accounts.c.id, account_ids), *part.among(accounts.c.id))
    rows = session.connection().execute(select(accounts.c.id, label).select_from(source).where(*meant))
    return {account_id: seen for account_id, name in rows if (seen := part.seen(name)) is not None}


def fits_nobody(session: Session, part: Slice) -> bool:
    """Whether the filters of a slice leave no account, or none that ever had or subscribed to what the rows ask for."""
    if not (part.accounts or part.rows):
        return False
    meant = session.connection().execute(select(accounts.c.id).where(*part.among(accounts.c.id)).limit(1)).first()
    if meant is None or not part.rows:
        return meant is None
    subscribed, told = part.beside(SUBSCRIBED, s.account_id, OF_ITEMS)
    queries = (
        select(part.label.label("placed")).select_from(part.source).where(*part.among(m.account_id)).distinct(),
        select(told.label("placed")).select_from(subscribed).where(*part.among(s.account_id)).distinct(),
    )
    labels = (label for query in queries for label in session.connection().execute(query).scalars())
    return all(part.seen(label) is None for label in labels)


def subscribed(session: Session, at: date, part: Slice) -> dict[str, int]:
    """How many subscriptions have MRR."""
    keys, placed = (m.account_id, m.subscription_id), part.label.label("placed")
    paid = (  # by currency first, as an index lies
        select(m.currency, *keys, placed, func.sum(m.amount).label("amount"))
        .select_from(part.source)
        .where(*rows_before(session, at), *part.among(m.account_id), *part.counted(m.account_id))
        .group_by(m.currency, *keys, *_by_label(part))
        .subquery()
    ).c
    of = (paid.account_id, paid.subscription_id, paid.placed)
    amount = func.sum(paid.amount)
    levels = select(*of, amount.label("amount")).group_by(*of).having(amount > 0).subquery()
    if not part.splits_accounts:
        query = select(levels.c.placed, func.count()).group_by(levels.c.placed)
    else:
        each = (levels.c.account_id, levels.c.subscription_id)
        place = func.row_number().over(partition_by=each, order_by=(levels.c.amount.desc(), levels.c.placed))
        ranked = select(levels.c.placed, place.label("place")).subquery()
        query = select(ranked.c.placed, func.count()).where(ranked.c.place == 1).group_by(ranked.c.placed)
    found: Counter[str] = Counter()
    for label, count in session.connection().execute(query):
        if (seen := part.seen(label)) is not None:
            found[seen] += count
    return dict(found)


def largest(
    session: Session, at: date, part: Slice, factors: Mapping[str, Decimal], count: int
) -> dict[str, dict[str | None, dict[str, int]]]:
    """MRR in each currency by label and account; under None that of all accounts.

    They are those with the most of it, twice the `count`, or all where the slice divides. `factors` make minor units
    of each currency those of the base; they only rank, in the engine's own arithmetic.
    """
    levels = (
        select(m.account_id, part.label.label("placed"), m.currency, func.sum(m.amount).label("amount"))
        .select_from(part.source)
        .where(*rows_before(session, at), *part.among(m.account_id))
        .group_by(m.account_id, m.currency, *_by_label(part))
        .cte("levels")  # the engines make it once, for all that is asked of it
    )
    own = levels.c
    total = select(null(), own.placed, own.currency, func.sum(own.amount)).group_by(own.placed, own.currency)
    ranked = select(own.account_id, own.placed, own.currency, own.amount)
    if not part.divides:
        rates = [(own.currency == one, literal(float(factor))) for one, factor in factors.items()]
        factor = case(*rates, else_=0.0) if rates else literal(0.0)
        order = (func.sum(own.amount * factor).desc(), own.account_id)
        first = select(own.account_id).group_by(own.account_id).order_by(*order).limit(2 * count).subquery()
        ranked = ranked.join(first, first.c.account_id == own.account_id)
    found: defaultdict[str, defaultdict[str | None, Counter[str]]]
    found = defaultdict(lambda: defaultdict(Counter))
    for account_id, label, currency, amount in session.connection().execute(union_all(total, ranked)):
        if (seen := part.seen(label)) is not None:
            found[seen][account_id][currency] += int(amount)
    return {label: dict(accounts) for label, accounts in found.items()}


def customers(session: Session, at: date, part: Slice) -> dict[str, int]:
    """How many accounts have MRR, of a slice that splits none; labels are those under which they count."""
    query = (
        select(part.label.label("placed"), accounts_that(COMING) - accounts_that(LEAVING))
        .select_from(part.source)
        .where(TURN, m.day < at, *part.among(m.account_id), *part.counted(m.account_id))
        .group_by(*_by_label(part))
    )
    found: Counter[str] = Counter()
    for label, count in session.connection().execute(query):
        if (seen := part.seen(label)) is not None:
            found[seen] += int(count)
    return found


def _accounts(part: Slice) -> ColumnElement[int]:
    """How many accounts: the ledger counts each on one of a day's rows, which may be under another label."""
    return func.count(m.account_id.distinct()) if part.splits_accounts else func.sum(m.accounts)


def _by_label(part: Slice) -> list[str]:
    return ["placed"] if part.divides else []


def _of_subscriptions(session: Session, at: date, part: Slice, *where: ColumnElement[bool]) -> list[Level]:
    joined = part.source.join(subscriptions, and_(s.id == m.subscription_id, s.account_id == m.account_id))
    return _levels(session, joined, part, m.day < at, s.status.in_(RUNNING), s.ended_at.is_(None), *where)


def _levels(session: Session, source: FromClause, part: Slice, *where: ColumnElement[bool]) -> list[Level]:
    rows: Sequence[Any] = (
        session.connection()
        .execute(
            select(part.label.label("placed"), m.currency, func.sum(m.amount))
            .select_from(source)
            .where(*where, *part.among(m.account_id))
            .group_by("placed", m.currency)
        )
        .all()
    )
    return [
        Level(seen, currency, int(amount)) for label, currency, amount in rows if (seen := part.seen(label)) is not None
    ]
