"""Messages for Slack, written in the transaction of the change that causes them.

    pending ──claim──▶ sending ──posted──▶ sent ──revise──▶ pending
       ▲                  │ ├──refused for good──▶ failed ──revise──▶ pending
       └──sure: not there─┘ └──may or may not stand in Slack──▶ unconfirmed ──revise──▶ pending

Here they are written, `outbox_claims` hands them out to be sent, `outbox_outcomes` writes what came of it.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import case, or_, select, update
from sqlmodel import Session

from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.types import literal_of
from storage.upsert import insert_new, table_of

Blocks = Sequence[dict[str, Any]]

NOT_NEEDED = "what it told of is over"


class Rank(IntEnum):
    """What goes first when several messages wait for one channel: a storm of cards does not delay the digest."""

    DIGEST = 0
    CARD = 1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be written; `reply_to` is the key of the message whose thread it goes into."""

    key: str
    channel_id: str
    text: str
    blocks: Blocks
    reply_to: str | None = None


def put(
    session: Session,
    key: str,
    channel_id: str,
    text: str,
    blocks: Blocks,
    *,
    now: datetime,
    reply_to: str | None = None,
    rank: Rank = Rank.CARD,
    expires_at: datetime | None = None,
    card_of: str | None = None,
) -> bool:
    """Write a message to be posted once, and not from `expires_at` on; False when one with this key was written.

    `card_of` is the id of the alert whose card it is.
    """
    return insert_new(
        session,
        OutboxRow,
        {
            "key": key,
            "channel_id": channel_id,
            "rank": rank,
            "reply_to": reply_to,
            "alert_id": card_of,
            "text": text,
            "blocks": list(blocks),
            "state": OutboxState.PENDING,
            "revision": 1,
            "tried": 0,
            "shown": 0,
            "receipt": secrets.token_hex(16),
            "attempts": 0,
            "claims": 0,
            "created_at": now,
            "wanted_at": now,
            "not_before": now,
            "expires_at": expires_at,
        },
    )


def put_digest(session: Session, messages: Iterable[Outgoing], *, now: datetime, expires_at: datetime) -> None:
    """Write a digest and its thread, which go with it; the key of its first message is that of its slot."""
    for one in messages:
        put(
            session,
            one.key,
            one.channel_id,
            one.text,
            one.blocks,
            now=now,
            reply_to=one.reply_to,
            rank=Rank.DIGEST,
            expires_at=expires_at if one.reply_to is None else None,
        )


def revise(session: Session, key: str, text: str, blocks: Blocks, *, now: datetime, retry: bool = True) -> None:
    """Give a message its newest content: one not yet posted is posted so, one that stands in Slack is updated.

    One that was refused is tried again, unless `retry` is False: then it waits for whoever lets it go.

    Several revisions before the next sending become one; one during a sending follows it. Where nobody knows whether
    the old content stands in Slack, the new one is posted as another message: it must not be lost as well.
    """
    outbox = table_of(OutboxRow)
    doubtful = outbox.c.state == OutboxState.UNCONFIRMED
    again = (OutboxState.SENT, OutboxState.FAILED) if retry else (OutboxState.SENT,)
    over = or_(doubtful, outbox.c.state.in_(again))
    values = {
        "text": text,
        "blocks": list(blocks),
        "revision": outbox.c.revision + 1,
        "receipt": case((doubtful, secrets.token_hex(16)), else_=outbox.c.receipt),
        "wanted_at": now,
        "state": case((over, literal_of(outbox.c.state, OutboxState.PENDING)), else_=outbox.c.state),
        "attempts": case((over, 0), else_=outbox.c.attempts),
        "not_before": case((over, now), else_=outbox.c.not_before),
        "error": case((over, None), else_=outbox.c.error),
    }
    session.connection().execute(update(outbox).where(outbox.c.key == key).values(values))


def written_at(session: Session, key: str) -> datetime | None:
    """When a message was written under a key."""
    outbox = table_of(OutboxRow)
    return session.connection().execute(select(outbox.c.created_at).where(outbox.c.key == key)).scalar()


def release(session: Session, channel_id: str, *, now: datetime) -> None:
    """Somebody has seen to the channel: what waits for it is tried at once."""
    outbox = table_of(OutboxRow)
    held = update(outbox).where(outbox.c.channel_id == channel_id, outbox.c.state == OutboxState.PENDING)
    session.connection().execute(held.values(not_before=now, quiet_until=None))


def withdraw(session: Session, prefix: str) -> None:
    """Post nothing more under keys that begin so: what it would tell of is over."""
    outbox = table_of(OutboxRow)
    waiting = update(outbox).where(
        outbox.c.state == OutboxState.PENDING, outbox.c.key.startswith(prefix, autoescape=True)
    )
    session.connection().execute(waiting.values(state=OutboxState.FAILED, error=NOT_NEEDED))
