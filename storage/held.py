"""Everything that is stored about one account, whatever table it stands in."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, literal, or_, select
from sqlmodel import Session, SQLModel

from storage.tables import AccountRow, AlertRow, AuditRow, OutboxRow
from storage.upsert import table_of

accounts, alerts = table_of(AccountRow), table_of(AlertRow)
audit, outbox = table_of(AuditRow), table_of(OutboxRow)
Rows = list[dict[str, Any]]


def held(session: Session, account_id: str) -> Mapping[str, Rows]:
    """All rows about an account by table, each in the order of its key; tables without any are left out."""
    found: dict[str, Rows] = {}
    for table, about in _about(session, account_id):
        query = select(table).where(about).order_by(*table.primary_key.columns)
        if rows := [dict(row) for row in session.connection().execute(query).mappings()]:
            found[table.name] = rows
    return found


def _about(session: Session, account_id: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table that may hold something of an account, and which of its rows do."""
    yield accounts, accounts.c.id == account_id
    for table in SQLModel.metadata.sorted_tables:
        if "account_id" in table.c:
            yield table, table.c.account_id == account_id
    yield audit, audit.c.subject == account_id
    yield outbox, or_(*_in_keys(session, account_id))


def _in_keys(session: Session, account_id: str) -> Iterator[ColumnElement[bool]]:
    """Messages name the account, or an alert of it, between the colons of their keys."""
    key = literal(":") + outbox.c.key + literal(":")
    theirs = select(alerts.c.id).where(alerts.c.account_id == account_id)
    for id_ in (account_id, *session.connection().execute(theirs).scalars()):
        yield key.contains(f":{id_}:", autoescape=True)
