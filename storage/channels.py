"""Where coffee stats and alerts go, as people set it up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session

from storage.tables import ChannelRow
from storage.upsert import insert_for, table_of


@dataclass(frozen=True, slots=True)
class Channel:
    """`at` is the local time of the digest, `weekdays` those of `date.isoweekday`; see ChannelRow for the others."""

    channel_id: str
    at: time
    zone: ZoneInfo
    weekdays: frozenset[int]
    alerts: bool
    paused: bool
    set_up_by: str
    set_up_at: datetime
    owed_since: datetime
    problem: str | None
    shared: bool = False


def find(session: Session, channel_id: str) -> Channel | None:
    channels = table_of(ChannelRow)
    row = session.execute(select(channels).where(channels.c.channel_id == channel_id)).first()
    return _channel(row._asdict()) if row else None


def everywhere(session: Session) -> Sequence[Channel]:
    """All channels that were set up, paused ones too, in order of setting up."""
    channels = table_of(ChannelRow)
    rows = session.execute(select(channels).order_by(channels.c.set_up_at, channels.c.channel_id))
    return [_channel(row._asdict()) for row in rows]


def for_alerts(session: Session) -> Sequence[Channel]:
    """The channels that alerts go to: none that another company shares."""
    return [one for one in everywhere(session) if one.alerts and not one.paused and not one.shared]


def shared(session: Session) -> Sequence[str]:
    """The ids of the channels that another company shared when they were last looked at."""
    channels = table_of(ChannelRow)
    return list(session.execute(select(channels.c.channel_id).where(channels.c.shared)).scalars())


def store(
    session: Session,
    channel_id: str,
    *,
    at: time,
    zone: ZoneInfo,
    weekdays: frozenset[int],
    alerts: bool,
    user: str,
    now: datetime,
    since: datetime,
) -> None:
    """Write how a person set a channel up; digests are owed `since` an instant (see ChannelRow)."""
    channels = table_of(ChannelRow)
    values = {
        "at": f"{at:%H:%M}",
        "zone": zone.key,
        "weekdays": "".join(str(day) for day in sorted(weekdays)),
        "alerts": alerts,
        "set_up_by": user,
        "set_up_at": now,
        "problem": None,
        "shared": False,
        "paused": False,
        "owed_since": since,
    }
    statement = insert_for(session, channels).values(channel_id=channel_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=values))


def pause(session: Session, channel_id: str) -> bool:
    """Post nothing here until resumed; False when the channel was not set up."""
    channels = table_of(ChannelRow)
    paused = update(channels).where(channels.c.channel_id == channel_id).values(paused=True)
    return session.connection().execute(paused).rowcount == 1


def resume(session: Session, channel_id: str, *, now: datetime) -> bool:
    """Post here again, without what was due in the pause; False when the channel was not paused."""
    channels = table_of(ChannelRow)
    resumed = update(channels).where(channels.c.channel_id == channel_id, channels.c.paused)
    return session.connection().execute(resumed.values(paused=False, owed_since=now)).rowcount == 1


def note_problem(session: Session, channel_id: str, problem: str, *, shared: bool = False) -> bool:
    """Remember why messages do not get here; `shared` when it is because another company would read them.

    True when that is news: of several who find it at once, to one of them. While it is shared, nothing else is.
    """
    channels = table_of(ChannelRow)
    news = or_(channels.c.problem.is_(None), channels.c.problem != problem)
    here = update(channels).where(channels.c.channel_id == channel_id, ~channels.c.shared, news)
    return session.connection().execute(here.values(problem=problem, shared=shared)).rowcount == 1


def clear_problems(session: Session, channel_ids: Collection[str], *, but: str = "") -> list[str]:
    """Forget them: messages got through; a problem that reads `but`, and sharing, stand until something else ends them.

    Gives back the channels that had one.
    """
    channels = table_of(ChannelRow)
    troubled = and_(channels.c.problem.is_not(None), channels.c.problem != but, ~channels.c.shared)
    here = and_(channels.c.channel_id.in_(channel_ids), troubled)
    cleared = update(channels).where(here).values(problem=None).returning(channels.c.channel_id)
    return list(session.connection().execute(cleared).scalars())


def end_sharing(session: Session, channel_id: str, *, now: datetime) -> None:
    """Post here again, without what was due while another company shared the channel."""
    channels = table_of(ChannelRow)
    here = update(channels).where(channels.c.channel_id == channel_id, channels.c.shared)
    session.connection().execute(here.values(problem=None, shared=False, owed_since=now))


def _channel(row: Mapping[str, Any]) -> Channel:
    values = dict(row)
    values["at"] = time.fromisoformat(values["at"])
    values["zone"] = ZoneInfo(values["zone"])
    values["weekdays"] = frozenset(int(day) for day in values["weekdays"])
    return Channel(**values)
