"""Being alone at a piece of work among all processes that share a database."""

from hashlib import sha256

from sqlalchemy import text
from sqlmodel import Session


def alone(session: Session, work: str) -> None:
    """Let nobody else do this work until the transaction ends; who comes second waits, then sees what was done.

    On SQLite a writer is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(sha256(work.encode()).digest()[:8], "big", signed=True)
        session.connection().execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})
