"""Which pieces of routine work were taken, by unique key."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session

from storage.states import SlotState
from storage.tables import SlotRow
from storage.upsert import batches, insert_new, table_of

TURN = "turn:"
KEPT = timedelta(days=8)  # longer than the turns of the rarest routine are apart
AGAIN = timedelta(hours=3)  # after which a turn that was not ended is taken to have failed
CLOCKS_APART = timedelta(minutes=1)  # of machines that share a database


def slot_key(channel_id: str, day: date) -> str:
    """The key of a channel's digest on a local day."""
    return f"{slot_prefix(channel_id)}{day.isoformat()}"


def slot_prefix(channel_id: str) -> str:
    return f"digest:{channel_id}:"


def take(session: Session, key: str, *, due_at: datetime, state: SlotState, now: datetime) -> bool:
    """Take a slot; False when it was taken before, by whatever machine."""
    return insert_new(session, SlotRow, {"key": key, "due_at": due_at, "taken_at": now, "state": state})


def take_turn(session: Session, routine: str, *, due_at: datetime, now: datetime) -> bool:
    """Take the turn of routine work that was due at an instant; False when another machine has it.

    One that was taken later than now was taken by a clock that has since been set back, and is free.
    """
    key = _turn(routine, due_at)
    if take(session, key, due_at=due_at, state=SlotState.DONE, now=now):
        return True
    slots = table_of(SlotRow)
    ahead = slots.update().where(slots.c.key == key, slots.c.taken_at > now + CLOCKS_APART).values(taken_at=now)
    return session.connection().execute(ahead.returning(slots.c.key)).first() is not None


def is_turn_taken(session: Session, routine: str, *, due_at: datetime, now: datetime) -> bool:
    """Whether `take_turn` would give False."""
    slots = table_of(SlotRow)
    ours = select(slots.c.key).where(slots.c.key == _turn(routine, due_at), slots.c.taken_at <= now + CLOCKS_APART)
    return session.execute(ours).first() is not None


def begin_turn(session: Session, routine: str, *, due_at: datetime, now: datetime) -> bool:
    """Take a turn for work that may fail; False while another is at it, and once it is done.

    What failed, or was killed, may be begun again after a while: what always fails must not run without end.
    """
    key = _turn(routine, due_at)
    if take(session, key, due_at=due_at, state=SlotState.BEGUN, now=now):
        return True
    slots = table_of(SlotRow)
    left = slots.c.key == key, slots.c.state == SlotState.BEGUN
    over = or_(slots.c.taken_at <= now - AGAIN, slots.c.taken_at > now + CLOCKS_APART)
    begun = slots.update().where(*left, over).values(taken_at=now).returning(slots.c.key)
    return session.connection().execute(begun).first() is not None


def end_turn(session: Session, routine: str, *, due_at: datetime) -> None:
    """Its work is done."""
    slots = table_of(SlotRow)
    done = slots.update().where(slots.c.key == _turn(routine, due_at)).values(state=SlotState.DONE)
    session.connection().execute(done)


def _turn(routine: str, due_at: datetime) -> str:
    return f"{TURN}{routine}:{due_at.isoformat()}"


def forget_turns(session: Session, now: datetime) -> None:
    """Delete the turns that nobody asks for any more; those of digests stay, as proof that they went."""
    slots = table_of(SlotRow)
    old = slots.delete().where(slots.c.key.startswith(TURN, autoescape=True), slots.c.due_at < now - KEPT)
    session.connection().execute(old)


def miss(session: Session, keys: Sequence[str], now: datetime) -> None:
    """What was to be posted for these slots will not be; other keys are left alone."""
    slots = table_of(SlotRow)
    for part in batches(keys):
        session.connection().execute(
            slots.update().where(slots.c.key.in_(part)).values(state=SlotState.MISSED, taken_at=now)
        )


def is_taken(session: Session, key: str) -> bool:
    slots = table_of(SlotRow)
    return session.execute(select(slots.c.key).where(slots.c.key == key)).first() is not None


def taken_since(session: Session, since: datetime) -> frozenset[str]:
    """The keys of the slots that were due at or after an instant and are taken."""
    slots = table_of(SlotRow)
    return frozenset(session.execute(select(slots.c.key).where(slots.c.due_at >= since)).scalars())


def missed(session: Session) -> int:
    """How many digests were not posted while they were of use, since the first day."""
    slots = table_of(SlotRow)
    count: int = session.execute(select(func.count()).where(slots.c.state == SlotState.MISSED)).scalar_one()
    return count


def missed_before(session: Session, prefix: str, due_at: datetime) -> dict[str, datetime]:
    """The missed slots that were due before an instant and that nothing told of, and when; keys begin with `prefix`.

    What told of them and was missed itself told nobody.
    """
    slots = table_of(SlotRow)
    teller = slots.alias()
    in_vain = select(teller.c.key).where(teller.c.key == slots.c.told_by, teller.c.state == SlotState.MISSED)
    wanted = select(slots.c.key, slots.c.due_at).where(
        slots.c.key.startswith(prefix, autoescape=True),
        slots.c.due_at < due_at,
        slots.c.state == SlotState.MISSED,
        or_(slots.c.told_by.is_(None), in_vain.exists()),
    )
    rows = session.execute(wanted.order_by(slots.c.due_at)).all()
    return {row.key: row.due_at for row in rows}


def mark_told(session: Session, keys: Iterable[str], by: str) -> None:
    """The digest of the slot `by` tells of these missed ones."""
    slots = table_of(SlotRow)
    for part in batches(sorted(keys)):
        session.connection().execute(slots.update().where(slots.c.key.in_(part)).values(told_by=by))
