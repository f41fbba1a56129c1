"""The people of a customer, as the team knows them: one list for each account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from storage.tables import ContactsRow
from storage.upsert import table_of, upsert

contacts = table_of(ContactsRow)


@dataclass(frozen=True, slots=True)
class Contact:
    """One of them, of whom the name or the address is known; `email` is in small letters.

    The champion stands up for you there.
    """

    name: str
    email: str = ""
    role: str = ""
    champion: bool = False


def lock(account_id: str) -> str:
    """The work of changing an account's contacts, at which only one may be (`storage.locks`)."""
    return f"contacts:{account_id}"


def of_account(session: Session, account_id: str) -> tuple[list[Contact], datetime | None]:
    """The contacts, and when they were last set."""
    query = select(contacts.c.people, contacts.c.noted_at).where(contacts.c.account_id == account_id)
    row = session.connection().execute(query).first()
    return (read(row.people), row.noted_at) if row else ([], None)


def save(session: Session, account_id: str, found: Sequence[Contact], by: str, at: datetime) -> None:
    row = {"account_id": account_id, "people": [asdict(one) for one in found], "noted_by": by, "noted_at": at}
    upsert(session, ContactsRow, [row])


def read(stored: Iterable[Mapping[str, Any]] | None) -> list[Contact]:
    """Contacts from the column that holds them."""
    return [Contact(**one) for one in stored or ()]
