"""What metrics are to be, month by month."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session

from storage.inputs import Target
from storage.tables import TargetRow
from storage.upsert import table_of, upsert

targets = table_of(TargetRow)
NAMES = ("metric", "month", "value", "currency", "segment", "origin")
KEY = ("metric", "month", "segment")


def store(session: Session, found: Sequence[Target], now: datetime) -> None:
    """Keep targets; one of the same metric, month and segment replaces what was there."""
    upsert(session, TargetRow, [{**asdict(one), "read_at": now} for one in found])


def replace(session: Session, origin: str, found: Sequence[Target], now: datetime) -> None:
    """Have exactly these from an origin; what came another way stays, but where one of these takes its place."""
    session.connection().execute(targets.delete().where(targets.c.origin == origin))
    store(session, found, now)


def of_month(session: Session, month: date, *, segment: str = "") -> dict[str, Target]:
    """The targets of a month, which its first day names, by metric."""
    wanted = _kept().where(targets.c.month == month, targets.c.segment == segment)
    return {target.metric: target for target in _read(session, wanted)}


def segments(session: Session, month: date) -> list[str]:
    """The segments that have targets in a month, as the filters that name them; the company is none."""
    query = select(targets.c.segment).distinct().where(targets.c.month == month, targets.c.segment != "")
    return sorted(session.connection().execute(query).scalars())


def of_metric(session: Session, metric: str, *, segment: str = "") -> dict[date, Target]:
    """The targets of a metric by month."""
    wanted = _kept().where(targets.c.metric == metric, targets.c.segment == segment)
    return {target.month: target for target in _read(session, wanted)}


def every(session: Session) -> list[Target]:
    return _read(session, _kept())


def forget(session: Session, key: Target) -> None:
    """Take back what is kept under the key of this one."""
    session.connection().execute(targets.delete().where(*(targets.c[name] == getattr(key, name) for name in KEY)))


def _kept() -> Select[Any]:
    return select(*(targets.c[name] for name in NAMES)).order_by(targets.c.month, targets.c.metric, targets.c.segment)


def _read(session: Session, wanted: Select[Any]) -> list[Target]:
    return [Target(*row) for row in session.connection().execute(wanted)]
