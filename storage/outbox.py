"""Messages for Slack, written in the transaction of the change that causes them.

    pending ──claim──▶ sending ──posted──▶ sent ──revise──▶ pending
       ▲                  │ ├──refused for good──▶ failed ──revise──▶ pending
       └──sure: not there─┘ └──may or may not stand in Slack──▶ unconfirmed ──revise──▶ pending

A channel's messages are posted one at a time, digests first, then in the order of their ids. One that waits for its
own sake holds up its thread and nothing else; a pause of the channel holds up all. What was planned for later than
anybody plans was planned by a clock that has since been set back, and does not count.
A claim ends with its lease: what it then reports is void, but for the news that the message stands in Slack.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select, update
from sqlmodel import Session

from storage import slots
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import insert_new, table_of

Blocks = Sequence[dict[str, Any]]

UNANSWERED = "Slack gave no answer"
ORPHANED = "the message it replies to is not in Slack"
TOO_LATE = "it could not be posted while it was of use"
NOT_NEEDED = "what it told of is over"
LONGEST_PAUSE = timedelta(hours=1)  # nothing may be put off for longer
CLOCKS_APART = timedelta(minutes=1)  # of machines that share a database


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


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process alone may send until its lease ends.

    `revision` is that of what was handed out to be sent, `claims` the number of this claim, `error` what came of the
    last one. `wanted_at` is when the present content was written, `created_at` when the first was. `ts` is set when
    the message stands in Slack and wants an update; `thread_ts` when it goes into a thread.
    """

    id: int
    key: str
    channel_id: str
    rank: int
    text: str
    blocks: Blocks
    revision: int
    receipt: str
    attempts: int
    claims: int
    created_at: datetime
    wanted_at: datetime
    error: str | None
    ts: str | None
    thread_ts: str | None


