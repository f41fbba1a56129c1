"""Messages of which nobody knows whether they stand in Slack: a person looks, and says so."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session

from storage.outbox import Rank
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import table_of

outbox = table_of(OutboxRow)

ASKED_ABOUT = timedelta(days=7)  # after that nobody misses it
SEEN = "a person saw it in Slack"
NOT_ASKED = "nobody looked whether it is in Slack"
COLUMNS = [outbox.c[name] for name in ("id", "channel_id", "rank", "reply_to", "wanted_at")]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """One message: of which kind, and when its content was made; `is_direct` when it is for one person."""

    id: int
    channel_id: str
    is_digest: bool
    is_reply: bool
    is_direct: bool
    written_at: datetime


def in_channel(session: Session, channel_id: str, now: datetime) -> Sequence[Doubtful]:
    """Those of the last days, the newest first."""
    doubtful = (
        outbox.c.channel_id == channel_id,
        outbox.c.state == OutboxState.UNCONFIRMED,
        outbox.c.not_before > now - ASKED_ABOUT,
    )
    rows = session.connection().execute(select(*COLUMNS).where(*doubtful).order_by(outbox.c.id.desc()))
    return [_doubtful(row) for row in rows]


def with_id(session: Session, message_id: int) -> Doubtful | None:
    """The message, in doubt or no longer; None when there is none."""
    row = session.connection().execute(select(*COLUMNS).where(outbox.c.id == message_id)).first()
    return _doubtful(row) if row else None


def post_again(session: Session, message_id: int, now: datetime, *, not_before: datetime | None = None) -> bool:
    """A person looked and did not find it: post it, however late; False when it is no longer in doubt."""
    again = {
        "state": OutboxState.PENDING,
        "receipt": secrets.token_hex(16),
        "attempts": 0,
        "wanted_at": now,
        "not_before": not_before or now,
        "expires_at": None,
        "error": None,
    }
    return _settled(session, message_id, again)


def seen(session: Session, message_id: int) -> bool:
    """A person found it; its thread cannot follow, for nobody knows where it stands."""
    return _settled(session, message_id, {"state": OutboxState.FAILED, "error": SEEN})


def let_go(session: Session, message_id: int) -> None:
    """Nobody is asked about this one any more; what replies to it goes with it."""
    _settled(session, message_id, {"state": OutboxState.FAILED, "error": NOT_ASKED})


def old(session: Session, now: datetime) -> Sequence[Doubtful]:
    """Those that nobody settled while anybody could miss them."""
    doubtful = outbox.c.state == OutboxState.UNCONFIRMED, outbox.c.not_before <= now - ASKED_ABOUT
    return [_doubtful(row) for row in session.connection().execute(select(*COLUMNS).where(*doubtful))]


def _settled(session: Session, message_id: int, values: dict[str, object]) -> bool:
    doubtful = update(outbox).where(outbox.c.id == message_id, outbox.c.state == OutboxState.UNCONFIRMED)
    return session.connection().execute(doubtful.values(values)).rowcount == 1


def _doubtful(row: Row[Any]) -> Doubtful:
    direct = not row.channel_id.startswith(("C", "G"))
    return Doubtful(row.id, row.channel_id, row.rank == Rank.DIGEST, row.reply_to is not None, direct, row.wanted_at)
