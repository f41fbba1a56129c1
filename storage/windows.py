"""What the ledger says of days and of windows of days, by label of a slice.

What an account did inside a window is netted: it is one movement from its coming to its leaving, whatever lay in
between (`bot.metrics.netting` has the rule). As each row knows the stay that it belongs to, most of that is a sum over
the window's rows; the rows of the few accounts that it cannot tell are handed out as they are.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, text
from sqlmodel import Session

from storage.movements import COMES, DaySum, LabelledRow, NettingRule, Stayed, Turn, WindowSums
from storage.slices import EVERYTHING, Slice, movements, one_of
from storage.states import ENDING, INVOLUNTARY, MovementKind
from storage.tables import TURNS

m = movements.c
TURN = text(f"({TURNS})")
COMING: ColumnElement[bool] = m.kind.in_(COMES)
LEAVING: ColumnElement[bool] = m.kind == MovementKind.CHURN


def accounts(*of: ColumnElement[bool]) -> ColumnElement[int]:
    """How many accounts moved on rows of some kind."""
    return func.coalesce(func.sum(m.accounts).filter(*of), 0)


def first_and_last(session: Session) -> tuple[date | None, date | None]:
    """The days of the first and the last movement; None for an empty ledger."""
    first, last = (select(edge(m.day)).scalar_subquery() for edge in (func.min, func.max))
    return tuple(session.connection().execute(select(first, last)).one())


def rows_before(session: Session, day: date) -> list[ColumnElement[bool]]:
    """Which rows are before a day: most often all are, and then none has to be compared."""
    _, last = first_and_last(session)
    return [m.day < day] if last and last >= day else []


def day_sums(session: Session, until: date, part: Slice = EVERYTHING) -> list[DaySum]:
    """The sums of each day before `until` on which something moved, in order of day.

    Labels are those of the database, as in all sums here: `Slice.seen` tells what becomes of them.
    """
    keys, groups = _by_day(part)
    meant = (*rows_before(session, until), *part.among(m.account_id))
    counts = (
        select(*keys, accounts(COMING), accounts(LEAVING))
        .select_from(part.source)
        .where(TURN, *meant, *part.counted(m.account_id))
        .group_by(*groups)
    )
    counted = {(label, day, currency): (came, left) for label, day, currency, came, left in _rows(session, counts)}
    amounts = select(*keys, func.sum(m.amount)).select_from(part.source).where(*meant)
    return [
        DaySum(label, day, currency, amount, *counted.get((label, day, currency), (0, 0)))
        for label, day, currency, amount in _rows(session, amounts.group_by(*groups).order_by(m.day, m.currency))
    ]


def divided(session: Session, until: date, part: Slice) -> frozenset[str]:
    """The accounts that moved under several labels before a day: how they count is known by their rows only."""
    if not part.splits_accounts:
        return frozenset()
    query = select(m.account_id).select_from(part.source).where(m.day < until, *part.among(m.account_id))
    labels = func.min(part.label) != func.max(part.label)
    return frozenset(session.connection().execute(query.group_by(m.account_id).having(labels)).scalars())


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a slice's days for all windows: their sums, and all rows of the accounts that it divides.

    `days` begin with the first day that anything moved on: those before a window tell who can have stayed.
    """

    days: Sequence[DaySum]
    rows: Sequence[LabelledRow] = ()
    divided: frozenset[str] = frozenset()


def moved(
    session: Session, window: tuple[date, date], known: Known, rule: NettingRule, part: Slice = EVERYTHING
) -> WindowSums:
    """What moved on the days of [start, end)."""
    return _Netting(session, window, part, rule, known).sums()


