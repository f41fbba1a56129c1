"""The names of accounts as an index in memory needs them: all at first, then only what changed.

The database itself notes each change in the transaction that makes it (`NameChangeRow`), whoever makes it. On
PostgreSQL a transaction may take a number and become visible after one that took a later number; so a reader goes on
only from where it knew that nobody was in the middle of a change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session

from storage.locks import nobody_is_at
from storage.tables import AccountRow, NameChangeRow
from storage.upsert import table_of

accounts, changes = table_of(AccountRow), table_of(NameChangeRow)
LOCK = "names of accounts"  # whose key stands in migration 0023
PORTION = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """An account as it is looked for."""

    id: str
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to which change the names are seen now; `settled` says that no earlier one is still to become visible."""

    no: int
    settled: bool


def mark(session: Session) -> Mark:
    """Ask in a transaction of its own, before the one that reads: what is settled now is visible to that one."""
    newest = session.connection().execute(select(func.max(changes.c.no))).scalar()
    return Mark(newest or 0, nobody_is_at(session, LOCK))


def every(session: Session) -> Iterator[Entry]:
    """All accounts, a portion of them in memory at a time."""
    yield from _entries(session, select(accounts.c.id, accounts.c.name, accounts.c.email))


def changed_since(session: Session, no: int) -> Iterator[Entry]:
    """The accounts that came or were renamed after a change, as they are now."""
    query = select(accounts.c.id, accounts.c.name, accounts.c.email)
    yield from _entries(session, query.join(changes, changes.c.account_id == accounts.c.id).where(changes.c.no > no))


def has_lost_since(session: Session, no: int) -> bool:
    """Whether accounts were removed after a change."""
    query = select(changes.c.no).where(changes.c.account_id.is_(None), changes.c.no > no).limit(1)
    return session.connection().execute(query).first() is not None


def _entries(session: Session, query: Select[Any]) -> Iterator[Entry]:
    for portion in session.connection().execute(query.execution_options(yield_per=PORTION)).partitions():
        for row in portion:
            yield Entry(*row)
