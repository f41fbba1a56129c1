"""Rows as the driver gives them, for answers so long that reading them takes longer than finding them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session


def plain_rows(session: Session, query: Select[Any]) -> Sequence[Any]:
    """All rows at once; only for columns of text and whole numbers, whose values need no reading."""
    cursor = session.connection().execute(query).cursor
    return [] if cursor is None else cursor.fetchall()
