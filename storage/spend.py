"""What was spent on keeping and on winning customers."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from storage.inputs import Spend, SpendKind
from storage.tables import SpendRow
from storage.upsert import table_of, upsert

spend = table_of(SpendRow)
KEY = ("kind", "start", "end", "note")


def store(session: Session, found: Sequence[Spend], now: datetime) -> None:
    """Keep amounts; one of the same kind, period and note replaces what was there."""
    upsert(session, SpendRow, [{**asdict(one), "read_at": now} for one in found])


def replace(session: Session, origin: str, found: Sequence[Spend], now: datetime) -> None:
    """Have exactly these from an origin; what came another way stays, but where one of these takes its place."""
    session.connection().execute(spend.delete().where(spend.c.origin == origin))
    for one in found:
        same = (spend.c.kind == one.kind, spend.c.note == one.note)
        session.connection().execute(spend.delete().where(*same, spend.c.start < one.end, spend.c.end > one.start))
    store(session, found, now)


def between(session: Session, start: date, end: date, kind: SpendKind | None = None) -> list[Spend]:
    """All whose period meets the days of [start, end), by kind, start and note."""
    wanted = _kept().where(spend.c.start < end, spend.c.end > start)
    if kind is not None:
        wanted = wanted.where(spend.c.kind == kind)
    return list(_read(session, wanted))


def every(session: Session) -> list[Spend]:
    return list(_read(session, _kept()))


def forget(session: Session, key: Spend) -> None:
    """Take back what is kept under the key of this one."""
    session.connection().execute(spend.delete().where(*(spend.c[name] == getattr(key, name) for name in KEY)))


def _kept() -> Select[Any]:
    names = ("kind", "start", "end", "amount", "currency", "note", "origin")
    return select(*(spend.c[name] for name in names)).order_by(spend.c.kind, spend.c.start, spend.c.note)


def _read(session: Session, wanted: Select[Any]) -> Iterator[Spend]:
    return (Spend(*row) for row in session.connection().execute(wanted))
