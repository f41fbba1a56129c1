"""What becomes of a message, of its channel, and who is told: each in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.clock import local_day
from bot.messages import trouble
from bot.messages.blocks import Message
from bot.slack.doubt import CARD_IN_DOUBT, DIGEST_IN_DOUBT, THREAD_IN_DOUBT
from bot.slack.posting import EVERYWHERE, SHARED
from storage import channels, doubtful, outbox, outbox_outcomes
from storage.channels import Channel
from storage.outbox import Rank
from storage.outbox_claims import Claimed
from storage.states import OutboxState

OF_USE = timedelta(days=1)  # what is told of a trouble


def sent(session: Session, posted: Sequence[tuple[Claimed, str]]) -> None:
    """Each stands in Slack at its ts, so their channels take messages."""
    outbox_outcomes.mark_sent(session, posted)
    reached = sorted({message.channel_id for message, _ in posted})
    digests = sorted({message.channel_id for message, _ in posted if message.rank == Rank.DIGEST})
    # That a digest may be lost is told until the next: a card that comes does not make up for it.
    mended = channels.clear_problems(session, reached, but=DIGEST_IN_DOUBT)
    mended += channels.clear_problems(session, digests) if digests else []
    for channel_id in mended:
        outbox.withdraw(session, _about(channel_id))


def held(session: Session, message: Claimed, error: str, remedy: str, *, until: datetime, now: datetime) -> None:
    """A person has to act before anything gets into the channel: it waits, and whoever set it up is told once."""
    channel = channels.find(session, message.channel_id)
    if channel is None and error not in EVERYWHERE:
        outbox_outcomes.mark_failed(session, message, error, now=now)  # it was for one person, and nobody set that up
        return
    if outbox_outcomes.mark_held(session, message, until=until, error=error) is None:
        return  # another has sent it meanwhile: what this one learned is void
    if channel and channels.note_problem(session, channel.channel_id, remedy):
        _tell(session, channel, error, remedy, now)


def refused(session: Session, message: Claimed, error: str, remedy: str, *, now: datetime) -> None:
    """It will not be posted; with a `remedy`, for a reason that its channel gives."""
    if outbox_outcomes.mark_failed(session, message, error, now=now) is None:
        return
    channel = channels.find(session, message.channel_id) if remedy else None
    if channel and channels.note_problem(session, channel.channel_id, remedy, shared=error == SHARED.error):
        _tell(session, channel, error, remedy, now)


def unconfirmed(session: Session, message: Claimed, *, now: datetime) -> None:
    """Nobody can tell whether it stands in Slack: whoever set the channel up is asked to look."""
    if outbox_outcomes.mark_unconfirmed(session, message) is not OutboxState.UNCONFIRMED:
        return  # it stands in Slack after all, or newer content is posted
    stats = THREAD_IN_DOUBT if message.thread_ts else DIGEST_IN_DOUBT
    channels.note_problem(session, message.channel_id, stats if message.rank == Rank.DIGEST else CARD_IN_DOUBT)
    channel, found = channels.find(session, message.channel_id), doubtful.with_id(session, message.id)
    if channel and found:
        _ask(session, channel, found, trouble.question(found, channel.zone), now)


def settle(session: Session, message_id: int, user: str, *, again: bool, now: datetime) -> Message:
    """A person looked for a message in doubt: post it `again`, or it stands there. What to tell the person."""
    found = doubtful.with_id(session, message_id)
    won = doubtful.post_again(session, message_id, now) if again else doubtful.seen(session, message_id)
    channel = channels.find(session, found.channel_id) if found else None
    if not (won and found and channel):
        return trouble.settled_before()
    said = (trouble.posted_again if again else trouble.found)(found, channel.zone, user)
    outbox.revise(session, _question(found.id), said.text, said.blocks, now=now)
    if not doubtful.in_channel(session, channel.channel_id, now):
        _forget_doubt(session, channel)
    return said


def _forget_doubt(session: Session, channel: Channel) -> None:
    if channel.problem in (DIGEST_IN_DOUBT, THREAD_IN_DOUBT, CARD_IN_DOUBT):
        channels.clear_problems(session, [channel.channel_id])


def _tell(session: Session, channel: Channel, error: str, remedy: str, now: datetime) -> None:
    """One direct message: for each trouble of a channel, or for one of the whole app once a day."""
    if error in EVERYWHERE:
        key = f"trouble:{channel.set_up_by}:{error}:{local_day(now, channel.zone)}"
        said = trouble.refused_everywhere(remedy)
    else:
        key = f"{_about(channel.channel_id)}{error}:{now.isoformat()}"
        said = trouble.refused(channel.channel_id, remedy)
    outbox.put(session, key, channel.set_up_by, said.text, said.blocks, now=now, expires_at=now + OF_USE)


def _ask(session: Session, channel: Channel, found: doubtful.Doubtful, said: Message, now: datetime) -> None:
    key = _question(found.id)
    if not outbox.put(session, key, channel.set_up_by, said.text, said.blocks, now=now):
        outbox.revise(session, key, said.text, said.blocks, now=now)  # it was posted again, and is in doubt again


def _about(channel_id: str) -> str:
    return f"trouble:{channel_id}:"


def _question(message_id: int) -> str:
    return f"doubt:{message_id}"
