"""Letting go of what was kept long enough, some at a time: others want to write meanwhile."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, func, literal, or_, select, tuple_
from sqlmodel import Session

from storage.alert_cards import CARD
from storage.pseudonyms import MARK
from storage.states import AlertState, OutboxState
from storage.tables import (
    AccountRow,
    AlertRow,
    AuditRow,
    ExitNoteRow,
    JournalRow,
    OutboxRow,
    SignalRow,
    SubscriptionRow,
)
from storage.upsert import table_of

accounts, subscriptions = table_of(AccountRow), table_of(SubscriptionRow)
alerts = table_of(AlertRow)
exits, journal, outbox = table_of(ExitNoteRow), table_of(JournalRow), table_of(OutboxRow)
MOST = 1000
OVER = (OutboxState.SENT, OutboxState.FAILED, OutboxState.UNCONFIRMED)
NOTHING: dict[str, Any] = {"bring_back": "", "note": "", "missed": None, "link": None}


def forget_messages(session: Session, before: datetime) -> int:
    """Delete messages whose last content is older, but for cards of alerts that are not over; how many."""
    card = literal(CARD).concat(alerts.c.cause_key).concat(":")
    of_live = exists().where(
        alerts.c.state != AlertState.CLOSED, func.substr(outbox.c.key, 1, func.length(card)) == card
    )
    return _delete(session, outbox, and_(outbox.c.wanted_at < before, outbox.c.state.in_(OVER), ~of_live))


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
    full = or_(exits.c.bring_back != "", exits.c.note != "", exits.c.missed.is_not(None), exits.c.link.is_not(None))
    old_notes, old_exits = journal.c.written_at < before, exits.c.written_at < before
    session.connection().execute(journal.update().where(old_notes, journal.c.text != "").values(**empty))
    session.connection().execute(exits.update().where(old_exits, full).values(**NOTHING))


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
