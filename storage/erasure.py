"""Taking an account or a person out of everything that is stored, while sums stay what they were.

The rows that figures are made of remain, under pseudonyms (`storage.pseudonyms`) and without a word that tells whose
they were; `storage.personal` says what each column holds. What stands in Slack is written anew there by the outbox.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, ColumnElement, RowMapping, Table, and_, func, select
from sqlmodel import Session

from storage.fact_store import folded
from storage.facts import Status
from storage.held import about, calling, flat
from storage.outbox import Blocks
from storage.personal import COLUMNS, GONE, WORDS, Holds, texts
from storage.pseudonyms import FORMER, Kind, Pseudonyms, is_pseudonym, note, plainly, pseudonyms
from storage.states import OutboxState
from storage.tables import AccountRow, JournalRow, OutboxRow, PersonRow, SubscriptionRow, metadata
from storage.upsert import table_of

accounts, journal = table_of(AccountRow), table_of(JournalRow)
outbox, people, subscriptions = table_of(OutboxRow), table_of(PersonRow), table_of(SubscriptionRow)
NAMELESS = "Erased account"
REMOVED, IN_ADDRESSES = "[erased]", "erased"
SHORTEST = 3  # letters of what is looked for in what others wrote: shorter ones stand in any text
COMMON = re.compile(r"[\d.]{1,6}")  # so do numbers that may be years or amounts
QUOTED = re.compile("“.*”")
DOMAIN = re.compile(r"\S+\.\w+")
# Where Kahvi and its people write; what billing tells of others is for billing to change.
WRITTEN = (
    *("alerts", "audit", "channels", "contacts", "exit_forms", "exit_notes", "inbox", "journal", "quarantine"),
    *("spend", "syncs", "tunings"),
)
STRUCTURE = frozenset(("type", "style", "rule"))  # of messages and alerts: a customer may be called "Section"
Row = dict[str, Any]
Head = Row | RowMapping
Spelt = Callable[[str], Iterable[str]]
Changed = Callable[[Any], Any]
EMPTY = object()  # in the place of what was said
KEYS, SHOWN = ("key", "reply_to"), ("text", "blocks")
HEADS = tuple(outbox.c[name] for name in ("id", "state", "revision", "ts", *KEYS, *SHOWN))
# By what is said here an account is known in what others wrote; a plan or a card is not its own.
TELLING = frozenset((("accounts", "name"), ("accounts", "email"), ("invoices", "number"), ("invoices", "hosted_url")))


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands in Slack instead of a message that was all about whom was erased.

    `spelt` gives the ways in which a name or an address stands in other messages.
    """

    text: str
    blocks: Blocks
    spelt: Spelt


@dataclass(frozen=True)
class Traces:
    """What tells of an account: `ids` of it and its own things, and `passages` as they stand in texts."""

    names: Pseudonyms
    ids: frozenset[str]
    passages: frozenset[str]

    def value(self, value: Any) -> Any:
        """A text or a structure of the account's own without them."""
        return _walk(value, lambda text: self.text(self.key(text)))

    def of_others(self, value: Any) -> Any:
        """A text or a structure that is about others: what is a word of it stays, though it be the same as an id."""
        return _walk(value, self.text)

    def of_message(self, value: Any) -> Any:
        """What a message shows, without what was quoted beside them."""
        return _walk(value, lambda text: "\n".join(map(self._line, text.split("\n"))))

    def _line(self, line: str) -> str:
        told = self.text(line)
        return line if told == line else QUOTED.sub(f"“{REMOVED}”", told)

    def key(self, key: str) -> str:
        """A key of parts between colons, its ids renamed; an id may have colons itself."""
        return self._named.sub(lambda found: self.names.of(found.group()), key)

    def text(self, text: str) -> str:
        composed = text if text.isascii() else unicodedata.normalize("NFC", text)  # as passages are written
        told = self._told.sub(IN_ADDRESSES if text.startswith(("http://", "https://")) else REMOVED, composed)
        return text if told == composed else told

    @cached_property
    def _named(self) -> re.Pattern[str]:
        return re.compile(rf"(?:(?<=:)|^)(?:{_any_of(self.ids, re.escape)})(?=:|$)")

    @cached_property
    def _told(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any_of(self.passages, _whole)})(?!\w)", re.IGNORECASE)


