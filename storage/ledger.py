"""The ledger: movements of MRR per account and day. Everything that shows MRR reads these rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter, itemgetter

from sqlalchemy import Select, String, bindparam, cast, func, select
from sqlmodel import Session

from storage.movements import COMES, AccountChange, Movement
from storage.states import INVOLUNTARY, Cause, MovementKind
from storage.tables import MovementRow
from storage.upsert import Plain, batches, delete_where, insert_plain, table_of

movements = table_of(MovementRow)
NAMES = Movement._fields
DAY = NAMES.index("day")
FOLLOWING = ("came", "stay_start", "stay_end", "left_by", "began", "cohort")  # from an account's other rows
MONTH = len("2026-01")
Row = tuple[Plain, ...]


def clear(session: Session) -> None:
    session.connection().execute(movements.delete())


def replace(session: Session, account_ids: Sequence[str], found: Sequence[Row]) -> None:
    """Give these accounts exactly the movements of these rows."""
    delete_where(session, MovementRow, "account_id", account_ids)
    insert_plain(session, MovementRow, (*NAMES, *FOLLOWING), found)


def append(session: Session, found: Iterable[Movement]) -> None:
    """Add the movements of accounts that had none: all of each account's together."""
    insert_plain(session, MovementRow, (*NAMES, *FOLLOWING), rows(found))


def rows(found: Iterable[Movement]) -> list[Row]:
    """All movements of some accounts as they are stored.

    They are in order of day, with which the widest indexes begin: so each page of these is met once.
    """
    return sorted(_rows_of(found), key=itemgetter(DAY))


def lacks_cohorts(session: Session) -> bool:
    """Whether a replica of the release before, which knows no cohorts, has written movements."""
    return (
        session.connection().execute(select(movements.c.day).where(movements.c.began.is_(None)).limit(1)).first()
        is not None
    )


def fill_cohorts(session: Session) -> None:
    """Say of such movements when their account began."""
    every = movements.alias()
    first = select(func.min(every.c.day)).where(every.c.account_id == movements.c.account_id).scalar_subquery()
    month = func.substr(cast(first, String), 1, MONTH)
    lacking = movements.update().where(movements.c.began.is_(None))
    session.connection().execute(lacking.values(began=first, cohort=month))


def _rows_of(found: Iterable[Movement]) -> Iterator[Row]:
    """The rows of whole accounts' movements, with the stays that these tell."""
    by_account: defaultdict[str, list[Movement]] = defaultdict(list)
    for movement in found:
        by_account[movement.account_id].append(movement)
    for same in by_account.values():
        same.sort(key=attrgetter("day"))
        began = same[0].day.isoformat()
        for stay in _stays(same):
            coming, leaving = stay[0], [one for one in stay if one.kind is MovementKind.CHURN]
            came, by = coming.kind if coming.kind in COMES else MovementKind.NEW, _left_by(leaving)
            end = leaving[0].day.isoformat() if leaving else None
            told = (str(came), coming.day.isoformat(), end, str(by) if by else None, began, began[:MONTH])
            for account_id, day, subscription_id, price_id, product_id, currency, kind, amount, accounts, cause in stay:
                ids = (account_id, day.isoformat(), subscription_id, price_id, product_id)
                yield (*ids, currency, str(kind), amount, accounts, str(cause), *told)


def _stays(same: Sequence[Movement]) -> Iterator[list[Movement]]:
    """An account's movements in order of day, cut where it comes."""
    stay: list[Movement] = []
    for movement in same:
        if stay and movement.kind in COMES and stay[-1].day != movement.day:
            yield stay
            stay = []
        stay.append(movement)
    if stay:
        yield stay


def _left_by(leaving: Sequence[Movement]) -> Cause | None:
    """By what a stay ended: by failed payment when any part of it did."""
    causes = [one.cause for one in leaving]
    return next((cause for cause in causes if cause in INVOLUNTARY), causes[0] if causes else None)


