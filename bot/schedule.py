"""What is due: digests, by a local day, time and zone of each channel, and the routine work of the whole bot.

Each is taken once by a unique key. Nothing is remembered between two looks but the keys that were taken, so a
restart, a second machine or a clock that jumps changes nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.owed import untaken
from storage import channels, outbox, slots
from storage.channels import Channel
from storage.engine import Database
from storage.outbox import Outgoing
from storage.slots import slot_key, slot_prefix
from storage.states import SlotState

log = structlog.get_logger()

LOOK_BACK = 7  # days whose digests are noted as missed after a long silence
MARGIN = timedelta(days=2)  # of zones around UTC

# What to post for a channel's local day, with its due instant and now; it reads one moment of the database.
Compose = Callable[[Session, Channel, date, datetime, datetime], Sequence[Outgoing]]


@dataclass(frozen=True, slots=True)
class Slot:
    """The digest of a channel on a local day, due at an instant; `late` when it is too late to be of use.

    One who sets the channel up anew, to a time that has passed, wants it at once: then that is when it is due.
    """

    channel: Channel
    day: date
    due_at: datetime
    late: bool

    @property
    def key(self) -> str:
        return slot_key(self.channel.channel_id, self.day)


@dataclass(frozen=True, slots=True)
class _Composed:
    """The messages of a digest, and the keys of the missed slots that they tell of."""

    messages: Sequence[Outgoing]
    told: Sequence[str]


def due(now: datetime, everywhere: Iterable[Channel], taken: Collection[str], grace: timedelta) -> list[Slot]:
    """The slots that have come and were not taken, oldest first."""
    found = [slot for channel in everywhere for slot in _of_channel(channel, now, taken, grace)]
    return sorted(found, key=lambda slot: (slot.due_at, slot.channel.channel_id))


def _of_channel(channel: Channel, now: datetime, taken: Collection[str], grace: timedelta) -> Iterable[Slot]:
    for day, instant in untaken(channel, now, LOOK_BACK, 0, taken):
        if instant <= now:
            due_at = max(instant, min(channel.set_up_at, now))
            yield Slot(channel, day, due_at, late=now - due_at >= grace)


async def tick(database: Database, now: datetime, grace: timedelta, compose: Compose) -> int:
    """Write the messages of every slot that is due; the number of digests written.

    Slot and messages are one transaction, so a slot is never taken without its messages; they are composed before
    it, since nobody else can write meanwhile. A channel that fails is logged and tried again at the next tick.
    """
    waiting = await database.read(_waiting, now, grace)
    written = 0
    for slot in waiting:
        try:
            if slot.late:
                await database.write(_miss, slot, now)
            else:
                digest = await database.read(_composed, compose, slot, now)
                written += await database.write(_take, slot, digest, now, slot.due_at + grace)
        except Exception:
            log.exception("a digest could not be written", slot=slot.key)
    return written


@dataclass(frozen=True, slots=True)
class Turn:
    """Routine work that one machine, of all that share the database, does for an interval that began at `due_at`."""

    routine: str
    due_at: datetime

    @classmethod
    def of_interval(cls, routine: str, every: timedelta, now: datetime) -> "Turn":
        return cls(routine, now - (now - datetime.min.replace(tzinfo=UTC)) % every)

    @classmethod
    def of_day(cls, routine: str, zone: ZoneInfo, now: datetime) -> "Turn":
        """Once on each local day."""
        return cls(routine, start_of_day(local_day(now, zone), zone))

    async def is_ours(self, database: Database, now: datetime) -> bool:
        return await database.write(slots.take_turn, self.routine, due_at=self.due_at, now=now)

    async def do(self, database: Database, now: datetime, work: Callable[[], Awaitable[object]]) -> None:
        """Do the work if it is ours; when it fails, or is killed, it is done again after a while."""
        if await database.write(slots.begin_turn, self.routine, due_at=self.due_at, now=now):
            await work()
            await database.write(slots.end_turn, self.routine, due_at=self.due_at)


def _waiting(session: Session, now: datetime, grace: timedelta) -> list[Slot]:
    taken = slots.taken_since(session, now - timedelta(days=LOOK_BACK) - MARGIN)
    return due(now, channels.everywhere(session), taken, grace)


def _miss(session: Session, slot: Slot, now: datetime) -> None:
    if slots.take(session, slot.key, due_at=slot.due_at, state=SlotState.MISSED, now=now):
        log.warning("digest missed", slot=slot.key, due_at=slot.due_at.isoformat())


def _composed(session: Session, compose: Compose, slot: Slot, now: datetime) -> _Composed:
    told = slots.missed_before(session, slot_prefix(slot.channel.channel_id), slot.due_at)
    return _Composed(compose(session, slot.channel, slot.day, slot.due_at, now), list(told))


def _take(session: Session, slot: Slot, digest: _Composed, now: datetime, expires_at: datetime) -> bool:
    if channels.find(session, slot.channel.channel_id) != slot.channel:
        return False  # paused or changed while it was composed: the next tick sees what is due now
    if not slots.take(session, slot.key, due_at=slot.due_at, state=SlotState.DONE, now=now):
        return False  # another machine was faster
    slots.mark_told(session, digest.told, slot.key)
    outbox.put_digest(session, digest.messages, now=now, expires_at=expires_at)
    return True
