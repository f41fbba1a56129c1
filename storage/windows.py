"""What the ledger says of days and of windows of days, by label of a slice.

What an account did inside a window is netted: it is one movement from its coming to its leaving, whatever lay in
between (`bot.metrics.rolls` has the rule). Accounts that moved in one currency, under one label, and came or left at
most once are netted and summed here, where it costs a scan; the rows of the others are handed out as they are.
"""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, not_, select
from sqlmodel import Session

from storage.movements import COMES, DaySum, LabelledRow, Netted, WindowSums
from storage.slices import EVERYTHING, Slice, movements
from storage.states import INVOLUNTARY, MovementKind

m = movements.c
COMING: ColumnElement[int] = case((m.kind.in_(COMES), m.accounts), else_=0)
LEAVING: ColumnElement[int] = case((m.kind == MovementKind.CHURN, m.accounts), else_=0)
RETURNING: ColumnElement[int] = case((m.kind == MovementKind.REACTIVATION, 1), else_=0)
DUNNED: ColumnElement[int] = case((and_(m.kind == MovementKind.CHURN, m.cause.in_(INVOLUNTARY)), 1), else_=0)


def day_sums(session: Session, until: date, part: Slice = EVERYTHING) -> list[DaySum]:
    """The sums of each day before `until` on which something moved, in order of day, by label as `part` sees it."""
    customers: ColumnElement[int] = func.sum(_counted(part) * (COMING - LEAVING))
    if part.splits_accounts:
        customers = literal(0)
    query = (
        select(part.label.label("placed"), m.day, m.currency, func.sum(m.amount), customers)
        .select_from(part.source)
        .where(m.day < until, *part.among(m.account_id))
        .group_by(m.day, m.currency, *(["placed"] if part.divides else []))
        .order_by(m.day, m.currency)
    )
    rows = session.connection().execute(query)
    return [
        DaySum(seen, day, currency, int(amount), int(count))
        for label, day, currency, amount, count in rows
        if (seen := part.seen(label)) is not None
    ]


def customers(session: Session, at: date, part: Slice) -> dict[str, int]:
    """How many accounts pay at the start of a day, each under the label of most of its MRR."""
    levels = (
        select(m.account_id, part.label.label("placed"), func.sum(m.amount).label("amount"))
        .select_from(part.source)
        .where(m.day < at, *part.among(m.account_id), *part.counted(m.account_id))
        .group_by(m.account_id, "placed")
        .having(func.sum(m.amount) > 0)
        .subquery()
    )
    order = (levels.c.amount.desc(), levels.c.placed)
    place = func.row_number().over(partition_by=levels.c.account_id, order_by=order)
    ranked = select(levels.c.placed, place.label("place")).subquery()
    query = select(ranked.c.placed, func.count()).where(ranked.c.place == 1).group_by(ranked.c.placed)
    found: Counter[str] = Counter()
    for label, count in session.connection().execute(query):
        if (seen := part.seen(label)) is not None:
            found[seen] += count
    return dict(found)


def moved(session: Session, start: date, end: date, base: str, part: Slice = EVERYTHING) -> WindowSums:
    """What moved on the days of [start, end); amounts in `base` are summed over the window.

    Labels are those of the database: whoever nets the rest has to know them before `Slice.seen` may join them.
    """
    return _Netting(session, start, end, part).sums(base)


class _Netting:
    """One window of one slice: `accounts` has a row for each account that moved in it, with all that tells how."""

    def __init__(self, session: Session, start: date, end: date, part: Slice) -> None:
        self.session = session
        self.part = part
        self.inside = and_(m.day >= start, m.day < end)
        self.accounts = self._accounts()
        a = self.accounts.c
        self.plain = and_(a.currency == a.last_currency, a.label == a.last_label, a.comes + a.leaves <= 1)
        self.kind: ColumnElement[str] = case(
            (and_(a.comes == 1, a.returns == 1), MovementKind.REACTIVATION.value),
            (a.comes == 1, MovementKind.NEW.value),
            (a.leaves == 1, MovementKind.CHURN.value),
            (a.amount >= 0, MovementKind.EXPANSION.value),
            else_=MovementKind.CONTRACTION.value,
        )

    def sums(self, base: str) -> WindowSums:
        a = self.accounts.c
        groups = (self.plain, a.label, self.kind, a.dunned, a.currency)
        rows = self.session.connection().execute(select(*groups, func.sum(a.amount), func.count()).group_by(*groups))
        netted: list[Netted] = []
        foreign = tangled = False
        for plain, label, kind, dunned, currency, amount, count in rows:
            if plain:
                known = int(amount) if currency == base else 0
                netted.append(Netted(label, MovementKind(kind), bool(dunned), currency, None, known, count))
                foreign = foreign or currency != base
            else:
                tangled = True
        if foreign:
            netted += self._by_day(base)
        return WindowSums(netted, self._tangled() if tangled else ())

    def _accounts(self) -> Subquery:
        among = (*self.part.among(m.account_id), *self.part.counted(m.account_id))
        return (
            select(
                m.account_id,
                func.min(self.part.label).label("label"),
                func.max(self.part.label).label("last_label"),
                func.min(m.currency).label("currency"),
                func.max(m.currency).label("last_currency"),
                func.sum(m.amount).label("amount"),
                func.sum(COMING).label("comes"),
                func.sum(LEAVING).label("leaves"),
                func.max(RETURNING).label("returns"),
                func.max(DUNNED).label("dunned"),
            )
            .select_from(self.part.source)
            .where(self.inside, *among)
            .group_by(m.account_id)
            .subquery()
        )

    def _by_day(self, base: str) -> list[Netted]:
        """The sums of plain accounts by day, so that each day's rate can convert them; without the accounts' number."""
        a = self.accounts.c
        groups = (a.label, self.kind, a.dunned, m.currency, m.day)
        rows = self.session.connection().execute(
            select(*groups, func.sum(m.amount))
            .select_from(movements.join(self.accounts, a.account_id == m.account_id))
            .where(self.inside, self.plain, a.currency != base)
            .group_by(*groups)
        )
        return [
            Netted(label, MovementKind(kind), bool(dunned), currency, day, int(amount), 0)
            for label, kind, dunned, currency, day, amount in rows
        ]

    def _tangled(self) -> list[LabelledRow]:
        tangled = select(self.accounts.c.account_id).where(not_(self.plain))
        columns: list[Any] = [m.account_id, m.day, self.part.label, m.currency, m.kind, DUNNED, m.amount]
        rows = self.session.connection().execute(
            select(*columns)
            .select_from(self.part.source)
            .where(self.inside, m.account_id.in_(tangled))
            .order_by(m.account_id, m.day)
        )
        return [
            LabelledRow(account_id, day, label, currency, kind, bool(dunned), amount)
            for account_id, day, label, currency, kind, dunned, amount in rows
        ]


def _counted(part: Slice) -> ColumnElement[int]:
    counted = part.counted(m.account_id)
    return case((and_(*counted), 1), else_=0) if counted else literal(1)
