"""What tells how well Kahvi keeps up, in one look at the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from storage import inbox, slots, syncs
from storage.inbox import Entry
from storage.outbox_claims import has_its_place
from storage.states import OutboxState
from storage.syncs import SyncState
from storage.tables import OutboxRow
from storage.upsert import table_of

outbox = table_of(OutboxRow)


@dataclass(frozen=True, slots=True)
class Standing:
    """`oldest_pending` is since when the oldest message that can be sent wants to be, None when none does.

    `missed` is the number of digests, ever, that were not posted while they were of use.
    """

    sync: SyncState
    oldest_pending: datetime | None
    unconfirmed: int
    missed: int


def standing(session: Session, source: str) -> Standing:
    run = session.connection().execute
    unsent = (OutboxState.PENDING, OutboxState.SENDING)
    oldest = run(select(func.min(outbox.c.wanted_at)).where(outbox.c.state.in_(unsent), has_its_place(outbox))).scalar()
    doubtful = run(select(func.count()).select_from(outbox).where(outbox.c.state == OutboxState.UNCONFIRMED)).scalar()
    return Standing(syncs.state(session, source), oldest, doubtful or 0, slots.missed(session))


class TrialOver(Exception):
    """A trial write went well and is rolled back."""


def trial(session: Session, now: datetime) -> None:
    """Write as a delivery does, and keep nothing of it; raises TrialOver."""
    inbox.note(session, Entry("health", "trial", "trial"), now)
    raise TrialOver