def levels(session: Session, account_ids: Sequence[str], *, before: date | None = None) -> dict[str, dict[str, int]]:
    """MRR of each account in minor units by currency, now or at the start of a day; zeros are left out."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for part in batches(account_ids):
        query = (
            select(movements.c.account_id, movements.c.currency, func.sum(movements.c.amount))
            .where(movements.c.account_id.in_(part))
            .group_by(movements.c.account_id, movements.c.currency)
        )
        if before:
            query = query.where(movements.c.day < before)
        for account_id, currency, amount in session.connection().execute(query):
            if amount:
                found[account_id][currency] = int(amount)
    return dict(found)


STORY = (  # made once: to make it takes longer than to run it
    select(*(movements.c[name] for name in NAMES))
    .where(movements.c.account_id == bindparam("account"))
    .order_by(movements.c.day, movements.c.subscription_id, movements.c.price_id)
)


def story(session: Session, account_id: str) -> list[Movement]:
    """All movements of one account, oldest first."""
    return [Movement(*row) for row in session.connection().execute(STORY, {"account": account_id})]


def of_accounts(session: Session, account_ids: Collection[str]) -> Iterator[Movement]:
    """All movements of some accounts, those of each oldest first."""
    for part in batches(sorted(account_ids)):
        query = select(*(movements.c[name] for name in NAMES)).where(movements.c.account_id.in_(part))
        for row in session.connection().execute(query.order_by(movements.c.account_id, movements.c.day)):
            yield Movement(*row)


def currencies(session: Session) -> set[str]:
    """The currencies of all movements there ever were.

    They are few and movements many, so an index that begins with them is stepped through from each to the next one.
    """
    m = movements.c
    met = select(func.min(m.currency).label("currency")).cte("met", recursive=True)
    following = select(func.min(m.currency)).where(m.currency > met.c.currency).scalar_subquery()
    met = met.union_all(select(following).where(met.c.currency.is_not(None)))
    return set(session.connection().execute(select(met.c.currency).where(met.c.currency.is_not(None))).scalars())


def paying_without_rate(session: Session, before: date, unrated: Collection[str]) -> dict[str, int]:
    """How many accounts pay at the start of a day but are not counted, by currency; one with several counts once."""
    if not unrated:
        return {}
    paying = (
        select(movements.c.account_id, movements.c.currency)
        .where(movements.c.day < before, movements.c.account_id.not_in(_rated_accounts(unrated)))
        .group_by(movements.c.account_id, movements.c.currency)
        .having(func.sum(movements.c.amount) != 0)
        .subquery()
    )
    once = select(func.min(paying.c.currency).label("currency")).group_by(paying.c.account_id).subquery()
    found = select(once.c.currency, func.count()).group_by(once.c.currency).order_by(once.c.currency)
    rows = session.connection().execute(found)
    return {str(currency): int(count) for currency, count in rows}


def changes_by_account(session: Session, start: date, end: date) -> list[AccountChange]:
    """What each account did over [start, end), netted; nothing for those that are back where they were."""
    rows = session.connection().execute(
        select(*(movements.c[name] for name in NAMES))
        .where(movements.c.day >= start, movements.c.day < end)
        .order_by(movements.c.account_id, movements.c.day, movements.c.subscription_id, movements.c.price_id)
    )
    grouped: defaultdict[tuple[str, str], list[Movement]] = defaultdict(list)
    for row in rows:
        movement = Movement(*row)
        grouped[movement.account_id, movement.currency].append(movement)
    before = levels(session, sorted({account_id for account_id, _ in grouped}), before=start)
    after = _paying_after(before, grouped)
    return [
        _netted(account_id, currency, before.get(account_id, {}), same, stays=account_id in after)
        for (account_id, currency), same in grouped.items()
        if sum(movement.amount for movement in same)
    ]


def first_day(session: Session) -> date | None:
    """The day of the first movement, None for an empty ledger."""
    return session.connection().execute(select(func.min(movements.c.day))).scalar()


def _rated_accounts(unrated: Collection[str]) -> Select[tuple[str]]:
    every = movements.alias()
    return select(every.c.account_id).where(every.c.currency.not_in(unrated))


def _paying_after(
    before: Mapping[str, Mapping[str, int]], grouped: Mapping[tuple[str, str], Sequence[Movement]]
) -> set[str]:
    after = {(account_id, currency): amount for account_id, by in before.items() for currency, amount in by.items()}
    for key, same in grouped.items():
        after[key] = after.get(key, 0) + sum(movement.amount for movement in same)
    return {account_id for (account_id, _), amount in after.items() if amount}


def _netted(
    account_id: str, currency: str, before: Mapping[str, int], same: Sequence[Movement], *, stays: bool
) -> AccountChange:
    amount = sum(movement.amount for movement in same)
    if not stays:
        kind = MovementKind.CHURN
    elif not before:
        kind = next((m.kind for m in same if m.kind in COMES), MovementKind.NEW)
    else:
        kind = MovementKind.EXPANSION if amount > 0 else MovementKind.CONTRACTION
    by_cause: defaultdict[Cause, int] = defaultdict(int)  # a move between prices is two rows that take each other back
    for movement in same:
        by_cause[movement.cause] += movement.amount if amount > 0 else -movement.amount
    carrying = max(by_cause, key=lambda cause: by_cause[cause])
    moved = tuple((movement.day, movement.amount) for movement in same)
    return AccountChange(account_id, currency, before.get(currency, 0), amount, kind, carrying, moved)
