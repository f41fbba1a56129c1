"""How near each account is to leaving, as it was last assessed, and which wait to be assessed again."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Row, Text, bindparam, cast, func, literal, select, true, union
from sqlmodel import Session

from storage.accounts.plans import OVER
from storage.owners import owner_email
from storage.slices import one_of
from storage.states import AlertState
from storage.tables import AccountRow, AlertRow, RiskDueRow, RiskRow, SubscriptionRow
from storage.upsert import batches, insert_for, table_of

risks, accounts, subscriptions = table_of(RiskRow), table_of(AccountRow), table_of(SubscriptionRow)
alerts, waiting = table_of(AlertRow), table_of(RiskDueRow)


class Assessed(NamedTuple):
    """One account's risk; `storage.tables.RiskRow` says what the fields mean.

    `committed` is the MRR of what is to end, `overdue` the rest of an account's whose payment failed or is late, both
    in minor units of the base. `stake` ranks: MRR x points x how soon it takes effect, or x `likely`, the likelihood of
    being lost in thousandths.
    """

    account_id: str
    score: int
    hard: bool
    worth: int | None
    committed: int
    overdue: int
    stake: int
    likely: int | None
    reasons: Sequence[dict[str, Any]]
    stale: Sequence[str]
    before: int | None = None
    day: date | None = None
    assessed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An assessed account with what a list shows of it."""

    risk: Assessed
    name: str
    owner_email: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over accounts, in minor units of the base; `unrated` of them have no exchange rate and add nothing.

    `predicted` is what will be lost, by their likelihoods, of the MRR that neither ends nor waits for a payment.
    """

    accounts: int
    worth: int
    committed: int
    overdue: int
    unrated: int
    predicted: int


NAMES = Assessed._fields
THOUSAND = 1000
LISTS = NAMES.index("reasons")  # the first of two


def touch(session: Session, account_ids: Collection[str]) -> None:
    """Have these accounts assessed again, or for the first time."""
    for part in batches(sorted(account_ids)):
        session.connection().execute(_asking(session), [{"account_id": one, "asked": 1} for one in part])


def touch_all(session: Session) -> None:
    """Have every account assessed again that runs, pays, or did when it was last assessed."""
    running = select(subscriptions.c.account_id).where(subscriptions.c.status.not_in(OVER))
    every = union(select(risks.c.account_id), running).subquery()
    asked = select(every.c.account_id, literal(1)).where(true())  # or SQLite takes what follows for a join
    session.connection().execute(_asking(session).from_select(["account_id", "asked"], asked))


def _asking(session: Session) -> Any:
    insert = insert_for(session, waiting)
    return insert.on_conflict_do_update(index_elements=["account_id"], set_={"asked": waiting.c.asked + 1})


def due(session: Session) -> dict[str, int]:
    """The accounts that wait to be assessed, and how often that was asked for."""
    return {row[0]: row[1] for row in session.connection().execute(select(waiting.c.account_id, waiting.c.asked))}


def ids(session: Session) -> Sequence[str]:
    """All accounts of which anything is kept here."""
    return session.connection().execute(select(risks.c.account_id)).scalars().all()


def store(session: Session, found: Sequence[Assessed], seen: Mapping[str, int], now: datetime, today: date) -> None:
    """Keep these, but for those of which more, or less, is asked for than was `seen`.

    What was asked for since is assessed again; who assessed it meanwhile knows more than this does. `day` becomes the
    day on which the score became another, and `before` what it was the day before that.
    """
    ids = [one.account_id for one in found]
    asked, known = _asked(session, ids), _known(session, ids)
    rows = [
        {**_row(one, old, now, today), "answers": one.account_id in seen}
        for one in sorted(
            found, key=attrgetter("account_id")
        )  # in one order, or two that write at the same time wait for each other
        if asked.get(one.account_id) == seen.get(one.account_id)
        and ((old := known.get(one.account_id)) is None or _differs(old, one))
    ]
    if rows:
        insert = insert_for(session, risks)
        values = {name: insert.excluded[name] for name in NAMES if name != "account_id"}
        # Who answers what was asked knows of it, whatever a clock that was set back says.
        older = risks.c.assessed_at.is_(None) | (risks.c.assessed_at <= insert.excluded.assessed_at)
        kept = insert.on_conflict_do_update(
            index_elements=["account_id"], set_=values, where=older | bindparam("answers", type_=Boolean)
        )
        session.connection().execute(kept, rows)
    _settle(session, ids, seen)


def _asked(session: Session, account_ids: Sequence[str]) -> dict[str, int]:
    """How often these were asked for, locked where others write at the same time."""
    asked = select(waiting.c.account_id, waiting.c.asked).where(one_of(session, waiting.c.account_id, account_ids))
    locked = asked.order_by(waiting.c.account_id).with_for_update()
    return {row[0]: row[1] for row in session.connection().execute(locked)}


def _settle(session: Session, account_ids: Sequence[str], seen: Mapping[str, int]) -> None:
    """What was asked for as often as `seen` is answered."""
    by_count: defaultdict[int, list[str]] = defaultdict(list)
    for account_id in account_ids:
        if count := seen.get(account_id):
            by_count[count].append(account_id)
    for count, ids in by_count.items():
        answered = waiting.delete().where(one_of(session, waiting.c.account_id, ids), waiting.c.asked == count)
        session.connection().execute(answered)


def _written(found: Sequence[Any]) -> str:
    return json.dumps(found) if found else "[]"


def _differs(old: Row[Any], one: Assessed) -> bool:
    written = _written(one.reasons), _written(one.stale)
    return old[:LISTS] != one[:LISTS] or old[LISTS : LISTS + 2] != written or old.assessed_at is None


def _known(session: Session, account_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """What is kept, its lists as they are written: to read them would take longer than all the rest."""
    lists = NAMES[LISTS : LISTS + 2]
    columns = [cast(risks.c[name], Text).label(name) if name in lists else risks.c[name] for name in NAMES]
    asked = select(*columns).where(one_of(session, risks.c.account_id, account_ids))
    return {row[0]: row for row in session.connection().execute(asked).all()}


def turned(old: Row[Any] | Assessed | None, score: int, today: date) -> tuple[int | None, date | None]:
    """What a score was before it became this one, and the day of that: today, if it is another than `old` was."""
    if old and old.score != score:
        return (old.before if old.day == today else old.score), today
    return (old.before, old.day) if old else (None, None)


def _row(one: Assessed, old: Row[Any] | None, now: datetime, today: date) -> dict[str, Any]:
    before, day = turned(old, one.score, today)
    return {**one._asdict(), "before": before, "day": day, "assessed_at": now}


def leave_out(session: Session, account_ids: Collection[str], seen: Mapping[str, int]) -> None:
    """Forget accounts that neither run nor pay any more, unless more was asked for than was `seen` of them."""
    for part in batches(sorted(account_ids)):
        asked = _asked(session, part)
        gone = [one for one in part if asked.get(one) == seen.get(one)]
        session.connection().execute(risks.delete().where(one_of(session, risks.c.account_id, gone)))
        _settle(session, gone, seen)


def columns() -> list[ColumnElement[Any]]:
    """The columns of which `assessed` makes an assessment, for a query that joins them to something else."""
    return [risks.c[name] for name in NAMES]


def assessed(row: Sequence[Any]) -> Assessed | None:
    """What stands in the `columns` of a row; None where there was nothing to join."""
    found = dict(zip(NAMES, row, strict=True))
    return Assessed(**found) if found["account_id"] is not None else None


def with_ids(session: Session, account_ids: Sequence[str]) -> dict[str, Assessed]:
    return {
        one.account_id: one for part in batches(account_ids) for one in _read(session, risks.c.account_id.in_(part))
    }


def near(session: Session, least: int) -> list[str]:
    """The accounts with a score of `least` or a hard reason."""
    return list(session.connection().execute(select(risks.c.account_id).where(_near(least))).scalars())


def listed(session: Session, least: int) -> list[str]:
    """The accounts that `ranked` pages through."""
    return list(session.connection().execute(select(risks.c.account_id).where(_listed(least))).scalars())


def worths(session: Session, among: Collection[str] | None = None) -> dict[str, Decimal]:
    """The MRR of assessed accounts that have any, of all or of some, in minor units of the base."""
    meant = [] if among is None else [one_of(session, risks.c.account_id, among)]
    rows = session.connection().execute(select(risks.c.account_id, risks.c.worth).where(risks.c.worth > 0, *meant))
    return {row.account_id: Decimal(row.worth) for row in rows}


def owned_by(session: Session, email: str) -> list[str]:
    """The assessed accounts whose owner has this address, whatever the case of its letters."""
    wanted = select(risks.c.account_id).join(accounts, accounts.c.id == risks.c.account_id)
    return list(session.connection().execute(wanted.where(func.lower(owner_email()) == email.lower())).scalars())


def ranked(session: Session, least: int, start: int, count: int, among: Collection[str] | None = None) -> list[Ranked]:
    """Accounts with a score of `least`, a hard reason or an alert, those with most at stake first; a page of them."""
    rows = session.connection().execute(
        select(*(risks.c[name] for name in NAMES), accounts.c.name, owner_email())
        .join(accounts, accounts.c.id == risks.c.account_id)
        .where(*_meant(session, least, among))
        .order_by(risks.c.stake.desc(), risks.c.score.desc(), risks.c.account_id)
        .offset(start)
        .limit(count)
    )
    return [Ranked(Assessed(**dict(zip(NAMES, row, strict=False))), row[-2], row[-1]) for row in rows]


def totals(session: Session, least: int, among: Collection[str] | None = None) -> Totals:
    """Of the accounts that `ranked` pages through."""
    sums = (func.sum(func.coalesce(risks.c[name], 0)) for name in ("worth", "committed", "overdue"))
    unrated = func.sum(risks.c.worth.is_(None).cast(risks.c.score.type))
    rest = func.coalesce(risks.c.worth, 0) - risks.c.committed - risks.c.overdue
    predicted = func.sum(rest * func.coalesce(risks.c.likely, 0)) / literal(THOUSAND)
    asked = select(func.count(), *sums, unrated, predicted).where(*_meant(session, least, among))
    row = session.connection().execute(asked).one()
    return Totals(*(int(value or 0) for value in row))


def _meant(session: Session, least: int, among: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [_listed(least), *([] if among is None else [one_of(session, risks.c.account_id, among)])]


def _listed(least: int) -> ColumnElement[bool]:
    alerted = select(alerts.c.account_id).where(alerts.c.state != AlertState.CLOSED)
    return _near(least) | risks.c.account_id.in_(alerted)


def _near(least: int) -> ColumnElement[bool]:
    return (risks.c.score >= least) | risks.c.hard


def _read(session: Session, *where: ColumnElement[bool]) -> list[Assessed]:
    rows = session.connection().execute(
        select(*(risks.c[name] for name in NAMES)).where(*where).order_by(risks.c.score.desc(), risks.c.account_id)
    )
    return [Assessed(**dict(zip(NAMES, row, strict=True))) for row in rows]
