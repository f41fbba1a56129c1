"""What people of the team noted of an account: a form is an entry, and a correction is an entry of its own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, func, or_, select
from sqlmodel import Session

from storage.fact_store import folded
from storage.states import NoteKind
from storage.tables import JournalRow
from storage.upsert import insert_new, table_of

journal = table_of(JournalRow)


@dataclass(frozen=True, slots=True)
class Entry:
    """One note; `id` is that of the form it was typed into. `cost` is what an incentive cost, in minor units.

    `corrects` is the id of the entry that this one puts right; `due` is the day by which a promise is to be kept.
    """

    id: str
    account_id: str
    kind: NoteKind
    text: str
    author: str
    written_at: datetime
    cost: int | None = None
    currency: str | None = None
    corrects: str | None = None
    due: date | None = None


NAMES = [field.name for field in fields(Entry)]


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest notes, and the promises that are still to be kept, the most urgent first."""

    notes: list[Entry]
    promises: list[Entry]


def add(session: Session, entry: Entry) -> bool:
    """Keep an entry; False when this very form was kept before: then it says what was sent last.

    A form is sent again when its person was told that it was not saved, and may have been changed since.
    """
    row = {**asdict(entry), "search": folded(entry.text)}
    if insert_new(session, JournalRow, row):
        return True
    later = {name: row[name] for name in ("kind", "text", "search", "cost", "currency", "due")}
    session.connection().execute(journal.update().where(journal.c.id == entry.id).values(later))
    return False


def with_id(session: Session, entry_id: str) -> Entry | None:
    return next(iter(_read(session, 1, journal.c.id == entry_id)), None)


def of_account(session: Session, account_id: str, words: str = "", most: int = 10) -> list[Entry]:
    """The newest first; those that hold all of the words, whatever their case and accents."""
    holds = [journal.c.search.contains(word, autoescape=True) for word in folded(words).split()]
    return _read(session, most, journal.c.account_id == account_id, *holds)


def newest(session: Session, account_id: str, notes: int, promises: int) -> Newest:
    """So many of each, in one query; a promise that another entry puts right counts no more."""
    rows = session.connection().execute(NEWEST, {"account": account_id, "notes": notes, "promises": promises})
    entries = [Entry(*row) for row in rows]
    of = {kind: [one for one in entries if (one.kind is NoteKind.PROMISE) is kind] for kind in (False, True)}
    return Newest(of[False], of[True])


def _newest() -> Select[Any]:
    later = journal.alias()
    put_right = exists().where(later.c.corrects == journal.c.id)
    is_promise = case((journal.c.kind == NoteKind.PROMISE, 1), else_=0)
    order = (case((journal.c.kind == NoteKind.PROMISE, journal.c.due)), journal.c.written_at.desc(), journal.c.id)
    place = func.row_number().over(partition_by=is_promise, order_by=order)
    theirs = journal.c.account_id == bindparam("account"), or_(is_promise == 0, ~put_right)
    columns = (*(journal.c[name] for name in NAMES), is_promise.label("is_promise"), place.label("place"))
    found = select(*columns).where(*theirs).subquery()
    most = {0: bindparam("notes", type_=Integer), 1: bindparam("promises", type_=Integer)}
    wanted = or_(*(and_(found.c.is_promise == kind, found.c.place <= count) for kind, count in most.items()))
    return select(*(found.c[name] for name in NAMES)).where(wanted).order_by(found.c.is_promise, found.c.place)


NEWEST = _newest()  # made once: to make it takes longer than to run it


def corrected(session: Session, entries: Sequence[Entry]) -> set[str]:
    """Those of these entries that another one puts right."""
    ids = [entry.id for entry in entries]
    found = select(journal.c.corrects).where(journal.c.corrects.in_(ids))
    return set(session.connection().execute(found).scalars())


def _read(session: Session, most: int, *where: ColumnElement[bool]) -> list[Entry]:
    rows = session.connection().execute(
        select(*(journal.c[name] for name in NAMES))
        .where(*where)
        .order_by(journal.c.written_at.desc(), journal.c.id)
        .limit(most)
    )
    return [Entry(*row) for row in rows]
