"""The digest of one channel on one day, ready for the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot.clock import age_in_words, local_day
from bot.digest import Digest, Rhythm, compose, days_covered
from bot.digest.days import LATE
from bot.digest.sections import BRIEF, SECTIONS, Section
from bot.messages import digest as messages
from bot.messages.blocks import Message
from bot.messages.trouble import DIGEST_IN_DOUBT
from bot.settings import Settings
from storage import slots
from storage.channels import Channel
from storage.outbox import Outgoing
from storage.slots import slot_key, slot_prefix

EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Coffee:
    """Composes digests by the settings; channels that want the same at the same moment share one.

    `source` is the name under which the billing source's reading is noted.
    """

    settings: Settings
    source: str
    _shared: dict[tuple[object, ...], Sequence[Message]] = field(default_factory=dict, repr=False, compare=False)

    def outgoing(
        self, session: Session, channel: Channel, day: date, due_at: datetime, now: datetime
    ) -> list[Outgoing]:
        """The message for the channel, then its thread; keys begin with that of the slot."""
        missed = [
            local_day(one, channel.zone)
            for one in slots.missed_before(session, slot_prefix(channel.channel_id), due_at).values()
        ]
        late = " ".join(filter(None, (_lateness(now - due_at), _missed(missed), _doubt(channel))))
        first = min([*missed, day])  # what a missed one would have told is told now
        covered = days_covered(first, day, due_at, _rhythm(channel), self.settings.timezone)
        found = self._messages(session, day, covered, now, late or None)
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

    def _messages(
        self, session: Session, day: date, covered: tuple[date, date], now: datetime, late: str | None
    ) -> Sequence[Message]:
        wanted = (day, covered, now, late)
        if wanted not in self._shared:
            self._shared[wanted] = messages.outgoing(self._composed(session, day, covered, now, late))
        return self._shared[wanted]

    def digest(self, session: Session, channel: Channel | None, now: datetime, day: date | None = None) -> Digest:
        """The digest as a channel would get it now, or at its time on a local day; every day's without a channel."""
        zone = self.settings.timezone
        rhythm = _rhythm(channel) if channel else Rhythm(time.min, zone, EVERY_DAY)
        instant = min(now, rhythm.due_at(day)) if day else now
        day = day or local_day(now, rhythm.zone)
        return self._composed(session, day, days_covered(day, day, instant, rhythm, zone), now, None)

    def brief(self, session: Session, now: datetime) -> Digest:
        """The state of the business in short, since yesterday."""
        zone = self.settings.timezone
        day = local_day(now, zone)
        covered = days_covered(day, day, now, Rhythm(time.min, zone, EVERY_DAY), zone)
        return self._composed(session, day, covered, now, None, sections=BRIEF)

    def _composed(
        self,
        session: Session,
        day: date,
        covered: tuple[date, date],
        now: datetime,
        late: str | None,
        *,
        sections: Sequence[Section] = SECTIONS,
    ) -> Digest:
        since, until = covered
        return compose(
            session,
            day=day,
            since=since,
            until=until,
            now=now,
            base=self.settings.currency,
            zone=self.settings.timezone,
            source=self.source,
            late=late,
            sections=sections,
        )


def _rhythm(channel: Channel) -> Rhythm:
    return Rhythm(channel.at, channel.zone, channel.weekdays)


def _lateness(late_by: timedelta) -> str:
    return f"This digest is {age_in_words(late_by)} late: Kahvi was not running." if late_by >= LATE else ""


def _doubt(channel: Channel) -> str:
    doubtful = channel.problem == DIGEST_IN_DOUBT
    return "Slack gave no answer to the digest before this one: it may not have come through." if doubtful else ""


def _missed(days: Sequence[date]) -> str:
    if not days:
        return ""
    named = ", ".join(f"{one:%A} {one.day} {one:%B}" for one in days)
    return f"Not posted in time: {named}."
