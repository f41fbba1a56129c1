"""Which part of the ledger a question is about, and under which label each of its rows counts.

An account label is the same for all rows of an account (its country, its owner); a row label may split an account's
money (its products, its currencies). A row that a condition leaves out keeps its place under the label OUTSIDE, so
that what moves between inside and outside is seen for what it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, and_, case, func, literal, select

from storage.movements import OUTSIDE, WHOLE
from storage.tables import MovementRow
from storage.upsert import table_of

movements = table_of(MovementRow)


@dataclass(frozen=True, slots=True)
class AccountLabel:
    """`labels` has the columns account_id and label, each account once; one that it does not name is `otherwise`."""

    labels: Subquery
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of the ledger by label: all of it under WHOLE, when nothing else is said.

    `accounts` are queries for the ids that are meant, `rows` conditions on the row itself; `by` divides what is left.
    An account that only ever moved in currencies without a rate (`unrated`) is not counted; whether one counts does not
    change with time, so who came, who left and who is there always add up.
    """

    by: AccountLabel | ColumnElement[str] | None = None
    accounts: Sequence[Select[tuple[str]]] = ()
    rows: Sequence[ColumnElement[bool]] = ()
    unrated: Collection[str] = frozenset()

    @property
    def splits_accounts(self) -> bool:
        """Whether one account may have rows under several labels."""
        return bool(self.rows) or isinstance(self.by, ColumnElement)

    @property
    def source(self) -> FromClause:
        """What to select from: the movements, with the account labels beside them where there are any."""
        if isinstance(self.by, AccountLabel):
            return movements.outerjoin(self.by.labels, self.by.labels.c.account_id == movements.c.account_id)
        return movements

    @property
    def label(self) -> ColumnElement[str]:
        """The label of a row of `source`."""
        match self.by:
            case None:
                inside: ColumnElement[str] = literal(WHOLE)
            case AccountLabel(labels, otherwise):
                inside = func.coalesce(labels.c.label, otherwise)
            case _:
                inside = self.by
        return case((and_(*self.rows), inside), else_=OUTSIDE) if self.rows else inside

    def among(self, account_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """Conditions on a column of account ids, of any table: which accounts are meant."""
        return [account_id.in_(meant) for meant in self.accounts]

    def counted(self, account_id: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """Conditions on a column of account ids: whose coming and leaving is counted."""
        if not self.unrated:
            return []
        every = movements.alias()
        return [account_id.in_(select(every.c.account_id).where(every.c.currency.not_in(self.unrated)))]


EVERYTHING = Slice()
