"""Who the owners of accounts are in Slack, by the e-mail addresses that billing names; known for a day."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, union
from sqlmodel import Session

from storage.slices import one_of
from storage.tables import AccountRow, PersonRow
from storage.upsert import batches, insert_for, table_of

accounts, people = table_of(AccountRow), table_of(PersonRow)
KNOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """`email` in small letters; `user` in Slack, the channel of direct messages with them, and their zone.

    All three are None for an address that Slack does not know.
    """

    email: str
    user: str | None
    direct: str | None
    zone: str | None


def unknown(session: Session, emails: Collection[str], now: datetime) -> list[str]:
    """The addresses, in small letters, that nobody looked up within a day."""
    wanted = {email.lower() for email in emails}
    known: set[str] = set()
    for part in batches(sorted(wanted)):
        fresh = select(people.c.email).where(people.c.email.in_(part), people.c.looked_at > now - KNOWN_FOR)
        known |= set(session.connection().execute(fresh).scalars())
    return sorted(wanted - known)


def keep(session: Session, person: Person, now: datetime) -> None:
    values = {**asdict(person), "looked_at": now}
    insert = insert_for(session, people).values(values)
    session.connection().execute(insert.on_conflict_do_update(index_elements=["email"], set_=values))


def known_as(session: Session, token: str) -> frozenset[str]:
    """The id in Slack and the addresses of a person, of whom one of these is given."""
    pairs = union(
        select(people.c.email, people.c.user), select(func.lower(accounts.c.assigned_email), accounts.c.assigned_user)
    ).subquery()
    found = {token}
    for one in (pairs.c.email, pairs.c.user):
        rows = session.connection().execute(select(pairs).where(one == token))
        found.update(name for row in rows for name in row if name)
    return frozenset(found)


def with_emails(session: Session, emails: Collection[str]) -> dict[str, Person]:
    """By address in small letters, those that Slack knows."""
    found: dict[str, Person] = {}
    for part in batches(sorted({email.lower() for email in emails})):
        query = select(people.c.email, people.c.user, people.c.direct, people.c.zone)
        rows = session.connection().execute(query.where(people.c.email.in_(part), people.c.user.is_not(None)))
        found |= {row.email: Person(*row) for row in rows}
    return found


def zones(session: Session, users: Collection[str]) -> dict[str, str]:
    """The time zones of people by their id, of those who own an account and whose zone Slack tells."""
    query = select(people.c.user, people.c.zone).where(
        one_of(session, people.c.user, users), people.c.zone.is_not(None)
    )
    return {row.user: row.zone for row in session.connection().execute(query)}
