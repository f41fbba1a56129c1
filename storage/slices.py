"""Which part of the ledger a question is about, and under which label each of its rows counts.

A label of an account is the same for all its rows (its country, its owner); a label of a row may split an account's
money (its products, its currencies). A filter keeps the segments it names: what it tells is their sum, whatever the
rest is divided by.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    any_,
    cast,
    func,
    literal,
    select,
    union,
    union_all,
)
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse
from sqlmodel import Session

from storage.facts import Usage
from storage.movements import WHOLE
from storage.tables import ItemRow, MovementRow, PriceRow, SubscriptionRow
from storage.upsert import table_of

items, movements, prices = table_of(ItemRow), table_of(MovementRow), table_of(PriceRow)
subscriptions = table_of(SubscriptionRow)
m, s = movements.c, subscriptions.c
UNKNOWN = "unknown"
BETWEEN = "\x1f"  # the labels of one row
OTHER = "\x1eother"  # all segments that are not named
RESERVED = BETWEEN + OTHER[0]  # control characters that sources do not let in
FEW = 5_000  # accounts that are quicker told one by one
AccountTest = Callable[[ColumnElement[str]], ColumnElement[bool]]
Own = Mapping[ColumnElement[Any], ColumnElement[Any]]  # what a fact says of itself, by the column of a movement

SUBSCRIBED: FromClause = subscriptions.outerjoin(
    items, and_(items.c.subscription_id == s.id, items.c.account_id == s.account_id)
).outerjoin(prices, prices.c.id == items.c.price_id)
OF_ITEMS: Own = {
    m.account_id: s.account_id,
    m.price_id: items.c.price_id,
    m.product_id: func.coalesce(prices.c.product_id, items.c.price_id),
    m.currency: s.currency,
}
MAIN_FIRST = (  # of the items of a subscription: what most is paid of, packs counted as one
    func.coalesce(prices.c.usage, Usage.METERED) == Usage.METERED,
    func.coalesce(items.c.quantity / prices.c.pack_size, 0).desc(),
    items.c.price_id,
)


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """A condition on a column of keys of any table: those that a query gives, or all `but` those.

    The query is `summed` where it goes by sums over all movements.
    """

    keys: Select[Any]
    but: bool = False
    summed: bool = False

    def __call__(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        return column.not_in(self.keys) if self.but else column.in_(self.keys)

    def once(self, session: Session) -> AccountTest:
        """The same for the queries of one session: its keys are looked up now if they are few.

        What is summed is looked up in any case: PostgreSQL sums it again for each row that may be meant.
        """
        asked = self.keys if self.summed else self.keys.limit(FEW + 1)
        found: list[str] = list(session.connection().execute(asked).scalars())
        if len(found) > FEW and not self.summed:
            return self
        return lambda column: ~one_of(session, column, found) if self.but else one_of(session, column, found)


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """What goes by a `column` of the movements, such as its account or its product.

    `names` has the columns key and label, each key once; what it does not name is `otherwise`. They are `summed` where
    they go by sums over all movements.
    """

    column: ColumnElement[str]
    names: Subquery
    otherwise: str
    summed: bool = False

    @property
    def of_account(self) -> bool:
        """Whether all rows of an account have the same label."""
        return self.column is movements.c.account_id

    @property
    def shown(self) -> ColumnElement[str]:
        """The label, where `names` is joined."""
        return func.coalesce(self.names.c.label, self.otherwise, type_=String)

    def among(self, wanted: Collection[str], *, but: bool = False) -> Chosen:
        """The keys under the wanted labels, or all but those."""
        n = self.names.c
        if self.otherwise in wanted:
            rest = select(n.key).where(n.label.not_in(wanted))
            return Chosen(rest, but=not but, summed=self.summed)
        return Chosen(select(n.key).where(n.label.in_(wanted)), but=but, summed=self.summed)


By = Label | ColumnElement[str]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A filter on a label of rows: the segments of `by` that are `wanted`, or all but those."""

    by: By
    wanted: Collection[str]
    but: bool = False

    @property
    def holds(self) -> ColumnElement[bool]:
        """The condition on rows of a source that has the names of the label beside it."""
        shown = self.by.shown if isinstance(self.by, Label) else self.by
        return shown.not_in(self.wanted) if self.but else shown.in_(self.wanted)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of the ledger by label: all of it under WHOLE, when nothing else is said.

    `accounts` are conditions on accounts' ids, `rows` filters on labels of rows; `by` divides what is left. The label
    of a row in the database holds those of the filters too: `seen` says what becomes of it. An account that only
    ever moved in currencies without a rate (`unrated`) is not counted; whether one counts does not change with time,
    so who came, who left and who is there always add up. All labels but the `named` ones count together as OTHER.
    """

    by: By | None = None
    accounts: Sequence[AccountTest] = ()
    rows: Sequence[Kept] = ()
    unrated: Collection[str] = frozenset()
    named: Collection[str] | None = None

    def once(self, session: Session) -> "Slice":
        """The same for the queries of one session, which need not look its accounts up anew."""
        tests = [one.once(session) if isinstance(one, Chosen) else one for one in self.accounts]
        return replace(self, accounts=tuple(tests))

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
        return _joined(movements, self._labels)[0]

    @property
    def label(self) -> ColumnElement[str]:
        """The label of a row of `source`, as the database tells it."""
        return _together(_joined(movements, self._labels)[1])

    def seen(self, label: str) -> str | None:
        """The label under which a row counts by what the database told, None where a filter leaves it out."""
        told = label.split(BETWEEN) if self.rows else [label]
        for one, found in zip(self.rows, told, strict=False):
            if (found in one.wanted) is one.but:
                return None
        if self.by is None:
            return WHOLE
        return told[-1] if self.named is None or told[-1] in self.named else OTHER

    @property
    def kept(self) -> list[ColumnElement[bool]]:
        """Conditions on rows of `source`: which its filters keep."""
        return [one.holds for one in self.rows]

    def among(self, account_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """Conditions on a column of account ids, of any table: which accounts are meant."""
        return [test(account_id) for test in self.accounts]

    def counted(self, account_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """Conditions on a column of account ids: whose coming and leaving is counted."""
        if not self.unrated:
            return []
        every = movements.alias()
        return [account_id.in_(select(every.c.account_id).where(every.c.currency.not_in(self.unrated)))]

    def beside(
        self, source: FromClause, account_id: ColumnElement[str], own: Own | None = None
    ) -> tuple[FromClause, ColumnElement[str]]:
        """Facts that are no rows of the ledger, with the names of labels beside them; a fact's label.

        What a fact does not say of itself by its `own` columns, its account says: most of its MRR now, or its last;
        where it never had any, its latest subscription. What becomes of the label is told by `seen`, as for rows.
        """
        known = {m.account_id: account_id, **(own or {})}
        told = [one for one in self._labels if _told(one, known) is not None]
        rest = [one for one in self._labels if _told(one, known) is None]
        source, shown = _joined(source, told, known)
        if rest:
            placed = union_all(_most(rest), _subscribed(rest)).subquery()
            source = source.outerjoin(placed, placed.c.key == account_id)
            shown += [_or_else(placed.c[name], one) for name, one in zip(_numbered(rest), rest, strict=True)]
        label = dict(zip([*told, *rest], shown, strict=True))
        return source, _together([label[one] for one in self._labels])

    @property
    def _labels(self) -> list[By]:
        return [*(one.by for one in self.rows), *([] if self.by is None else [self.by])]


EVERYTHING = Slice()


def in_use(by: ColumnElement[str]) -> CompoundSelect[Any]:
    """A label of rows as it stands on movements and on subscriptions, each once."""
    source, (subscribed,) = _joined(SUBSCRIBED, [by], OF_ITEMS)
    return union(select(by).select_from(movements), select(subscribed).select_from(source))


def one_of(session: Session, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of many values: more than a statement can have parameters."""
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(_as_json(tuple(values))).table_valued("value").c.value))
    if len(values) > FEW:  # PostgreSQL then goes through all rows: of a query it guesses that it gives few
        return column == any_(literal(list(values), ARRAY(String)))
    held = cast(literal(_as_json(tuple(values))), JSON)
    return column.in_(select(func.json_array_elements_text(held).column_valued("value")))


