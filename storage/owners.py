"""Who looks after an account: whom people of the team put on it, else whom billing names."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from storage.tables import AccountRow
from storage.upsert import parts, table_of

accounts = table_of(AccountRow)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person of Slack who is to look after an account, and who said so."""

    user: str
    email: str
    assigned_by: str


def owner_email() -> ColumnElement[str | None]:
    """The e-mail address of an account's owner, as a column of a query over accounts."""
    return func.coalesce(accounts.c.assigned_email, accounts.c.owner_email)


def emails(session: Session, account_ids: Collection[str]) -> dict[str, str]:
    """The owners' addresses by account id, of those that have an owner."""
    found: dict[str, str] = {}
    for part in parts(sorted(account_ids)):
        query = select(accounts.c.id, owner_email().label("owner")).where(accounts.c.id.in_(part))
        found |= {row.id: row.owner for row in session.connection().execute(query) if row.owner}
    return found


def assign(session: Session, account_ids: Collection[str], owner: Owner) -> None:
    """Put a person on accounts, whomever billing names."""
    values = {"assigned_email": owner.email, "assigned_user": owner.user}
    for part in parts(sorted(account_ids)):
        session.connection().execute(accounts.update().where(accounts.c.id.in_(part)).values(values))