# --- writing ---------------------------------------------------------------------------------------------------


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
) -> bool:
    """Write a message to be posted once, and not from `expires_at` on; False when one with this key was written."""
    return insert_new(
        session,
        OutboxRow,
        {
            "key": key,
            "channel_id": channel_id,
            "rank": rank,
            "reply_to": reply_to,
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


def revise(session: Session, key: str, text: str, blocks: Blocks, *, now: datetime) -> None:
    """Give a message its newest content: one not yet posted is posted so, one that stands in Slack is updated.

    Several revisions before the next sending become one; one during a sending follows it. Where nobody knows whether
    the old content stands in Slack, the new one is posted as another message: it must not be lost as well.
    """
    outbox = table_of(OutboxRow)
    doubtful = outbox.c.state == OutboxState.UNCONFIRMED
    over = or_(doubtful, outbox.c.state.in_((OutboxState.SENT, OutboxState.FAILED)))
    values = {
        "text": text,
        "blocks": list(blocks),
        "revision": outbox.c.revision + 1,
        "receipt": case((doubtful, secrets.token_hex(16)), else_=outbox.c.receipt),
        "wanted_at": now,
        "state": case((over, _word(OutboxState.PENDING)), else_=outbox.c.state),
        "attempts": case((over, 0), else_=outbox.c.attempts),
        "not_before": case((over, now), else_=outbox.c.not_before),
        "error": case((over, None), else_=outbox.c.error),
    }
    session.connection().execute(update(outbox).where(outbox.c.key == key).values(values))


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


# --- claiming --------------------------------------------------------------------------------------------------


def claim(
    session: Session, *, now: datetime, lease: timedelta, pace: timedelta, most: int = 16
) -> tuple[Sequence[Claimed], datetime | None]:
    """Messages that may be sent now, and when to look again for others (None: when something is written).

    Of each channel at most one, and none within `pace` of the last attempt there or while Slack wants a pause.
    """
    _fail_late(session, now)
    _fail_orphans(session)
    outbox = table_of(OutboxRow)
    # Where very many wait, the turn is worked out for the first of them, and for all only when none of those may go.
    ids = _first_of_channels(session, now, pace, most, window=most * 8) or _first_of_channels(session, now, pace, most)
    values = {"state": OutboxState.SENDING, "tried": outbox.c.revision, "quiet_until": now + pace}
    claimed = _lease(session, ids, now + lease, **values)
    return claimed, _look_again(session, now, pace)


def _first_of_channels(
    session: Session, now: datetime, pace: timedelta, most: int, window: int | None = None
) -> Sequence[int]:
    """Of the due messages, or the first `window` of them, at most one of each channel; they are locked."""
    outbox = table_of(OutboxRow)
    due = _is_due(outbox, now)
    if window is not None:
        waiting = outbox.alias()
        first = select(waiting.c.id).where(_is_due(waiting, now)).order_by(waiting.c.rank, waiting.c.id).limit(window)
        due = outbox.c.id.in_(first)
    candidates = (
        select(outbox.c.id, outbox.c.channel_id)
        .where(due, _is_due(outbox, now), _at_its_turn(now), _not_quiet(now, pace))
        .order_by(outbox.c.rank, outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    chosen: dict[str, int] = {}
    for row in session.execute(candidates):
        chosen.setdefault(row.channel_id, row.id)
    return list(chosen.values())


def claim_overdue(
    session: Session, *, now: datetime, lease: timedelta, most: int = 16, but: Collection[int] = ()
) -> Sequence[Claimed]:
    """Messages whose sending ended without a known outcome and whose lease is over; they are leased anew.

    `but` are those that this very process still sends: a lease may seem over to a clock that was set forward.
    """
    outbox = table_of(OutboxRow)
    over = ~_lies_ahead(outbox.c.leased_until, now, lease)
    overdue = (
        select(outbox.c.id)
        .where(outbox.c.state == OutboxState.SENDING, over, outbox.c.id.not_in(but))
        .order_by(outbox.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return _lease(session, list(session.execute(overdue).scalars()), now + lease)


def _lease(session: Session, ids: Sequence[int], until: datetime, **values: Any) -> Sequence[Claimed]:
    if not ids:
        return ()
    outbox = table_of(OutboxRow)
    leased = update(outbox).where(outbox.c.id.in_(ids))
    session.connection().execute(leased.values(leased_until=until, claims=outbox.c.claims + 1, **values))
    return _loaded(session, ids)


def _lies_ahead(instant: Any, now: datetime, longest: timedelta) -> Any:
    """Whether an instant planned at most `longest` ahead is still to come."""
    return and_(instant > now, instant <= now + longest + CLOCKS_APART)


def _is_due(outbox: Any, now: datetime) -> Any:
    waits = _lies_ahead(outbox.c.not_before, now, LONGEST_PAUSE)
    return and_(outbox.c.state == OutboxState.PENDING, ~waits)


def _has_its_place(outbox: Any) -> Any:
    """It goes into the channel, or into a thread that stands."""
    parent = table_of(OutboxRow).alias()
    thread = select(parent.c.id).where(parent.c.key == outbox.c.reply_to, parent.c.ts.is_not(None))
    return or_(outbox.c.reply_to.is_(None), thread.exists())


def _at_its_turn(now: datetime) -> Any:
    """An update may go at any time; a new message when no other is on its way and none is due before it."""
    outbox = table_of(OutboxRow)
    other = outbox.alias()
    before = or_(other.c.rank < outbox.c.rank, and_(other.c.rank == outbox.c.rank, other.c.id < outbox.c.id))
    ahead = select(other.c.id).where(
        other.c.channel_id == outbox.c.channel_id,
        other.c.ts.is_(None),
        or_(other.c.state == OutboxState.SENDING, and_(_is_due(other, now), before, _has_its_place(other))),
    )
    return or_(outbox.c.ts.is_not(None), and_(~ahead.exists(), _has_its_place(outbox)))


def _not_quiet(now: datetime, pace: timedelta) -> Any:
    outbox = table_of(OutboxRow)
    other = outbox.alias()
    paced = _lies_ahead(other.c.quiet_until, now, pace)
    held = and_(other.c.quiet_until == other.c.not_before, _lies_ahead(other.c.quiet_until, now, LONGEST_PAUSE))
    quiet = select(other.c.id).where(other.c.channel_id == outbox.c.channel_id, or_(paced, held))
    return ~quiet.exists()


def _fail_late(session: Session, now: datetime) -> None:
    """What is of no use any more is not posted; the slot of a digest counts as missed, so that the next one says it."""
    outbox = table_of(OutboxRow)
    late = update(outbox).where(
        outbox.c.state == OutboxState.PENDING, outbox.c.ts.is_(None), outbox.c.expires_at <= now
    )
    failed = late.values(state=OutboxState.FAILED, error=TOO_LATE).returning(outbox.c.key)
    slots.miss(session, list(session.execute(failed).scalars()))


def _fail_orphans(session: Session) -> None:
    """Replies whose parent does not stand in Slack and will not come to cannot be posted; in doubt they wait."""
    outbox = table_of(OutboxRow)
    parent = outbox.alias()
    hope = or_(parent.c.ts.is_not(None), parent.c.state != OutboxState.FAILED)
    hopeful = select(parent.c.id).where(parent.c.key == outbox.c.reply_to, hope)
    orphaned = update(outbox).where(
        outbox.c.state == OutboxState.PENDING, outbox.c.reply_to.is_not(None), outbox.c.ts.is_(None), ~hopeful.exists()
    )
    session.connection().execute(orphaned.values(state=OutboxState.FAILED, error=ORPHANED))


def _look_again(session: Session, now: datetime, pace: timedelta) -> datetime | None:
    """When something may be due: what waits for its turn or the pace is looked at once per pace."""
    outbox = table_of(OutboxRow)
    waiting = and_(outbox.c.state == OutboxState.PENDING, _has_its_place(outbox))
    first = session.execute(select(func.min(outbox.c.not_before)).where(waiting)).scalar()
    sending = select(func.min(outbox.c.leased_until)).where(outbox.c.state == OutboxState.SENDING)
    lease = session.execute(sending).scalar()
    instants = [instant for instant in (first, lease) if instant is not None]
    return max(min(instants), now + pace) if instants else None


def _loaded(session: Session, ids: Sequence[int]) -> Sequence[Claimed]:
    outbox = table_of(OutboxRow)
    parent = outbox.alias()
    own = [outbox.c[field.name] for field in fields(Claimed) if field.name not in ("revision", "thread_ts")]
    rows = (
        select(*own, outbox.c.tried.label("revision"), parent.c.ts.label("thread_ts"))
        .outerjoin(parent, parent.c.key == outbox.c.reply_to)
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.id)
    )
    return [Claimed(**row) for row in session.execute(rows).mappings()]


# --- outcomes --------------------------------------------------------------------------------------------------


def mark_sent(session: Session, sent: Claimed, ts: str) -> None:
    """It stands in Slack at `ts`; when it was revised meanwhile, an update is due.

    That is true whoever learns it and however late, so a post needs no valid claim.
    """
    outbox = table_of(OutboxRow)
    state = case((_is_newest(sent), _word(OutboxState.SENT)), else_=_word(OutboxState.PENDING))
    news = and_(outbox.c.id == sent.id, or_(outbox.c.ts.is_(None), _is_valid(sent)))
    values = {"state": state, "ts": ts, "shown": sent.revision, "attempts": 0, "error": None, "leased_until": None}
    session.connection().execute(update(outbox).where(news).values(values))


def mark_later(
    session: Session, message: Claimed, *, not_before: datetime, error: str, attempts: int | None = None
) -> None:
    """It surely does not stand in Slack; try again. `attempts` that count against it, one more if not given."""
    attempts = message.attempts + 1 if attempts is None else attempts
    _settle(session, message, state=OutboxState.PENDING, attempts=attempts, not_before=not_before, error=error)


def mark_held(session: Session, message: Claimed, *, until: datetime, error: str) -> None:
    """Slack wants a pause, or is away: nothing goes to this channel until then."""
    _settle(
        session,
        message,
        state=OutboxState.PENDING,
        attempts=message.attempts + 1,
        not_before=until,
        quiet_until=until,
        error=error,
    )


def mark_failed(session: Session, message: Claimed, error: str) -> None:
    """Slack will go on refusing it; content that came meanwhile is tried. The slot of a digest counts as missed."""
    outbox, newest = table_of(OutboxRow), _is_newest(message)
    _settle(
        session,
        message,
        state=case((newest, _word(OutboxState.FAILED)), else_=_word(OutboxState.PENDING)),
        attempts=case((newest, outbox.c.attempts), else_=0),
        error=case((newest, error), else_=None),
    )
    if message.rank == Rank.DIGEST and message.ts is None:
        slots.miss(session, [message.key])


def mark_unconfirmed(session: Session, message: Claimed) -> None:
    """Nobody can tell whether it stands in Slack; this content is not posted again, one that came meanwhile is."""
    outbox, newest = table_of(OutboxRow), _is_newest(message)
    _settle(
        session,
        message,
        state=case((newest, _word(OutboxState.UNCONFIRMED)), else_=_word(OutboxState.PENDING)),
        receipt=case((newest, outbox.c.receipt), else_=secrets.token_hex(16)),
        attempts=case((newest, outbox.c.attempts), else_=0),
        error=case((newest, UNANSWERED), else_=None),
    )


def _settle(session: Session, message: Claimed, **values: Any) -> None:
    outbox = table_of(OutboxRow)
    session.connection().execute(update(outbox).where(_is_valid(message)).values(leased_until=None, **values))


def _is_valid(message: Claimed) -> Any:
    """Whether this claim is still the one that sends."""
    outbox = table_of(OutboxRow)
    ours = outbox.c.claims == message.claims  # after the lease another may have taken it
    return and_(outbox.c.id == message.id, outbox.c.state == OutboxState.SENDING, ours)


def _is_newest(message: Claimed) -> Any:
    return table_of(OutboxRow).c.revision == message.revision


def _word(state: OutboxState) -> Any:
    return literal(state, table_of(OutboxRow).c.state.type)
