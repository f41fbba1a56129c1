"""The forms of exit interviews that people have opened, and the drafts of what they typed into them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlmodel import Session

from storage.tables import ExitFormRow
from storage.upsert import insert_all, table_of

table = table_of(ExitFormRow)
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was opened for its author; `shown` are the answers it held then, by field.

    `typed` is the draft: all answers as they stood at `typed_at`, None while nothing was changed.
    """

    id: str
    account_id: str
    came: date | None
    author: str
    opened_at: datetime
    shown: Answers
    typed: Answers | None = None
    typed_at: datetime | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """All answers of a form as Slack delivered them; `stamp` grows with time."""

    answers: Answers
    stamp: str
    at: datetime


NAMES = [field.name for field in fields(Form)]


def opened(session: Session, form: Form) -> None:
    insert_all(session, ExitFormRow, [{**asdict(form), "stamp": ""}])


def find(session: Session, form_id: str, author: str) -> Form | None:
    """The form that was opened for this person."""
    c = table.c
    row = (
        session.connection()
        .execute(select(*(c[name] for name in NAMES)).where(c.id == form_id, c.author == author))
        .first()
    )
    return Form(*row) if row else None


def keep(session: Session, form_id: str, author: str, typed: Typed) -> None:
    """Keep what stands in a form, unless it was saved or something newer is kept: Slack may deliver in any order."""
    c = table.c
    session.connection().execute(
        update(table)
        .where(c.id == form_id, c.author == author, c.saved_at.is_(None), c.stamp < typed.stamp)
        .values(typed=dict(typed.answers), stamp=typed.stamp, typed_at=typed.at)
    )


def draft(session: Session, account_id: str, came: date | None, author: str) -> Form | None:
    """The newest form about this departure that its author typed into and has not saved."""
    c = table.c
    row = (
        session.connection()
        .execute(
            select(*(c[name] for name in NAMES))
            .where(_of(account_id, came, author), c.typed.is_not(None), c.saved_at.is_(None))
            .order_by(c.typed_at.desc(), c.stamp.desc())
            .limit(1)
        )
        .first()
    )
    return Form(*row) if row else None


def saved(session: Session, form: Form, now: datetime) -> None:
    """Note that a form was saved: it is no draft any more, nor are those that it was filled from when it was opened."""
    c = table.c
    taken_over = and_(_of(form.account_id, form.came, form.author), c.typed_at <= form.opened_at)
    done = {"saved_at": now, "typed": None, "typed_at": None}
    session.connection().execute(update(table).where(or_(c.id == form.id, taken_over)).values(done))


def discard(session: Session, account_id: str, came: date | None, author: str) -> None:
    """Forget the drafts of a person about a departure."""
    drafts = and_(_of(account_id, came, author), table.c.saved_at.is_(None))
    session.connection().execute(delete(table).where(drafts))


def forget(session: Session, before: datetime) -> None:
    """Forget the forms that were opened before an instant, with their drafts."""
    session.connection().execute(delete(table).where(table.c.opened_at < before))


def _of(account_id: str, came: date | None, author: str) -> ColumnElement[bool]:
    c = table.c
    return and_(c.account_id == account_id, c.author == author, c.came.is_not_distinct_from(came))
