"""The digest of one channel on one day, ready for the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.clock import age_in_words, local_day
from bot.digest import Digest, compose, previous_digest_day
from bot.messages import digest as messages
from bot.messages.blocks import Message
from bot.settings import Settings
from storage import slots
from storage.channels import Channel
from storage.outbox import Outgoing
from storage.slots import slot_key, slot_prefix

LATE = timedelta(minutes=15)  # from here on a digest says that it is late
EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Coffee:
    """Composes digests by the settings; channels that want the same at the same moment share one."""

    settings: Settings
    _shared: dict[tuple[object, ...], Sequence[Message]] = field(default_factory=dict, repr=False, compare=False)

    def outgoing(
        self, session: Session, channel: Channel, day: date, due_at: datetime, now: datetime
    ) -> list[Outgoing]:
        """The message for the channel, then its thread; keys begin with that of the slot."""
        missed = [
            local_day(one, channel.zone)
            for one in slots.missed_before(session, slot_prefix(channel.channel_id), due_at)
        ]
        late = " ".join(filter(None, (_lateness(now - due_at), _missed(missed))))
        since = _previous(min([*missed, day]), channel.weekdays)  # what a missed one would have told is told now
        found = self._messages(session, day, since, now, late or None)
        key = slot_key(channel.channel_id, day)
        return [
            Outgoing(
                key if number == 0 else f"{key}:{number}",
                channel.channel_id,
                message.text,
                message.blocks,
                reply_to=None if number == 0 else key,
            )
            for number, message in enumerate(found)
        ]

    def _messages(self, session: Session, day: date, since: date, now: datetime, late: str | None) -> Sequence[Message]:
        wanted = (day, since, now, late)
        if wanted not in self._shared:
            self._shared[wanted] = messages.outgoing(self._composed(session, day, since, now, late))
        return self._shared[wanted]

    def digest(self, session: Session, day: date, now: datetime, weekdays: frozenset[int] = EVERY_DAY) -> Digest:
        """The digest that a channel with these weekdays gets on a local day."""
        return self._composed(session, day, _previous(day, weekdays), now, None)

    def _composed(self, session: Session, day: date, since: date, now: datetime, late: str | None) -> Digest:
        return compose(
            session,
            day=day,
            since=since,
            now=now,
            base=self.settings.currency,
            zone=self.settings.timezone,
            source=self.settings.source,
            late=late,
        )


def _previous(day: date, weekdays: frozenset[int]) -> date:
    return previous_digest_day(day, "".join(map(str, sorted(weekdays))))


def _lateness(late_by: timedelta) -> str:
    return f"This digest is {age_in_words(late_by)} late: Kahvi was not running." if late_by >= LATE else ""


def _missed(days: Sequence[date]) -> str:
    if not days:
        return ""
    named = ", ".join(f"{one:%A} {one.day} {one:%B}" for one in days)
    return f"Missed while Kahvi was not running: {named}."
