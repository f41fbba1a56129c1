"""What came of a sending, written by who claimed the message; every outcome leaves a state that is true.

Each gives the state that the message has then, None where an outcome of an earlier claim is void.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, or_, update
from sqlmodel import Session

from storage import slots
from storage.outbox import Rank
from storage.outbox_claims import Claimed
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.types import literal_of
from storage.upsert import table_of

UNANSWERED = "Slack gave no answer"

outbox = table_of(OutboxRow)
PENDING = literal_of(outbox.c.state, OutboxState.PENDING)

# Made once: to make a statement takes longer than to run it.
MARK_SENT = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("message"),
        or_(
            outbox.c.ts.is_(None),
            and_(outbox.c.state == OutboxState.SENDING, outbox.c.claims == bindparam("claim")),
        ),
    )
    .values(
        state=case(
            (outbox.c.revision == bindparam("posted"), literal_of(outbox.c.state, OutboxState.SENT)), else_=PENDING
        ),
        ts=bindparam("stands_at"),
        shown=bindparam("posted"),
        attempts=0,
        error=None,
        leased_until=None,
    )
)


def mark_sent(session: Session, posted: Iterable[tuple[Claimed, str]]) -> None:
    """Each stands in Slack at its ts; where one was revised meanwhile, an update is due.

    That is true whoever learns it and however late, so a post needs no valid claim.
    """
    rows = [
        {"message": message.id, "claim": message.claims, "posted": message.revision, "stands_at": ts}
        for message, ts in sorted(posted, key=lambda one: one[0].id)  # two who lock the same rows do so in one order
    ]
    if rows:
        session.connection().execute(MARK_SENT, rows)


def mark_later(
    session: Session, message: Claimed, *, not_before: datetime, error: str, attempts: int | None = None
) -> None:
    """It surely does not stand in Slack; try again. `attempts` that count against it, one more if not given."""
    attempts = message.attempts + 1 if attempts is None else attempts
    _settle(session, message, state=OutboxState.PENDING, attempts=attempts, not_before=not_before, error=error)


def mark_held(session: Session, message: Claimed, *, until: datetime, error: str) -> OutboxState | None:
    """Slack wants a pause, or is away: nothing goes to this channel until then."""
    return _settle(
        session,
        message,
        state=OutboxState.PENDING,
        attempts=message.attempts + 1,
        not_before=until,
        quiet_until=until,
        error=error,
    )


def mark_failed(session: Session, message: Claimed, error: str, *, now: datetime) -> OutboxState | None:
    """Slack will go on refusing it; content that came meanwhile is tried. The slot of a digest counts as missed."""
    newest = _is_newest(message)
    state = _settle(
        session,
        message,
        state=case((newest, literal_of(outbox.c.state, OutboxState.FAILED)), else_=PENDING),
        attempts=case((newest, outbox.c.attempts), else_=0),
        error=case((newest, error), else_=None),
    )
    if state is OutboxState.FAILED and message.rank == Rank.DIGEST and message.ts is None:
        slots.miss(session, [message.key], now)
    return state


def mark_unconfirmed(session: Session, message: Claimed, *, now: datetime) -> OutboxState | None:
    """Nobody can tell whether it stands in Slack; this content is not posted again, one that came meanwhile is.

    Its `not_before` is since when that is so.
    """
    newest = _is_newest(message)
    return _settle(
        session,
        message,
        state=case((newest, literal_of(outbox.c.state, OutboxState.UNCONFIRMED)), else_=PENDING),
        not_before=case((newest, now), else_=outbox.c.not_before),
        receipt=case((newest, outbox.c.receipt), else_=secrets.token_hex(16)),
        attempts=case((newest, outbox.c.attempts), else_=0),
        error=case((newest, UNANSWERED), else_=None),
    )


def _settle(session: Session, message: Claimed, **values: Any) -> OutboxState | None:
    """The state that the message has now; None where this claim was void, and nothing has changed."""
    settled = update(outbox).where(_is_valid(message)).values(leased_until=None, **values)
    return session.connection().execute(settled.returning(outbox.c.state)).scalar()


def _is_valid(message: Claimed) -> Any:
    """Whether this claim is still the one that sends."""
    ours = outbox.c.claims == message.claims  # after the lease another may have taken it
    return and_(outbox.c.id == message.id, outbox.c.state == OutboxState.SENDING, ours)


def _is_newest(message: Claimed) -> Any:
    return outbox.c.revision == message.revision
