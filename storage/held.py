"""Everything that is stored about one account or one person, whatever table it stands in."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, literal, or_, select
from sqlmodel import Session, SQLModel

from storage.personal import texts
from storage.tables import AccountRow, AlertRow, AuditRow, OutboxRow, PaymentRow
from storage.upsert import table_of

accounts, alerts = table_of(AccountRow), table_of(AlertRow)
audit, outbox, payments = table_of(AuditRow), table_of(OutboxRow), table_of(PaymentRow)
Rows = list[dict[str, Any]]
NAMING = ("exit_prompt", "share")  # kinds of messages with an account's id in their keys


def held(session: Session, account_id: str) -> Mapping[str, Rows]:
    """All rows about an account by table, each in the order of its key; tables without any are left out."""
    found: dict[str, Rows] = {}
    for table, theirs in about(session, account_id):
        query = select(table).where(theirs).order_by(*table.primary_key.columns)
        if rows := [dict(row) for row in session.connection().execute(query).mappings()]:
            found[table.name] = rows
    return found


def naming(session: Session, tokens: Collection[str]) -> Mapping[str, Rows]:
    """All rows in which a person's ids or addresses stand, by table, each in the order of its key."""
    told = calling(tokens)
    found: dict[str, Rows] = {}
    for table in SQLModel.metadata.sorted_tables:
        columns = [column.name for column in texts(table)]
        query = select(table).order_by(*table.primary_key.columns)
        rows = [dict(row) for row in session.connection().execute(query).mappings()]
        if rows := [row for row in rows if any(told.search(flat(row[name])) for name in columns if row[name])]:
            found[table.name] = rows
    return found


def calling(tokens: Collection[str]) -> re.Pattern[str]:
    """Where a text has one of these ids or addresses: not in a longer one, such as that of a domain below theirs."""
    longest_first = sorted(tokens, key=lambda one: (-len(one), one))
    return re.compile(rf"(?<![\w.+-])(?:{'|'.join(map(re.escape, longest_first))})(?!-?\.?\w|-)", re.IGNORECASE)


def flat(value: Any) -> str:
    """A text as it is, a structure with all of its texts on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def about(session: Session, account_id: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table that may hold something of an account, and which of its rows do."""
    yield accounts, accounts.c.id == account_id
    paid = select(payments.c.id).where(payments.c.account_id == account_id)
    for table in SQLModel.metadata.sorted_tables:
        if "account_id" in table.c:
            told = table.c.account_id == account_id
            # Of some refunds and disputes billing tells only the payment.
            yield table, or_(told, table.c.payment_id.in_(paid)) if "payment_id" in table.c else told
    yield audit, audit.c.subject == account_id
    yield outbox, or_(*_in_keys(session, account_id))


def _in_keys(session: Session, account_id: str) -> Iterator[ColumnElement[bool]]:
    """Messages name the account, an alert of it or that alert's cause between the colons of their keys."""
    key = literal(":") + outbox.c.key + literal(":")
    for kind in NAMING:  # in another one the id may be a number of something else
        yield and_(outbox.c.key.startswith(f"{kind}:"), key.contains(f":{account_id}:", autoescape=True))
    theirs = select(alerts.c.id, alerts.c.cause_key).where(alerts.c.account_id == account_id)
    for name in (name for row in session.connection().execute(theirs) for name in row):
        yield key.contains(f":{name}:", autoescape=True)
