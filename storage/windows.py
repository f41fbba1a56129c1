"""What the ledger says of days and of windows of days, by label of a slice.

What an account did inside a window is netted: it is one movement from its coming to its leaving, whatever lay in
between (`bot.metrics.rolls` has the rule). As each row knows the stay that it belongs to, most of that is a sum over
the window's rows; the rows of the few accounts that it cannot tell are handed out as they are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, not_, or_, select
from sqlmodel import Session

from storage.movements import COMES, DayFlow, DaySum, LabelledRow, Stayed, WindowSums
from storage.slices import EVERYTHING, Slice, movements
from storage.states import INVOLUNTARY, MovementKind

m = movements.c
COMING: ColumnElement[int] = case((m.kind.in_(COMES), m.accounts), else_=0)
LEAVING: ColumnElement[int] = case((m.kind == MovementKind.CHURN, m.accounts), else_=0)
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


def moved(session: Session, start: date, end: date, part: Slice = EVERYTHING, *, passing: bool = True) -> WindowSums:
    """What moved on the days of [start, end); `passing`: who comes and leaves inside counts as both, else as neither.

    Labels are those of the database: whoever nets the rest has to know them before `Slice.seen` may join them.
    """
    return _Netting(session, start, end, part, passing=passing).sums()


class _Netting:
    """One window of one slice.

    A stay that began or ended inside is summed as it is. Of one that was there at both ends the net of its account
    counts, which is grouped here when it has one currency. Accounts of several currencies or labels, and those that
    came back inside where that counts as not having left, are left to be netted.
    """

    def __init__(self, session: Session, start: date, end: date, part: Slice, *, passing: bool) -> None:
        self.session = session
        self.part = part
        self.passing = passing
        self.began = m.stay_start >= start
        self.ended = and_(m.stay_end.is_not(None), m.stay_end < end)
        self.window = and_(m.day >= start, m.day < end, *part.among(m.account_id), *part.counted(m.account_id))
        self.apart = [*([] if passing else [self._returned()]), *([self._divided()] if part.splits_accounts else [])]
        self.inside = and_(self.window, *(m.account_id.not_in(accounts) for accounts in self.apart))
        self.stays = and_(self.inside, not_(self.began), not_(self.ended))
        self.accounts = self._accounts()
        self.plain = self.accounts.c.currency == self.accounts.c.last_currency

    def sums(self) -> WindowSums:
        stayed, several = self._stayed()
        tangled = self._rows(and_(self.stays, self._of_several())) if several else []
        if self.apart:
            tangled += self._rows(and_(self.window, or_(*(m.account_id.in_(accounts) for accounts in self.apart))))
        return WindowSums(self._flows(), stayed, tangled)

    def _divided(self) -> Select[tuple[str]]:
        """The accounts that moved under several labels."""
        label = self.part.label
        rows = select(m.account_id).select_from(self.part.source).where(self.window).group_by(m.account_id)
        return rows.having(func.min(label) != func.max(label))

    def _returned(self) -> Select[tuple[str]]:
        """The accounts that left and came inside, in whichever order."""
        left = select(m.account_id).where(self.window, self.ended)
        came = select(m.account_id).where(self.window, self.began)
        return left.where(m.account_id.in_(came.correlate(None)))

    def _flows(self) -> list[DayFlow]:
        gone = and_(self.ended, or_(not_(self.began), m.day == m.stay_end))
        came = and_(self.began, not_(gone)) if self.passing else and_(self.began, not_(self.ended))
        left = gone if self.passing else and_(self.ended, not_(self.began))
        new = and_(came, m.came == MovementKind.NEW)
        classes = (
            (new, m.kind.in_(COMES)),
            (and_(came, not_(m.came == MovementKind.NEW)), m.kind.in_(COMES)),
            (left, m.day == m.stay_end),
            (and_(left, m.left_by.in_(INVOLUNTARY)), m.day == m.stay_end),
            (and_(left, self.began), m.day == m.stay_end),
        )
        sums = [
            func.sum(case((and_(*conditions), value), else_=0))
            for holds, counted in classes
            for conditions, value in (((holds,), m.amount), ((holds, counted), m.accounts))
        ]
        keys = (self.part.label.label("placed"), m.day, m.currency)  # no column of a dimension is called so
        by_label = ["placed"] if self.part.divides else []
        rows = self.session.connection().execute(
            select(*keys, *sums).select_from(self.part.source).where(self.inside).group_by(m.day, m.currency, *by_label)
        )
        return [DayFlow(row[0], row[1], row[2], *_pairs(row[3:])) for row in rows]

    def _accounts(self) -> Subquery:
        """The accounts that moved and were there at both ends."""
        return (
            select(
                m.account_id,
                func.min(self.part.label).label("label"),
                func.min(m.currency).label("currency"),
                func.max(m.currency).label("last_currency"),
                func.sum(m.amount).label("amount"),
            )
            .select_from(self.part.source)
            .where(self.stays)
            .group_by(m.account_id)
            .subquery()
        )

    def _stayed(self) -> tuple[list[Stayed], bool]:
        """The sums of plain accounts, and whether there are others."""
        a = self.accounts.c
        groups = (self.plain, a.label, m.day, m.currency, a.amount >= 0)
        found = self.session.connection().execute(
            select(*groups, func.sum(m.amount))
            .select_from(movements.join(self.accounts, a.account_id == m.account_id))
            .where(self.stays)
            .group_by(*groups)
        )
        rows = list(found)
        stayed = [
            Stayed(label, day, currency, int(sum_), bool(grew))
            for plain, label, day, currency, grew, sum_ in rows
            if plain
        ]
        return stayed, len(stayed) < len(rows)

    def _of_several(self) -> ColumnElement[bool]:
        return m.account_id.in_(select(self.accounts.c.account_id).where(not_(self.plain)))

    def _rows(self, meant: ColumnElement[bool]) -> list[LabelledRow]:
        columns: list[Any] = [m.account_id, m.day, self.part.label, m.currency, m.kind, DUNNED, m.amount]
        rows = self.session.connection().execute(
            select(*columns).select_from(self.part.source).where(meant).order_by(m.account_id, m.day)
        )
        return [
            LabelledRow(account_id, day, label, currency, kind, bool(dunned), amount)
            for account_id, day, label, currency, kind, dunned, amount in rows
        ]


def _pairs(values: Sequence[Any]) -> Iterator[tuple[int, int]]:
    return ((int(values[at]), int(values[at + 1])) for at in range(0, len(values), 2))


def _counted(part: Slice) -> ColumnElement[int]:
    counted = part.counted(m.account_id)
    return case((and_(*counted), 1), else_=0) if counted else literal(1)
