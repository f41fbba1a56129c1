"""Messages for Slack, written in the transaction of the change that causes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import insert_new


def put(
    session: Session,
    key: str,
    channel_id: str,
    text: str,
    blocks: Sequence[dict[str, Any]],
    *,
    now: datetime,
    reply_to: str | None = None,
) -> bool:
    """Write a message to be posted once; False when one with this key was written before."""
    return insert_new(
        session,
        OutboxRow,
        {
            "key": key,
            "channel_id": channel_id,
            "reply_to": reply_to,
            "text": text,
            "blocks": list(blocks),
            "state": OutboxState.PENDING,
            "attempts": 0,
            "created_at": now,
            "not_before": now,
        },
    )


def revise(session: Session, key: str, text: str, blocks: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Give a message its newest content: one not yet posted is posted so, one that stands in Slack is updated."""
    row = session.get(OutboxRow, key, with_for_update=True)
    if row is None:
        return
    row.text, row.blocks, row.not_before = text, list(blocks), now
    if row.state is OutboxState.SENT:
        row.state, row.attempts, row.error = OutboxState.PENDING, 0, None
    session.add(row)
