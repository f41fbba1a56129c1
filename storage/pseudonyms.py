"""Names that lead nowhere, in the place of what was erased.

A pseudonym is made of an id by a secret of this database, so that facts which a billing source goes on telling of an
erased customer find the rows that stayed, while nobody can tell from these who it was. Whoever holds both the
database and an id can still see whether it was erased, as can Kahvi.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session

from storage.tables import ErasureRow, PaymentRow, PseudonymKeyRow
from storage.upsert import insert_new, table_of

erasures, keys, payments = table_of(ErasureRow), table_of(PseudonymKeyRow), table_of(PaymentRow)
MARK = "erased-"  # how pseudonyms begin
FORMER = "a former colleague"  # what people read instead of the pseudonym of somebody of the team


class Kind(StrEnum):
    """Who was erased."""

    ACCOUNT = "account"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms of one database."""

    secret: bytes

    def of(self, id_: str) -> str:
        """The pseudonym of an id or address; that of a pseudonym is itself, so that nothing is renamed twice."""
        if is_pseudonym(id_):
            return id_
        return MARK + hmac.new(self.secret, id_.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Erased:
    """Whom nothing may be told of any more: pseudonyms of accounts, of their payments, and of people."""

    names: Pseudonyms
    accounts: frozenset[str]
    payments: frozenset[str]
    people: frozenset[str]

    def person(self, token: str) -> str:
        """An address or an id as it is, its pseudonym when the person was erased."""
        name = self.names.of(plainly(token))
        return name if name in self.people else token


def plainly(token: str) -> str:
    """An address in small letters, an id as it is: of these the pseudonyms of people are made."""
    return token.lower() if "@" in token else token


def is_pseudonym(text: str) -> bool:
    return text.startswith(MARK)


def kept_as(session: Session, id_: str) -> str:
    """Under which id something is kept: its pseudonym where it was erased."""
    secret = session.connection().execute(select(keys.c.secret)).scalar()
    if secret is None:
        return id_
    name = Pseudonyms(bytes.fromhex(secret)).of(id_)
    known = select(erasures.c.pseudonym).where(erasures.c.pseudonym == name)
    return name if session.connection().execute(known).first() else id_


def pseudonyms(session: Session) -> Pseudonyms:
    """Those of this database, whose secret is made with the first erasure; within a write only."""
    known = session.connection().execute(select(keys.c.secret)).scalar()
    if known is None:
        insert_new(session, PseudonymKeyRow, {"id": 1, "secret": secrets.token_hex(32)})
        known = session.connection().execute(select(keys.c.secret)).scalar_one()
    return Pseudonyms(bytes.fromhex(known))


def note(session: Session, pseudonym: str, kind: Kind, by: str, at: datetime) -> None:
    insert_new(session, ErasureRow, {"pseudonym": pseudonym, "kind": kind, "erased_by": by, "erased_at": at})


def erased(session: Session) -> Erased | None:
    """Whom nothing may be told of; None while nobody was ever erased."""
    rows = session.connection().execute(select(erasures.c.pseudonym, erasures.c.kind)).all()
    if not rows:
        return None
    accounts = frozenset(row.pseudonym for row in rows if row.kind == Kind.ACCOUNT)
    people = frozenset(row.pseudonym for row in rows if row.kind == Kind.PERSON)
    theirs = select(payments.c.id).where(payments.c.account_id.in_(select(erasures.c.pseudonym)))
    paid = frozenset(session.connection().execute(theirs).scalars())
    return Erased(pseudonyms(session), accounts, paid, people)
