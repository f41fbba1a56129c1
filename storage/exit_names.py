"""The competitors and features that people name in exit interviews: each once, however it is typed."""

from collections.abc import Collection
from datetime import datetime
from unicodedata import category

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session

from storage.exit_interviews import Said
from storage.fact_store import folded
from storage.states import NameKind
from storage.tables import ExitNameRow
from storage.upsert import insert_new, table_of

table = table_of(ExitNameRow)
BETWEEN, UNSEEN = frozenset("_./'’"), frozenset(("Zs", "Pd", "Cf", "Cc"))
LONGEST = 75  # characters of a name; more than that Slack shows in no menu


def id_of(name: str) -> str:
    """Under which id a name is kept: the name whatever its case, accents, spaces, hyphens and dots."""
    plain = "".join(char for char in folded(name) if char not in BETWEEN and category(char) not in UNSEEN)
    return (plain or folded(name))[:LONGEST]


def add(session: Session, kind: NameKind, name: str, by: str, at: datetime) -> str:
    """Put a name on the list unless it is there; its id."""
    id_ = id_of(name)
    shown = " ".join(name.split())[:LONGEST]
    insert_new(session, ExitNameRow, {"kind": kind, "id": id_, "name": shown, "added_by": by, "added_at": at})
    return id_


def all_of(session: Session, kind: NameKind) -> list[tuple[str, str]]:
    """(id, name) of each of them, in the order of their ids."""
    c = table.c
    rows = session.connection().execute(select(c.id, c.name).where(c.kind == kind).order_by(c.id))
    return [(id_, name) for id_, name in rows]


def named_in(session: Session, answers: Collection[Said]) -> dict[str, str]:
    """The names by id of all competitors and features in some answers."""
    if not any(said.tags or said.competitor for said in answers):
        return {}
    c = table.c
    return {row[0]: row[1] for row in session.connection().execute(select(c.id, c.name).where(held_by(answers)))}


def held_by(answers: Collection[Said]) -> ColumnElement[bool]:
    """The rows of the names that answers hold by their ids."""
    tags = {tag for said in answers for tag in said.tags}
    competitors = {said.competitor for said in answers if said.competitor}
    c = table.c
    return or_(
        and_(c.kind == NameKind.FEATURE, c.id.in_(tags)), and_(c.kind == NameKind.COMPETITOR, c.id.in_(competitors))
    )


def named(session: Session, kind: NameKind, ids: Collection[str]) -> dict[str, str]:
    """The names by id."""
    if not ids:
        return {}
    c = table.c
    rows = session.connection().execute(select(c.id, c.name).where(c.kind == kind, c.id.in_(ids)))
    return {row[0]: row[1] for row in rows}