@lru_cache(1)
def _as_json(values: tuple[str, ...]) -> str:
    """One after the other, many queries ask for the same ones."""
    return json.dumps(sorted(values))


def _together(labels: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    """The labels of a row as one; that of everything where there are none."""
    if not labels:
        return literal(WHOLE)
    return reduce(lambda before, one: before.concat(BETWEEN).concat(one), labels)


def _joined(
    source: FromClause, labels: Sequence[By], known: Own | None = None
) -> tuple[FromClause, list[ColumnElement[str]]]:
    """A source with the names of labels beside it, and each label; `known` are its columns, if it is not movements."""
    shown: list[ColumnElement[str]] = []
    for one in labels:
        told = _column(one) if known is None else _told(one, known)
        if isinstance(one, Label):
            source = source.outerjoin(one.names, one.names.c.key == told)
            shown.append(one.shown)
        else:
            shown.append(one if known is None else _or_else(told, one))
    return source, shown


def _column(by: By) -> ColumnElement[str]:
    return by.column if isinstance(by, Label) else by


def _told(by: By, known: Own) -> ColumnElement[str] | None:
    """The key of a label, or the label itself, by columns that are known; None where one is lacking."""
    lacking = False

    def instead(element: ExternallyTraversible, **_: Any) -> ColumnElement[Any] | None:
        nonlocal lacking
        if not isinstance(element, Column) or element.table is not movements:
            return None
        lacking = lacking or element not in known
        return known.get(element)

    told = replacement_traverse(_column(by), {}, instead)
    return None if lacking else told


def _or_else(label: ColumnElement[str] | None, by: By) -> ColumnElement[str]:
    return func.coalesce(label, by.otherwise if isinstance(by, Label) else UNKNOWN, type_=String)


def _numbered(labels: Sequence[By]) -> list[str]:
    return [f"label{place}" for place in range(len(labels))]


def _most(labels: Sequence[By]) -> Select[Any]:
    """Each account that ever moved, with the labels of most of its MRR; of its last movement when it has none."""
    source, shown = _joined(movements, labels)
    names = _numbered(labels)
    levels = (
        select(
            m.account_id,
            *(one.label(name) for one, name in zip(shown, names, strict=True)),
            func.sum(m.amount).label("amount"),
            func.max(m.day).label("last"),
        )
        .select_from(source)
        .group_by(m.account_id, *names)
        .subquery()
    )
    found = [levels.c[name] for name in names]
    order = (levels.c.amount.desc(), levels.c.last.desc(), *found)
    return _first_of(levels, levels.c.account_id, found, order)


def _subscribed(labels: Sequence[By]) -> Select[Any]:
    """Each account that subscribes to something and never moved, with the labels of its latest subscription."""
    source, shown = _joined(SUBSCRIBED, labels, OF_ITEMS)
    every = movements.alias()
    moved = select(every.c.account_id).where(every.c.account_id == s.account_id).exists()
    order = (s.ended_at.is_not(None), s.started_at.desc(), s.id, *MAIN_FIRST)
    return _first_of(source, s.account_id, shown, order, ~moved)


def _first_of(
    source: FromClause,
    account_id: ColumnElement[str],
    shown: Sequence[ColumnElement[str]],
    order: Sequence[ColumnElement[Any]],
    *where: ColumnElement[bool],
) -> Select[Any]:
    """The key and the labels of the row that comes first of each account."""
    place = func.row_number().over(partition_by=account_id, order_by=order).label("place")
    names = _numbered(shown)
    columns = [one.label(name) for one, name in zip(shown, names, strict=True)]
    ranked = select(account_id.label("key"), *columns, place).select_from(source).where(*where).subquery()
    return select(ranked.c.key, *(ranked.c[name] for name in names)).where(ranked.c.place == 1)