def erase_account(session: Session, account_id: str, notice: Notice, by: str, now: datetime) -> int:
    """Leave of an account what figures need, under a pseudonym; the number of messages to mend in Slack.

    The account must have nothing that runs.
    """
    names = pseudonyms(session)
    found = {table: _rows(session, table, theirs) for table, theirs in about(session, account_id)}
    traces = _traces(session, names, found, notice.spelt)
    messages = _messages(session, traces, {row["id"] for row in found.pop(outbox, [])}, notice, now)
    for table, rows in found.items():
        kept = [erased_row(table.name, row, traces) for row in rows]
        _delete(session, table, rows)
        if rows := [row for row in kept if row is not None]:
            session.connection().execute(table.insert(), rows)
    for name in WRITTEN:
        _sweep(session, metadata.tables[name], traces.of_others, (Holds.SAID, Holds.VALUES))
    note(session, names.of(account_id), Kind.ACCOUNT, by, now)
    return messages


def running(session: Session, account_id: str) -> str | None:
    """The id of a subscription that has not ended, where the account has one."""
    alive = select(subscriptions.c.id).where(
        subscriptions.c.account_id == account_id,
        subscriptions.c.ended_at.is_(None),
        subscriptions.c.status != Status.NEVER_STARTED,
    )
    return session.connection().execute(alive.order_by(subscriptions.c.id).limit(1)).scalar()


def erased_row(table: str, row: Mapping[str, Any], traces: Traces) -> Row | None:
    """A row of an erased account as it stays; None when it goes. Facts have the same names as their columns."""
    if table in GONE:
        return None
    declared = COLUMNS[table]
    erased = {name: _erased(declared.get(name, Holds.OURS), value, traces) for name, value in row.items()}
    return {name: _empty(table, name) if value is EMPTY else value for name, value in erased.items()}


def erase_person(session: Session, tokens: Collection[str], by: str, now: datetime) -> int:
    """Put pseudonyms in the place of a person's addresses and ids wherever these stand; how many messages change."""
    names = pseudonyms(session)
    mentioned = re.compile(rf"<@(?:{_any_of(tokens, re.escape)})(?:\|[^>]*)?>")
    told = calling(tokens)

    def renamed(text: str) -> str:
        return told.sub(lambda found: names.of(plainly(found.group())), mentioned.sub(FORMER, text))

    def changed(value: Any) -> Any:
        return _walk(value, renamed)

    private = select(people.c.direct).where(people.c.email.in_(tokens) | people.c.user.in_(tokens))
    session.connection().execute(outbox.delete().where(outbox.c.channel_id.in_(private)))
    session.connection().execute(people.delete().where(people.c.email.in_(tokens) | people.c.user.in_(tokens)))
    rewritten = _rewrite_all(session, changed, now, keys=changed)
    for table in metadata.sorted_tables:
        _sweep(session, table, changed, Holds)
    for token in tokens:
        note(session, names.of(plainly(token)), Kind.PERSON, by, now)
    return rewritten


def left(session: Session, words: Iterable[str]) -> list[str]:
    """The columns in which one of these words still stands, such as "products.name"."""
    telling = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in words if not COMMON.fullmatch(word)]
    wanted = re.compile("|".join(telling) or "(?!)", re.IGNORECASE)
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in texts(table)
        if any(wanted.search(flat(value)) for value in session.connection().execute(select(column)).scalars())
    ]


def _erased(kind: Holds, value: Any, traces: Traces) -> Any:
    if not value or kind in (Holds.OURS, Holds.STAFF):
        return value
    if kind is Holds.ID:
        return _walk(value, traces.names.of)
    if kind is Holds.KEY:
        return traces.key(value)
    if kind is Holds.VALUES:
        return traces.value(_wordless(value))
    return NAMELESS if kind is Holds.NAME else EMPTY


def _wordless(value: Any) -> Any:
    """A structure without the texts that somebody wrote in it."""
    if isinstance(value, Mapping):
        return {key: "" if key in WORDS and one else _wordless(one) for key, one in value.items()}
    return [_wordless(one) for one in value] if isinstance(value, list | tuple) else value


def _empty(table: str, name: str) -> Any:
    """Nothing, as this column says it."""
    column = metadata.tables[table].c[name]
    if isinstance(column.type, JSON):
        return {}
    return None if column.nullable else ""


def _traces(session: Session, names: Pseudonyms, found: Mapping[Table, list[Row]], spelt: Spelt) -> Traces:
    ids, said = set[str](), set[str]()
    for table, rows in found.items():
        if table is outbox:
            continue
        declared = COLUMNS[table.name]
        for name in (column.name for column in texts(table)):
            values = [row[name] for row in rows if row[name]]
            if declared[name] is Holds.ID:
                ids.update(one for value in values for one in ([value] if isinstance(value, str) else value))
            elif (table.name, name) in TELLING:
                said.update(values)
    said |= {domain for one in said if "@" in one and (domain := _own_domain(session, one))}
    passages = {form for one in said for form in spelt(one)} | {id_ for id_ in ids if not is_pseudonym(id_)}
    telling = (one for one in passages if len(one) >= SHORTEST and not COMMON.fullmatch(one))
    return Traces(names, frozenset(ids), frozenset(telling))


