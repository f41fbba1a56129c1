"""What accounts are called, and who looks after them."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from storage.owners import owner_email
from storage.slices import one_of
from storage.tables import AccountRow
from storage.upsert import table_of

accounts = table_of(AccountRow)


class Called(NamedTuple):
    """An account's name, which is its id where it has none, and the e-mail address of its owner."""

    name: str
    owner: str | None


class Names(dict[str, Called]):
    """By account id; one that is not stored, and not among these, is called by its id."""

    def __missing__(self, account_id: str) -> Called:
        return Called(account_id, None)


def names(session: Session, account_ids: Collection[str]) -> Names:
    asked = select(accounts.c.id, accounts.c.name, owner_email())
    rows = session.connection().execute(asked.where(one_of(session, accounts.c.id, account_ids)))
    return Names({id_: Called(name or id_, owner) for id_, name, owner in rows})