class _Netting:
    """One window of one slice.

    Most of what moves is new business that stays: that is what the sums of the days leave when all else is taken off,
    so only the few rows of other stays are summed here. Of a stay that was there at both ends the net of its account
    counts; most of those grow, so again only the others are looked for. Accounts of several currencies or labels, and
    those that came and left inside where the calendar month matters, are left to be netted.
    """

    def __init__(
        self, session: Session, window: tuple[date, date], part: Slice, rule: NettingRule, known: Known
    ) -> None:
        start, end = window
        self.session = session
        self.start, self.end = start, end
        self.part = part
        self.rule = rule
        self.known = known
        self.began = m.stay_start >= start
        self.ended = and_(m.stay_end.is_not(None), m.stay_end < end)
        self.window = and_(m.day >= start, m.day < end, *part.among(m.account_id), *part.counted(m.account_id))
        undivided = [~one_of(session, m.account_id, known.divided)] if known.divided else []
        self.joined = and_(self.window, *undivided)
        self.inside = self.joined if rule.passing else and_(self.joined, m.account_id.not_in(self._returned()))
        stays = and_(self.inside, not_(self.began), not_(self.ended))
        self.stays = and_(stays, m.cause.not_in(ENDING)) if rule.parts_churn else stays
        self.parted = and_(stays, m.cause.in_(ENDING))

    def sums(self) -> WindowSums:
        inside = [one for one in self.known.days if self.start <= one.day < self.end]
        turns, stayed, tangled = self._turns(self._not_simply_new()), list[Stayed](), list[LabelledRow]()
        if any(one.day < self.start for one in self.known.days):  # else there is nobody who was there at the start
            turns += self._turns(and_(not_(self.began), self.ended))
            stayed, tangled = self._stayed()
            turns += self._parted() if self.rule.parts_churn else []
        if not self.rule.passing:
            tangled += labelled(self.session, self.part, self.joined, m.account_id.in_(self._returned()))
        tangled += [row for row in self.known.rows if self.start <= row.day < self.end]
        return WindowSums(inside, turns, stayed, tangled)

    def _not_simply_new(self) -> ColumnElement[bool]:
        if self.rule.passing:
            return and_(TURN, self.began, or_(m.came != MovementKind.NEW, LEAVING))
        return and_(self.began, or_(m.came != MovementKind.NEW, self.ended))

    def _returned(self) -> Select[tuple[str]]:
        """The accounts that left and came inside, in whichever order."""
        left = select(m.account_id).where(self.window, self.ended)
        came = select(m.account_id).where(self.window, self.began)
        return left.where(m.account_id.in_(came.correlate(None)))

    def _turns(self, meant: ColumnElement[bool]) -> list[Turn]:
        keys, groups = _by_day(self.part)
        told = [self.began, self.ended, m.came, LEAVING, m.left_by]
        names = [f"told{place}" for place in range(len(told))]
        named = (one.label(name) for one, name in zip(told, names, strict=True))
        query = (
            select(*keys, *named, func.sum(m.amount), accounts(COMING), accounts(LEAVING))
            .select_from(self.part.source)
            .where(self.inside, meant)
            .group_by(*groups, *names)
        )
        return [
            Turn(label, day, currency, bool(began), bool(ended), coming, bool(last), by in INVOLUNTARY, *sums)
            for label, day, currency, began, ended, coming, last, by, *sums in _rows(self.session, query)
        ]

    def _parted(self) -> list[Turn]:
        """What accounts that stay lost with a subscription: it left as if it were one of them, but none is counted."""
        keys, groups = _by_day(self.part)
        query = select(*keys, m.cause, func.sum(m.amount)).select_from(self.part.source).where(self.parted)
        return [
            Turn(
                label,
                day,
                currency,
                began=False,
                ended=True,
                coming=MovementKind.NEW,
                last=False,
                involuntary=cause in INVOLUNTARY,
                amount=amount,
                came=0,
                left=0,
            )
            for label, day, currency, cause, amount in _rows(self.session, query.group_by(*groups, m.cause))
        ]

    def _stayed(self) -> tuple[list[Stayed], list[LabelledRow]]:
        """What accounts did that were there at both ends; the rows of those that have several currencies."""
        keys, groups = _by_day(self.part)
        several = (func.min(m.currency) != func.max(m.currency)).label("several")
        odd = (
            select(m.account_id, several)
            .where(self.stays)
            .group_by(m.account_id)
            .having(or_(func.sum(m.amount) < 0, several))
            .subquery()
        )
        source = self.part.source.join(odd, odd.c.account_id == m.account_id)
        every = select(*keys, func.sum(m.amount)).select_from(self.part.source).where(self.stays).group_by(*groups)
        others = select(odd.c.several, *keys, func.sum(m.amount)).select_from(source).where(self.stays)
        grew: Counter[tuple[str, date, str]] = Counter()
        for label, day, currency, amount in _rows(self.session, every):
            grew[label, day, currency] = amount
        shrank, tangled = list[Stayed](), False
        for mixed, label, day, currency, amount in _rows(self.session, others.group_by(odd.c.several, *groups)):
            grew[label, day, currency] -= amount
            if mixed:
                tangled = True
            else:
                shrank.append(Stayed(label, day, currency, amount, grew=False))
        stayed = shrank + [Stayed(*key, amount, True) for key, amount in grew.items()]
        if not tangled:
            return stayed, []
        return stayed, labelled(
            self.session, self.part, self.stays, m.account_id.in_(select(odd.c.account_id).where(odd.c.several))
        )


def labelled(session: Session, part: Slice, *meant: ColumnElement[bool]) -> list[LabelledRow]:
    """Rows as they are, in order of account and day; labels are those of the database."""
    columns: list[Any] = [m.account_id, m.day, part.label, m.currency, m.kind, m.cause, m.amount, m.accounts]
    query = (
        select(*columns, m.price_id, m.subscription_id)
        .select_from(part.source)
        .where(*meant)
        .order_by(m.account_id, m.day)
    )
    return [LabelledRow(*row) for row in map(tuple, session.connection().execute(query))]


def rows_of(
    session: Session, part: Slice, account_ids: Collection[str], start: date | None, end: date
) -> list[LabelledRow]:
    """The rows of some accounts in [start, end), None for all before; by account and day."""
    if not account_ids:
        return []
    return labelled(session, part, one_of(session, m.account_id, account_ids), *_within(part, start, end))


def rows_of_seen(session: Session, part: Slice, start: date, end: date) -> list[LabelledRow]:
    """All rows in [start, end) of the accounts that have one there which the slice sees; by account and day."""
    within = _within(part, start, end)
    seen = select(m.account_id).select_from(part.source).where(*within, *part.kept).correlate(None)
    return labelled(session, part, m.account_id.in_(seen), *within)


def _within(part: Slice, start: date | None, end: date) -> list[ColumnElement[bool]]:
    since = [] if start is None else [m.day >= start]
    return [*since, m.day < end, *part.among(m.account_id), *part.counted(m.account_id)]


def _by_day(part: Slice) -> tuple[list[Any], list[Any]]:
    """The label, day and currency of a row, and by what to group for them."""
    keys = [part.label.label("placed"), m.day, m.currency]  # no column of a dimension is called so
    return keys, [m.day, m.currency, *(["placed"] if part.divides else [])]


def _rows(session: Session, query: Select[Any]) -> Iterator[Any]:
    """Rows, with sums as whole numbers: PostgreSQL adds up large ones as decimals."""
    for row in session.connection().execute(query):
        yield tuple(int(value) if isinstance(value, Decimal) else value for value in row)
