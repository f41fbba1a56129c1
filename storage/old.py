"""Letting go of what was kept long enough, some at a time: others want to write meanwhile."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select, tuple_
from sqlmodel import Session

from storage import alerts
from storage.alerts import CARD
from storage.pseudonyms import MARK
from storage.states import OutboxState
from storage.tables import AccountRow, AuditRow, ExitNoteRow, JournalRow, OutboxRow, SignalRow, SubscriptionRow
from storage.upsert import table_of

accounts, subscriptions = table_of(AccountRow), table_of(SubscriptionRow)
exits, journal, outbox = table_of(ExitNoteRow), table_of(JournalRow), table_of(OutboxRow)
MOST = 1000
OVER = (OutboxState.SENT, OutboxState.FAILED, OutboxState.UNCONFIRMED)
NOTHING: dict[str, Any] = {"bring_back": "", "note": "", "missed": None, "link": None}


def forget_messages(session: Session, before: datetime) -> int:
    """Delete messages whose last content is older, but for cards of alerts that are not over; how many."""
    cards = [f"{CARD}{one.cause_key}:" for one in alerts.live(session)]
    old = select(outbox.c.id, outbox.c.key).where(outbox.c.wanted_at < before, outbox.c.state.in_(OVER))
    ids = [row.id for row in session.connection().execute(old) if not row.key.startswith(tuple(cards))][:MOST]
    session.connection().execute(outbox.delete().where(outbox.c.id.in_(ids)))
    return len(ids)


def forget_looks(session: Session, before: datetime) -> int:
    """Delete older entries of the audit; how many."""
    table = table_of(AuditRow)
    return _delete(session, table, table.c.at < before)


def forget_signals(session: Session, before: datetime) -> int:
    """Delete what was observed earlier; how many."""
    table = table_of(SignalRow)
    return _delete(session, table, table.c.at < before)


def empty_notes(session: Session, before: datetime) -> None:
    """Take the words out of older notes and exit interviews: what was spent and why people left stays."""
    empty = {"text": "", "search": ""}
    session.connection().execute(journal.update().where(journal.c.written_at < before).values(**empty))
    session.connection().execute(exits.update().where(exits.c.written_at < before).values(**NOTHING))


def left_before(session: Session, before: datetime, most: int = MOST) -> list[str]:
    """Ids of accounts that were gone by then: all that they had has ended, or billing has deleted them."""
    ended = (
        select(subscriptions.c.account_id, func.max(subscriptions.c.ended_at).label("at"))
        .group_by(subscriptions.c.account_id)
        .having(func.count() == func.count(subscriptions.c.ended_at))
        .subquery()
    )
    found = (
        select(accounts.c.id)
        .join(ended, ended.c.account_id == accounts.c.id, isouter=True)
        .where(or_(ended.c.at < before, ended.c.at.is_(None) & (accounts.c.deleted_at < before)))
        .where(accounts.c.id.not_like(f"{MARK}%"))
    )
    return list(session.connection().execute(found.order_by(accounts.c.id).limit(most)).scalars())


def _delete(session: Session, table: Table, old: ColumnElement[bool]) -> int:
    key = list(table.primary_key)
    rows = session.connection().execute(select(*key).where(old).limit(MOST)).all()
    if rows:
        session.connection().execute(table.delete().where(tuple_(*key).in_([tuple(row) for row in rows])))
    return len(rows)
