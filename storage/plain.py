"""Rows as the driver gives them, for answers so long that reading them takes longer than finding them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func
from sqlmodel import Session

AT_ONCE = 100  # rows


def plain_rows(session: Session, query: Select[Any]) -> Sequence[Any]:
    """All rows at once, as a driver gives them: text and whole numbers need no reading, and a day may be its text."""
    cursor = session.connection().execute(query).cursor
    return [] if cursor is None else cursor.fetchall()


def whole_sum(column: ColumnElement[int]) -> ColumnElement[int]:
    """A sum as the whole number that it is: PostgreSQL adds up large ones as decimals."""
    return cast(func.sum(column), BigInteger)


def by_column(session: Session, query: Select[Any]) -> Iterator[list[Iterable[Any]]]:
    """The values of each column, read as ever but all of a column at once, a hundred rows after the other.

    So few rows are still in the processor's cache when the next step looks at them.
    """
    dialect = session.get_bind().dialect
    readers = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in query.selected_columns]
    cursor = session.connection().execute(query).cursor
    while cursor is not None and (rows := cursor.fetchmany(AT_ONCE)):
        columns = zip(*rows, strict=True)
        yield [column if read is None else map(read, column) for column, read in zip(columns, readers, strict=False)]
