"""Who looks after an account: whom people of the team put on it, else whom billing names."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from storage.tables import AccountRow, RiskRow
from storage.upsert import batches, table_of

accounts, risks = table_of(AccountRow), table_of(RiskRow)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person of Slack who is to look after an account, and who said so."""

    user: str
    email: str
    assigned_by: str


@dataclass(frozen=True, slots=True)
class Load:
    """What a person looks after: accounts, and their MRR in minor units of the base."""

    accounts: int
    worth: int


def owner_email() -> ColumnElement[str | None]:
    """The e-mail address of an account's owner, as a column of a query over accounts."""
    return func.coalesce(accounts.c.assigned_email, accounts.c.owner_email)


def emails(session: Session, account_ids: Collection[str]) -> dict[str, str]:
    """The owners' addresses by account id, of those that have an owner."""
    found: dict[str, str] = {}
    for part in batches(sorted(account_ids)):
        query = select(accounts.c.id, owner_email().label("owner")).where(accounts.c.id.in_(part))
        found |= {row.id: row.owner for row in session.connection().execute(query) if row.owner}
    return found


def looking_after_any(session: Session, emails: Collection[str]) -> frozenset[str]:
    """Those of the addresses, in small letters, that look after an account."""
    owner, found = func.lower(owner_email()), set[str]()
    for part in batches(sorted(emails)):
        query = select(owner).where(owner.in_(part), accounts.c.deleted_at.is_(None)).distinct()
        found |= set(session.connection().execute(query).scalars())
    return frozenset(found)


def looked_after_by(session: Session, emails: Collection[str]) -> list[str]:
    """Ids of the accounts that these people look after; the addresses are in small letters."""
    owner, found = func.lower(owner_email()), list[str]()
    for part in batches(sorted(emails)):
        found += session.connection().execute(select(accounts.c.id).where(owner.in_(part))).scalars()
    return found


def without_owner(session: Session) -> dict[str, int]:
    """The assessed accounts that nobody looks after, and their MRR in minor units of the base."""
    query = select(risks.c.account_id, risks.c.worth).join(accounts, accounts.c.id == risks.c.account_id)
    nobody = func.coalesce(owner_email(), "") == ""
    rows = session.connection().execute(query.where(nobody, accounts.c.deleted_at.is_(None)))
    return {row.account_id: int(row.worth or 0) for row in rows}


def loads(session: Session, emails: Collection[str]) -> dict[str, Load]:
    """By address, in small letters, what these people look after."""
    owner = func.lower(owner_email())
    query = select(owner, func.count(), func.sum(func.coalesce(risks.c.worth, 0)))
    query = query.join(risks, risks.c.account_id == accounts.c.id).group_by(owner)
    wanted = sorted({email.lower() for email in emails})
    return {row[0]: Load(row[1], int(row[2])) for row in session.connection().execute(query.where(owner.in_(wanted)))}


def assign(session: Session, account_ids: Collection[str], owner: Owner) -> None:
    """Put a person on accounts, whomever billing names."""
    values = {"assigned_email": owner.email, "assigned_user": owner.user}
    for part in batches(sorted(account_ids)):
        session.connection().execute(accounts.update().where(accounts.c.id.in_(part)).values(values))
