"""Which messages may be sent now, handed out to one process at a time.

A channel's messages are posted one at a time, digests first, then in the order of their ids. One that waits for its
own sake holds up its thread and nothing else; a pause of the channel holds up all. What was planned for later than
anybody plans was planned by a clock that has since been set back, and does not count.
A claim ends with its lease: what it then reports is void, but for the news that the message stands in Slack.

The statements are made once: to make one takes longer than to run it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, Update, and_, bindparam, column, func, literal, or_, select, table, update
from sqlmodel import Session

from storage import slots
from storage.outbox import Blocks
from storage.slots import CLOCKS_APART
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import table_of

ORPHANED = "the message it replies to is not in Slack"
TOO_LATE = "it could not be posted while it was of use"
LONGEST_PAUSE = timedelta(hours=1)  # nothing may be put off for longer
WINDOW = 8  # times as many messages as are wanted


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


def claim(
    session: Session, *, now: datetime, lease: timedelta, pace: timedelta, most: int = 16, by: str | None = None
) -> tuple[Sequence[Claimed], datetime | None]:
    """Messages that may be sent now, and when to look again for others (None: when something is written).

    Of each channel at most one, and none within `pace` of the last attempt there or while Slack wants a pause. `by` is
    the name of the process that sends them.
    """
    moment = {"now": now, "pause_end": _latest(now, LONGEST_PAUSE), "pace_end": _latest(now, pace), "most": most}
    # Where very many wait, the turn is worked out for the first of them, and for all only when none of those may go.
    ids = _of_each_channel(session, FIRST, moment | {"window": most * WINDOW})
    ids = ids or _of_each_channel(session, ANY, moment)
    claimed = _leased(session, CLAIM, ids, by, leased_until=now + lease, quiet_until=now + pace)
    if len(claimed) == most:
        return claimed, now + pace
    looking = session.connection().execute(LOOK_AGAIN).one()
    instants = [instant for instant in looking if instant is not None]
    return claimed, max(min(instants), now + pace) if instants else None


def claim_overdue(
    session: Session,
    *,
    now: datetime,
    lease: timedelta,
    most: int = 16,
    but: Collection[int] = (),
    by: str | None = None,
) -> Sequence[Claimed]:
    """Messages whose sending ended without a known outcome and whose lease is over; they are leased anew.

    `but` are those that this very process still sends: a lease may seem over to a clock that was set forward.
    """
    moment = {"now": now, "lease_end": _latest(now, lease), "most": most, "but": list(but)}
    ids = list(session.connection().execute(OVERDUE, moment).scalars())
    return _leased(session, LEASE_ANEW, ids, by, leased_until=now + lease)


def release_updates(session: Session, *, now: datetime, by: str) -> None:
    """End the leases of updates that no process sends any more, as one starts: to send them twice does no harm.

    A SQLite file is worked on by one process; PostgreSQL tells who is connected. Who starts `by` a name has sent
    nothing yet: what is leased by it was so in a former life.
    """
    left = update(outbox).where(outbox.c.state == OutboxState.SENDING, outbox.c.ts.is_not(None))
    if session.get_bind().dialect.name != "sqlite":
        left = left.where(outbox.c.leased_by.is_not(None), or_(outbox.c.leased_by == by, ~CONNECTED))
    session.connection().execute(left.values(leased_until=now))


def tidy(
    session: Session,
    *,
    now: datetime,
    lease: timedelta,
    most: int = 16,
    but: Collection[int] = (),
    by: str | None = None,
) -> Sequence[Claimed]:
    """End what is hopeless; what ended without a known outcome is leased anew, to be settled."""
    end_hopeless(session, now=now)
    return claim_overdue(session, now=now, lease=lease, most=most, but=but, by=by)


def end_hopeless(session: Session, *, now: datetime) -> None:
    """Fail what can no longer be posted: what came too late, and replies to what will not stand in Slack.

    The slot of a digest that came too late counts as missed, so that the next one says it.
    """
    connection = session.connection()
    slots.miss(session, list(connection.execute(END_LATE, {"now": now}).scalars()), now)
    connection.execute(END_ORPHANS)


def _of_each_channel(session: Session, statement: Select[Any], moment: dict[str, Any]) -> Sequence[int]:
    chosen: dict[str, int] = {}
    for row in session.connection().execute(statement, moment):
        chosen.setdefault(row.channel_id, row.id)
    return list(chosen.values())


def _leased(
    session: Session, statement: Any, ids: Sequence[int], by: str | None, **until: datetime
) -> Sequence[Claimed]:
    if not ids:
        return ()
    connection = session.connection()
    rows = connection.execute(statement, {"ids": ids, "leased_by": by, **until}).mappings().all()
    wanted = [row["reply_to"] for row in rows if row["reply_to"] is not None]
    threads = {row.key: row.ts for row in connection.execute(THREADS, {"keys": wanted})} if wanted else {}
    claimed = (
        Claimed(**{name: row[name] for name in OWN}, revision=row["tried"], thread_ts=threads.get(row["reply_to"]))
        for row in rows
    )
    return sorted(claimed, key=lambda message: message.id)


def _latest(now: datetime, longest: timedelta) -> datetime:
    return now + longest + CLOCKS_APART


# --- statements ------------------------------------------------------------------------------------------------

outbox = table_of(OutboxRow)
other = outbox.alias("other")
OWN = [field.name for field in fields(Claimed) if field.name not in ("revision", "thread_ts")]


def _instant(name: str) -> Any:
    return bindparam(name, type_=outbox.c.not_before.type)


def _lies_ahead(instant: Any, latest: str) -> Any:
    """Whether an instant is still to come, and was planned no further ahead than one can plan."""
    return and_(instant > _instant("now"), instant <= _instant(latest))


def _is_late(table: Any) -> Any:
    return and_(table.c.ts.is_(None), table.c.expires_at.is_not(None), table.c.expires_at <= _instant("now"))


def _is_due(table: Any) -> Any:
    return and_(table.c.state == OutboxState.PENDING, ~_lies_ahead(table.c.not_before, "pause_end"), ~_is_late(table))


def has_its_place(table: Any) -> Any:
    """It goes into the channel, or into a thread that stands."""
    parent = outbox.alias()
    thread = select(parent.c.id).where(parent.c.key == table.c.reply_to, parent.c.ts.is_not(None))
    return or_(table.c.reply_to.is_(None), thread.exists())


def _is_at_its_turn() -> Any:
    """An update may go at any time; a new message when no other is on its way and none is due before it."""
    before = or_(other.c.rank < outbox.c.rank, and_(other.c.rank == outbox.c.rank, other.c.id < outbox.c.id))
    ahead = select(other.c.id).where(
        other.c.channel_id == outbox.c.channel_id,
        other.c.ts.is_(None),
        or_(other.c.state == OutboxState.SENDING, and_(_is_due(other), before, has_its_place(other))),
    )
    return or_(outbox.c.ts.is_not(None), and_(~ahead.exists(), has_its_place(outbox)))


def _is_quiet() -> Any:
    """Something went there within the pace, or Slack wants a pause."""
    held = and_(other.c.quiet_until == other.c.not_before, _lies_ahead(other.c.quiet_until, "pause_end"))
    quiet = select(other.c.id).where(
        other.c.channel_id == outbox.c.channel_id, or_(_lies_ahead(other.c.quiet_until, "pace_end"), held)
    )
    return quiet.exists()


def _candidates(*among: Any) -> Select[Any]:
    """Due messages whose turn it is; they are locked."""
    return (
        select(outbox.c.id, outbox.c.channel_id)
        .where(*among, _is_due(outbox), _is_at_its_turn(), ~_is_quiet())
        .order_by(outbox.c.rank, outbox.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


def _first_due() -> Select[Any]:
    waiting = outbox.alias("waiting")
    first = select(waiting.c.id).where(_is_due(waiting)).order_by(waiting.c.rank, waiting.c.id)
    return first.limit(bindparam("window"))


def _lease(**values: Any) -> Any:
    leased: Update = update(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    holder = {"leased_until": _instant("leased_until"), "leased_by": bindparam("leased_by")}
    leased = leased.values(claims=outbox.c.claims + 1, **holder, **values)
    return leased.returning(*(outbox.c[name] for name in OWN), outbox.c.tried, outbox.c.reply_to)


def _end(reason: str, *where: Any) -> Update:
    failed = {"state": OutboxState.FAILED, "error": reason}
    return update(outbox).where(outbox.c.state == OutboxState.PENDING, *where).values(failed)


def _soonest(instant: Any, *where: Any) -> ScalarSelect[Any]:
    return select(func.min(instant)).where(*where).scalar_subquery()


ANY = _candidates()
FIRST = _candidates(outbox.c.id.in_(_first_due()))
OVERDUE = (
    select(outbox.c.id)
    .where(
        outbox.c.state == OutboxState.SENDING,
        ~_lies_ahead(outbox.c.leased_until, "lease_end"),
        outbox.c.id.not_in(bindparam("but", expanding=True)),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
CLAIM = _lease(state=OutboxState.SENDING, tried=outbox.c.revision, quiet_until=_instant("quiet_until"))
LEASE_ANEW = _lease()
CONNECTED = (
    select(literal(1))
    .select_from(table("pg_stat_activity", column("application_name")))
    .where(column("application_name") == outbox.c.leased_by)
    .exists()
)
THREADS = select(outbox.c.key, outbox.c.ts).where(outbox.c.key.in_(bindparam("keys", expanding=True)))
# What waits for its turn or the pace is looked at once per pace.
LOOK_AGAIN = select(
    _soonest(outbox.c.not_before, outbox.c.state == OutboxState.PENDING, has_its_place(outbox)),
    _soonest(outbox.c.leased_until, outbox.c.state == OutboxState.SENDING),
)
END_LATE = _end(TOO_LATE, _is_late(outbox)).returning(outbox.c.key)
# In doubt they wait.
END_ORPHANS = _end(
    ORPHANED,
    outbox.c.reply_to.is_not(None),
    outbox.c.ts.is_(None),
    ~select(other.c.id)
    .where(other.c.key == outbox.c.reply_to, or_(other.c.ts.is_not(None), other.c.state != OutboxState.FAILED))
    .exists(),
)
