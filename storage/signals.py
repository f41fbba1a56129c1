"""Signals: observations of accounts that billing does not hold, such as answers to surveys and counts of use."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session

from storage.inputs import Signal
from storage.tables import SignalRow
from storage.upsert import insert_for, parts, table_of

signals = table_of(SignalRow)
KEY = ("account_id", "name", "at", "respondent")


@dataclass(frozen=True, slots=True)
class Answers:
    """How often one account gave one value."""

    account_id: str
    value: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Level:
    """The values of one signal of one account over a window: their sum and number."""

    account_id: str
    name: str
    total: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How many observations of a name are kept, and when the newest was made."""

    name: str
    count: int
    newest: datetime


def store(session: Session, found: Sequence[Signal], now: datetime) -> None:
    """Keep observations; one that is there with the same value stays as it was, another value replaces it."""
    if not found:
        return
    insert = insert_for(session, signals)
    given = insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=KEY,
        set_={"value": given.value, "origin": given.origin, "read_at": given.read_at},
        where=signals.c.value != given.value,
    )
    session.connection().execute(statement, [{**asdict(one), "read_at": now} for one in found])


def find(session: Session, key: Signal) -> Signal | None:
    """The observation that is kept under the key of this one."""
    return next(_read(session, _kept().where(*_same(key))), None)


def forget(session: Session, key: Signal) -> None:
    """Take back the observation that is kept under the key of this one."""
    session.connection().execute(signals.delete().where(*_same(key)))


def course(session: Session, account_id: str, name: str, start: datetime, end: datetime) -> list[Signal]:
    """One account's observations of one name in [start, end), oldest first: what its own baseline is made of."""
    window = _kept().where(
        signals.c.account_id == account_id, signals.c.name == name, signals.c.at >= start, signals.c.at < end
    )
    return list(_read(session, window.order_by(signals.c.at, signals.c.respondent)))


def answers(
    session: Session, name: str, start: datetime, end: datetime, *, accounts: Collection[str] | None = None
) -> list[Answers]:
    """The answers of [start, end) by account and value; of these accounts only, where they are given."""
    wanted = (
        select(signals.c.account_id, signals.c.value, func.count())
        .where(signals.c.name == name, signals.c.at >= start, signals.c.at < end)
        .group_by(signals.c.account_id, signals.c.value)
    )
    return [Answers(*row) for row in _of_accounts(session, wanted, accounts)]


def levels(
    session: Session,
    names: Collection[str],
    start: datetime,
    end: datetime,
    *,
    accounts: Collection[str] | None = None,
) -> list[Level]:
    """Sum and number of the observations of [start, end), by account and name."""
    wanted = (
        select(signals.c.account_id, signals.c.name, func.sum(signals.c.value), func.count())
        .where(signals.c.name.in_(names), signals.c.at >= start, signals.c.at < end)
        .group_by(signals.c.account_id, signals.c.name)
    )
    return [Level(*row) for row in _of_accounts(session, wanted, accounts)]


def kept(session: Session) -> list[Kept]:
    """What is kept of each name, in order of name."""
    wanted = select(signals.c.name, func.count(), func.max(signals.c.at)).group_by(signals.c.name)
    return [Kept(*row) for row in session.connection().execute(wanted.order_by(signals.c.name))]


def _kept() -> Select[Any]:
    return select(*(signals.c[name] for name in (*KEY[:3], "value", "respondent", "origin")))


def _same(key: Signal) -> list[Any]:
    return [signals.c[name] == getattr(key, name) for name in KEY]


def _read(session: Session, wanted: Select[Any]) -> Iterator[Signal]:
    return (Signal(*row) for row in session.connection().execute(wanted))


def _of_accounts(session: Session, wanted: Select[Any], accounts: Collection[str] | None) -> Iterator[Any]:
    """The rows of a query by account, in as many portions as one list of accounts takes."""
    if accounts is None:
        yield from session.connection().execute(wanted)
        return
    for part in parts(sorted(accounts)):
        yield from session.connection().execute(wanted.where(signals.c.account_id.in_(part)))
