"""Exit interviews: what people added to each, and what they say together.

An interview is about one departure of an account, so one that left, came back and left again has two. What a form
adds is an entry, and entries are only ever added; together the newest answer to each field counts, and of each author
the newest note.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Date, ScalarSelect, Select, String, bindparam, func, select
from sqlmodel import Session

from storage.slices import one_of
from storage.states import Answer
from storage.tables import ExitNoteRow, MovementRow
from storage.upsert import table_of, upsert

notes, movements = table_of(ExitNoteRow), table_of(MovementRow)
NOTE, TAGS = "note", "tags"
Stay = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Said:
    """The answers of an interview, whoever gave them; what is empty was not said.

    `reason` is the customer's own, `root_cause` and `secondary_reason` what the team makes of it: ids of reasons.
    `competitor` and `tags` are ids of `storage.exit_names`; `icp_fit` is 1 to 10.
    """

    reason: str = ""
    root_cause: str = ""
    secondary_reason: str = ""
    competitor: str = ""
    tags: tuple[str, ...] = ()
    avoidable: Answer | None = None
    left_anyway: Answer | None = None
    bring_back: str = ""
    ask_again_on: date | None = None
    icp_fit: int | None = None
    missed: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person added with one form, whose id it has; `cleared` names what they took back.

    Of tags it has those that were added, and takes back single ones as `without` names them. `came` is the day on
    which the stay began that the account ends, None for one that never paid.
    """

    id: str
    account_id: str
    came: date | None
    author: str
    written_at: datetime
    said: Said = Said()
    note: str = ""
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """The free text of one author."""

    author: str
    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Interview:
    """All that was added about one departure: `said` together, the notes of all, and the entries, the oldest first.

    `stay` is the day on which the stay began and `left` that on which it ended, None while it goes on; of an account
    that never paid `stay` is the day of the first entry.
    """

    account_id: str
    stay: date
    left: date | None
    said: Said
    notes: tuple[Note, ...]
    entries: tuple[Entry, ...]

    @property
    def newest(self) -> Entry:
        return self.entries[-1]


ANSWERS = tuple(field.name for field in fields(Said))
FIELDS = (*ANSWERS, NOTE)
_OWN = ("id", "account_id", "came", "author", "written_at")
_COLUMNS = (*_OWN, *FIELDS, "cleared")


def save(session: Session, entry: Entry) -> None:
    """Keep an entry; the same form sent again replaces its own entry, so a retry loses no later edit."""
    own = {name: getattr(entry, name) for name in _OWN}
    said = asdict(entry.said) | {"tags": list(entry.said.tags) or None}
    upsert(session, ExitNoteRow, [{**own, **said, NOTE: entry.note, "cleared": list(entry.cleared) or None}])


def of_accounts(session: Session, account_ids: Collection[str]) -> dict[str, list[Interview]]:
    """The interviews of each account that has any, those of its last stay at the end."""
    rows = session.connection().execute(ENTRIES.where(one_of(session, notes.c.account_id, account_ids)))
    by_account = groupby(map(_placed, rows), key=lambda one: one[1].account_id)
    return {account_id: _interviews(account_id, entries) for account_id, entries in by_account}


def of_account(session: Session, account_id: str) -> list[Interview]:
    """The interviews of an account, that of its last stay at the end."""
    rows = session.connection().execute(OF_ACCOUNT, {"account": account_id})
    return _interviews(account_id, map(_placed, rows))


def about(interviews: Iterable[Interview], day: date) -> Interview | None:
    """The interview about the stay that this day is part of, its last day included; None where nobody gave one."""
    return next((one for one in interviews if one.stay <= day and (one.left is None or day <= one.left)), None)


def last_stays(session: Session, account_ids: Collection[str]) -> dict[str, date]:
    """The day on which the stay of the last interview of each began."""
    stay = func.coalesce(_of_stay("stay_start"), _day(), type_=Date)
    rows = session.connection().execute(
        select(notes.c.account_id, stay).where(one_of(session, notes.c.account_id, account_ids)).order_by(stay)
    )
    return {row[0]: row[1] for row in rows}


def together(entries: Iterable[Entry]) -> Said:
    """What entries say in all, the oldest first: the newest answer to each field counts."""
    said = Said()
    for entry in entries:
        said = replace(said, **_added(said, entry))
    return said


def notes_of(entries: Iterable[Entry]) -> tuple[Note, ...]:
    """The newest note of each author, in the order in which they were written."""
    found: dict[str, Note] = {}
    for entry in entries:
        if entry.note or NOTE in entry.cleared:
            found.pop(entry.author, None)
        if entry.note:
            found[entry.author] = Note(entry.author, entry.written_at, entry.note)
    return tuple(found.values())


def without(tag: str) -> str:
    """How `cleared` names a tag that is taken back."""
    return f"{TAGS}={tag}"


def _added(before: Said, entry: Entry) -> Mapping[str, Any]:
    given = {name: value for name in ANSWERS if (value := getattr(entry.said, name))}
    tags = [tag for tag in before.tags if without(tag) not in entry.cleared and TAGS not in entry.cleared]
    cleared = {name: getattr(NOTHING, name) for name in entry.cleared if name in ANSWERS}
    return cleared | given | {TAGS: tuple(dict.fromkeys((*tags, *entry.said.tags)))}


NOTHING = Said()


def _interviews(account_id: str, placed: Iterable[tuple[Stay, Entry]]) -> list[Interview]:
    by_stay: dict[Stay, list[Entry]] = {}
    for stay, entry in placed:
        by_stay.setdefault(stay, []).append(entry)
    found = [
        Interview(account_id, came or _begun(entries), left, together(entries), notes_of(entries), tuple(entries))
        for (came, left), entries in by_stay.items()
    ]
    return sorted(found, key=lambda one: one.stay)


def _begun(entries: Sequence[Entry]) -> date:
    """The stay of entries that the ledger knows none for."""
    return min(entry.came or entry.written_at.date() for entry in entries)


def _placed(row: Sequence[Any]) -> tuple[Stay, Entry]:
    *values, came, left = row
    told = dict(zip(_COLUMNS, values, strict=True))
    said = Said(**{name: told[name] or getattr(NOTHING, name) for name in ANSWERS if name != TAGS})
    said = replace(said, tags=tuple(told[TAGS] or ()))
    own = {name: told[name] for name in _OWN}
    return (came, left), Entry(**own, said=said, note=told[NOTE], cleared=tuple(told["cleared"] or ()))


def _of_stay(column: str) -> ScalarSelect[date]:
    """What the ledger tells now of the stay that an entry is about: it may have moved since."""
    m = movements.c
    return (
        select(m[column])
        .where(m.account_id == notes.c.account_id, m.stay_start <= _day())
        .order_by(m.stay_start.desc())
        .limit(1)
        .correlate(notes)
        .scalar_subquery()
    )


def _day() -> ColumnElement[date]:
    """A day of the stay that an entry is about, or after it and before the next."""
    return func.coalesce(notes.c.came, func.date(notes.c.written_at), type_=Date)


def _entries() -> Select[Any]:
    told = select(*(notes.c[name] for name in _COLUMNS), _of_stay("stay_start"), _of_stay("stay_end"))
    return told.order_by(notes.c.account_id, notes.c.written_at, notes.c.id)


ENTRIES = _entries()  # made once: to make it takes longer than to run it
OF_ACCOUNT = ENTRIES.where(notes.c.account_id == bindparam("account", type_=String))
