"""Rows as the driver gives them, for answers so long that reading them takes longer than finding them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session


def plain_rows(session: Session, query: Select[Any]) -> Sequence[Any]:
    """All rows at once; only for columns of text and whole numbers, whose values need no reading."""
    cursor = session.connection().execute(query).cursor
    return [] if cursor is None else cursor.fetchall()


def by_column(session: Session, query: Select[Any]) -> list[Sequence[Any]]:
    """The values of each column, read as ever but all of a column at once; nothing at all when there are no rows."""
    dialect = session.get_bind().dialect
    readers = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in query.selected_columns]
    columns = zip(*plain_rows(session, query), strict=True)
    return [column if read is None else list(map(read, column)) for column, read in zip(columns, readers, strict=False)]