def _any_of(words: Iterable[str], pattern: Callable[[str], str]) -> str:
    """A pattern for any of these words, the longest first; it fits nothing where there are none.

    Words that begin alike stand together: an account with many bills has thousands of them, and there are many texts.
    """
    alike = defaultdict[str, list[str]](list)
    for word in sorted(words, key=lambda one: (-len(one), one)):
        alike[word[:SHORTEST]].append(word)
    longest_first = sorted(alike, key=len, reverse=True)
    found = (f"(?={re.escape(one)})(?:{'|'.join(map(pattern, alike[one]))})" for one in longest_first)
    return "|".join(found) or "(?!)"


def _whole(passage: str) -> str:
    """A passage as it is looked for; an address or domain is no other one that only begins or ends like it."""
    return rf"(?<!-){re.escape(passage)}(?!-?\.?\w)" if DOMAIN.fullmatch(passage) else re.escape(passage)


def _own_domain(session: Session, email: str) -> str | None:
    """The domain of an address, where no other account has one there."""
    domain = email.rpartition("@")[2]
    theirs = select(func.count()).where(func.lower(accounts.c.email).endswith(f"@{domain.lower()}", autoescape=True))
    return domain if session.connection().execute(theirs).scalar_one() == 1 else None


def _rows(session: Session, table: Table, theirs: ColumnElement[bool]) -> list[Row]:
    return [dict(row) for row in session.connection().execute(select(table).where(theirs)).mappings()]


def _delete(session: Session, table: Table, rows: Iterable[Row]) -> None:
    for row in rows:
        session.connection().execute(table.delete().where(_same(table, row)))


def _same(table: Table, row: Head) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key))


def _messages(session: Session, traces: Traces, own: Collection[int], notice: Notice, now: datetime) -> int:
    """Messages that are all about the account say only that it was erased, others leave it out; how many stand."""
    unsent = and_(outbox.c.state == OutboxState.PENDING, outbox.c.tried == 0)
    theirs = outbox.c.id.in_(own)
    session.connection().execute(outbox.delete().where(theirs, unsent))
    standing = session.connection().execute(select(*HEADS).where(theirs)).mappings().all()
    for row in standing:
        keys = {name: traces.key(row[name]) for name in ("key", "reply_to") if row[name]}
        _rewrite(session, row, now, text=notice.text, blocks=list(notice.blocks), **keys)
    return sum(row["ts"] is not None for row in standing) + _rewrite_all(session, traces.of_message, now)


def _rewrite_all(session: Session, changed: Changed, now: datetime, keys: Changed | None = None) -> int:
    """Change what messages show, and where `keys` is given what they are kept under; how many stand in Slack."""
    how = dict.fromkeys(SHOWN, changed) | (dict.fromkeys(KEYS, keys) if keys else {})
    rewritten = 0
    for row in session.connection().execute(select(*HEADS)).mappings().all():
        values = {name: after for name, change in how.items() if (after := change(row[name])) != row[name]}
        if values:
            _rewrite(session, row, now, **values)
            rewritten += row["ts"] is not None
    return rewritten


def _rewrite(session: Session, row: Head, now: datetime, **values: Any) -> None:
    """Change a message, in Slack as well where it stands there or is on its way."""
    if row["ts"] or row["state"] == OutboxState.SENDING:
        values |= {"revision": row["revision"] + 1, "wanted_at": now}
    if row["state"] == OutboxState.SENT:
        values |= {"state": OutboxState.PENDING, "attempts": 0, "not_before": now, "error": None}
    session.connection().execute(outbox.update().where(outbox.c.id == row["id"]).values(**values))


def _sweep(session: Session, table: Table, changed: Changed, kinds: Iterable[Holds]) -> None:
    """Change what stands in the columns of a table that hold one of these kinds."""
    declared, wanted = COLUMNS[table.name], set(kinds)
    columns = [column for column in texts(table) if declared[column.name] in wanted and table is not outbox]
    if not columns:
        return
    key = list(table.primary_key)
    others = [column for column in columns if not column.primary_key]
    for row in session.connection().execute(select(*key, *others)).mappings().all():
        values = {c.name: after for c in columns if (after := changed(row[c.name])) != row[c.name]}
        if table is journal and "text" in values:
            values["search"] = folded(values["text"])
        if values:
            session.connection().execute(table.update().where(_same(table, row)).values(**values))


def _walk(value: Any, changed: Callable[[str], str]) -> Any:
    """A structure with all of its texts changed, but for the keys of objects and words that are no text."""
    if isinstance(value, str):
        return changed(value)
    if isinstance(value, Mapping):
        return {key: one if key in STRUCTURE else _walk(one, changed) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_walk(one, changed) for one in value)
    return value
