"""Being alone at a piece of work among all processes that share a database."""

from hashlib import sha256

from sqlalchemy import text
from sqlmodel import Session


def alone(session: Session, work: str) -> None:
    """Let nobody else do this work until the transaction ends; who comes second waits, then sees what was done.

    On SQLite a writer is alone anyway.
    """
    if _is_postgresql(session):
        session.connection().execute(text("select pg_advisory_xact_lock(:key)"), {"key": _key(work)})


def nobody_is_at(session: Session, work: str) -> bool:
    """Whether no open transaction of another process or thread holds the lock of this work.

    On SQLite what another writes is seen whole or not at all.
    """
    if not _is_postgresql(session):
        return True
    asked = text("select pg_try_advisory_xact_lock(:key)")
    return bool(session.connection().execute(asked, {"key": _key(work)}).scalar_one())


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _key(work: str) -> int:
    return int.from_bytes(sha256(work.encode()).digest()[:8], "big", signed=True)
