"""Which part of the ledger a question is about, and under which label each of its rows counts.

A label of an account is the same for all its rows (its country, its owner); a label of a row may split an account's
money (its products, its currencies). A filter keeps the segments it names: what it tells is their sum, whatever the
rest is divided by.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from sqlalchemy import JSON, ColumnElement, FromClause, String, Subquery, cast, func, literal, or_, select
from sqlmodel import Session

from storage.movements import WHOLE
from storage.tables import MovementRow
from storage.upsert import table_of

movements = table_of(MovementRow)
BETWEEN = "\x1f"  # the labels of one row; no source sends control characters
OTHER = "\x1eother"  # all segments that are not named
AccountTest = Callable[[ColumnElement[str]], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """What goes by a `column` of the movements, such as its account or its product.

    `names` has the columns key and label, each key once; what it does not name is `otherwise`.
    """

    column: ColumnElement[str]
    names: Subquery
    otherwise: str

    @property
    def of_account(self) -> bool:
        """Whether all rows of an account have the same label."""
        return self.column is movements.c.account_id

    @property
    def shown(self) -> ColumnElement[str]:
        """The label, where `names` is joined."""
        return func.coalesce(self.names.c.label, self.otherwise, type_=String)

    def among(self, wanted: Collection[str], *, but: bool = False) -> AccountTest:
        """A condition on a column of keys of any table: those under the wanted labels, or all but those."""
        keys = select(self.names.c.key).where(self.names.c.label.in_(wanted))
        rest = select(self.names.c.key).where(self.names.c.label.is_not(None))

        def holds(column: ColumnElement[str]) -> ColumnElement[bool]:
            inside: ColumnElement[bool] = column.in_(keys)
            if self.otherwise in wanted:
                inside = or_(inside, column.not_in(rest))
            return ~inside if but else inside

        return holds


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A filter on a label of rows: the segments of `by` that are `wanted`, or all but those."""

    by: Label | ColumnElement[str]
    wanted: Collection[str]
    but: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of the ledger by label: all of it under WHOLE, when nothing else is said.

    `accounts` are conditions on accounts' ids, `rows` filters on labels of rows; `by` divides what is left. The label
    of a row in the database holds those of the filters too: `seen` says what becomes of it. An account that only
    ever moved in currencies without a rate (`unrated`) is not counted; whether one counts does not change with time,
    so who came, who left and who is there always add up. All labels but the `named` ones count together as OTHER.
    """

    by: Label | ColumnElement[str] | None = None
    accounts: Sequence[AccountTest] = ()
    rows: Sequence[Kept] = ()
    unrated: Collection[str] = frozenset()
    named: Collection[str] | None = None

    @property
    def splits_accounts(self) -> bool:
        """Whether one account may have rows under several labels."""
        return any(not (isinstance(one, Label) and one.of_account) for one in self._labels)

    @property
    def divides(self) -> bool:
        """Whether rows have labels at all."""
        return bool(self._labels)

    @property
    def source(self) -> FromClause:
        """What to select from: the movements, with the names of labels beside them where there are any."""
        found: FromClause = movements
        for one in self._labels:
            if isinstance(one, Label):
                found = found.outerjoin(one.names, one.names.c.key == one.column)
        return found

    @property
    def label(self) -> ColumnElement[str]:
        """The label of a row of `source`, as the database tells it."""
        shown = [one.shown if isinstance(one, Label) else one for one in self._labels]
        if not shown:
            return literal(WHOLE)
        return reduce(lambda before, one: before.concat(BETWEEN).concat(one), shown)

    def seen(self, label: str) -> str | None:
        """The label under which a row counts by what the database told, None where a filter leaves it out."""
        told = label.split(BETWEEN) if self.rows else [label]
        for one, found in zip(self.rows, told, strict=False):
            if (found in one.wanted) is one.but:
                return None
        if self.by is None:
            return WHOLE
        return told[-1] if self.named is None or told[-1] in self.named else OTHER

    def among(self, account_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """Conditions on a column of account ids, of any table: which accounts are meant."""
        return [test(account_id) for test in self.accounts]

    def counted(self, account_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """Conditions on a column of account ids: whose coming and leaving is counted."""
        if not self.unrated:
            return []
        every = movements.alias()
        return [account_id.in_(select(every.c.account_id).where(every.c.currency.not_in(self.unrated)))]

    @property
    def of_accounts(self) -> Label | None:
        """One label for each account, for what is not in the ledger: that of most of its MRR now, or of its last.

        None when nothing is divided or filtered by label. What the label becomes is told by `seen`, as for rows.
        """
        if not self._labels:
            return None
        if len(self._labels) == 1 and isinstance(only := self._labels[0], Label) and only.of_account:
            return only
        return Label(movements.c.account_id, _most(self), BETWEEN.join(self._otherwise()))

    def beside(self, source: FromClause, account_id: ColumnElement[str]) -> tuple[FromClause, ColumnElement[str]]:
        """Facts of accounts that are no rows of the ledger, with the names of labels beside them; a fact's label."""
        of = self.of_accounts
        if of is None:
            return source, literal(WHOLE)
        return source.outerjoin(of.names, of.names.c.key == account_id), of.shown

    @property
    def _labels(self) -> list[Label | ColumnElement[str]]:
        return [*(one.by for one in self.rows), *([] if self.by is None else [self.by])]

    def _otherwise(self) -> Iterable[str]:
        return (one.otherwise if isinstance(one, Label) else WHOLE for one in self._labels)


EVERYTHING = Slice()


def one_of(session: Session, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of many values: more than a statement can have parameters."""
    held = _as_json(tuple(values))
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(held).table_valued("value").c.value))
    return column.in_(select(func.json_array_elements_text(cast(literal(held), JSON)).column_valued("value")))


@lru_cache(1)
def _as_json(values: tuple[str, ...]) -> str:
    """One after the other, many queries ask for the same ones."""
    return json.dumps(sorted(values))


def _most(part: Slice) -> Subquery:
    """Each account that ever moved, with the label of most of its MRR; of its last movement when it has none."""
    total, last = func.sum(movements.c.amount), func.max(movements.c.day)
    levels = (
        select(movements.c.account_id, part.label.label("placed"), total.label("amount"), last.label("last"))
        .select_from(part.source)
        .group_by(movements.c.account_id, "placed")
        .subquery()
    )
    order = (levels.c.amount.desc(), levels.c.last.desc(), levels.c.placed)
    place = func.row_number().over(partition_by=levels.c.account_id, order_by=order)
    ranked = select(levels.c.account_id.label("key"), levels.c.placed.label("label"), place.label("place")).subquery()
    return select(ranked.c.key, ranked.c.label).where(ranked.c.place == 1).subquery()
