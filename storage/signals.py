"""Signals: observations of accounts that billing does not hold, such as answers to surveys and counts of use."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlmodel import Session

from storage.inputs import COMPANY, Signal
from storage.pseudonyms import erased
from storage.slices import EVERYTHING, Slice
from storage.tables import SignalRow
from storage.types import Utc
from storage.upsert import insert_for, table_of

signals = table_of(SignalRow)
KEY = ("account_id", "name", "at", "respondent")
NAMES = tuple(field.name for field in fields(Signal))
values = attrgetter(*NAMES)


@dataclass(frozen=True, slots=True)
class Answers:
    """How often one value was given under a label."""

    label: str
    value: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Level:
    """The values of one signal of one account over a window: their sum and number, and the account's label."""

    label: str
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
    known = erased(session)
    rows = [{**dict(zip(NAMES, values(one), strict=True)), "read_at": now} for one in found]
    if known and known.people:
        rows = [{**row, "respondent": known.person(row["respondent"])} for row in rows]
    session.connection().execute(statement, rows)


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


SINCE = (  # made once: to make it takes longer than to run it
    select(*(signals.c[name] for name in NAMES))
    .where(signals.c.account_id == bindparam("account"), signals.c.at >= bindparam("start", type_=Utc))
    .order_by(signals.c.at.desc(), signals.c.name, signals.c.respondent)
)


def since(session: Session, account_id: str, start: datetime) -> list[Signal]:
    """One account's observations of all names since an instant, the newest first."""
    return [Signal(*row) for row in session.connection().execute(SINCE, {"account": account_id, "start": start})]


def answers(session: Session, name: str, start: datetime, end: datetime, part: Slice = EVERYTHING) -> list[Answers]:
    """The answers of [start, end) by label and value; those of nobody in particular count in the whole only."""
    source, label = part.beside(signals, signals.c.account_id)
    wanted = (
        select(label.label("placed"), signals.c.value, func.count())
        .select_from(source)
        .where(signals.c.name == name, signals.c.at >= start, signals.c.at < end, *_among(part))
        .group_by("placed", signals.c.value)
    )
    rows = session.connection().execute(wanted)
    return [Answers(seen, value, count) for told, value, count in rows if (seen := part.seen(told)) is not None]


def levels(
    session: Session, names: Collection[str], start: datetime, end: datetime, part: Slice = EVERYTHING
) -> list[Level]:
    """Sum and number of the observations of [start, end), by account and name; the company's own in the whole only."""
    source, label = part.beside(signals, signals.c.account_id)
    wanted = (
        select(label.label("placed"), signals.c.account_id, signals.c.name, func.sum(signals.c.value), func.count())
        .select_from(source)
        .where(signals.c.name.in_(names), signals.c.at >= start, signals.c.at < end, *_among(part))
        .group_by("placed", signals.c.account_id, signals.c.name)
    )
    rows = session.connection().execute(wanted)
    return [Level(seen, *rest) for told, *rest in rows if (seen := part.seen(told)) is not None]


def kept(session: Session) -> list[Kept]:
    """What is kept of each name, in order of name."""
    wanted = select(signals.c.name, func.count(), func.max(signals.c.at)).group_by(signals.c.name)
    return [Kept(*row) for row in session.connection().execute(wanted.order_by(signals.c.name))]


def _kept() -> Select[Any]:
    return select(*(signals.c[name] for name in NAMES))


def _same(key: Signal) -> list[Any]:
    return [signals.c[name] == getattr(key, name) for name in KEY]


def _read(session: Session, wanted: Select[Any]) -> Iterator[Signal]:
    return (Signal(*row) for row in session.connection().execute(wanted))


def _among(part: Slice) -> list[ColumnElement[bool]]:
    """Conditions for the accounts that a slice is about, of which the company as a whole is none."""
    whole = not part.divides and not part.accounts
    return [] if whole else [signals.c.account_id != COMPANY, *part.among(signals.c.account_id)]
