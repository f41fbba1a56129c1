"""What becomes of a message, of its channel, and who is told: each in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.messages import trouble
from bot.messages.blocks import Message
from bot.messages.trouble import CARD_IN_DOUBT, DIGEST_IN_DOUBT, EVERYWHERE, IN_DOUBT, SHARED, THREAD_IN_DOUBT
from storage import channels, doubtful, outbox, outbox_outcomes
from storage.channels import Channel
from storage.outbox import Rank
from storage.outbox_claims import Claimed
from storage.states import OutboxState

log = structlog.get_logger()

ASK_AGAIN = timedelta(minutes=30)
OF_USE = timedelta(days=1)  # what is told of a trouble
LONGEST_WORD = 40  # of Slack's
ABOUT_TROUBLE, ABOUT_DOUBT = "trouble:", "doubt:"


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


def held(session: Session, message: Claimed, error: str, *, until: datetime, now: datetime) -> None:
    """A person has to act before anything gets into the channel: it waits, and whoever set it up is told once."""
    channel = channels.find(session, message.channel_id)
    if channel is None and error not in EVERYWHERE:
        outbox_outcomes.mark_failed(session, message, error, now=now)  # it was for one person, and nobody set that up
        return
    if outbox_outcomes.mark_held(session, message, until=until, error=error) is None:
        return  # another has sent it meanwhile: what this one learned is void
    if channel:
        _note(session, channel, error, now)


def refused(session: Session, message: Claimed, error: str, *, by_channel: bool, now: datetime) -> None:
    """It will not be posted; `by_channel`: for a reason that holds for all that goes there."""
    if outbox_outcomes.mark_failed(session, message, error, now=now) is None:
        return
    channel = channels.find(session, message.channel_id) if by_channel else None
    if channel:
        _note(session, channel, error, now)


def unconfirmed(session: Session, message: Claimed, *, now: datetime) -> None:
    """Nobody can tell whether it stands in Slack: whoever set the channel up, or was to get it, is asked to look."""
    if outbox_outcomes.mark_unconfirmed(session, message, now=now) is not OutboxState.UNCONFIRMED:
        return  # it stands in Slack after all, or newer content is posted
    channel, found = channels.find(session, message.channel_id), doubtful.with_id(session, message.id)
    if channel and channel.problem in (None, *IN_DOUBT):
        stats = THREAD_IN_DOUBT if message.thread_ts else DIGEST_IN_DOUBT
        channels.note_problem(session, channel.channel_id, stats if message.rank == Rank.DIGEST else CARD_IN_DOUBT)
    if message.key.startswith((ABOUT_TROUBLE, ABOUT_DOUBT)):
        _doubt_question(session, message, now)
    elif found and (channel or found.is_direct):
        _ask(session, channel, found, now)
    else:
        log.error("nobody can be asked about a message that is in doubt", key=message.key)


def let_go_old(session: Session, now: datetime) -> None:
    """Nobody settled these for days: their channels and questions say no more of them."""
    for found in doubtful.old(session, now):
        doubtful.let_go(session, found.id)
        said, channel = trouble.settled_before(), channels.find(session, found.channel_id)
        outbox.revise(session, _question(found.id), said.text, said.blocks, now=now)
        _forget_doubt(session, channel, now)


def settle(session: Session, message_id: int, user: str, *, again: bool, now: datetime) -> Message:
    """A person looked for a message in doubt: post it `again`, or it stands there. What to tell the person."""
    found = doubtful.with_id(session, message_id)
    won = doubtful.post_again(session, message_id, now) if again else doubtful.seen(session, message_id)
    if not (won and found):
        return trouble.settled_before()
    channel = channels.find(session, found.channel_id)
    said = (trouble.posted_again if again else trouble.found)(found, _zone(channel), user)
    outbox.revise(session, _question(found.id), said.text, said.blocks, now=now)
    _forget_doubt(session, channel, now)
    return said


def _forget_doubt(session: Session, channel: Channel | None, now: datetime) -> None:
    """Once nothing of a channel is in doubt any more."""
    if channel and channel.problem in IN_DOUBT and not doubtful.in_channel(session, channel.channel_id, now):
        channels.clear_problems(session, [channel.channel_id])


def _doubt_question(session: Session, message: Claimed, now: datetime) -> None:
    """Nobody is asked about a question; for a day it is asked again, which does no harm to who has it already."""
    about = message.key.removeprefix(ABOUT_DOUBT)
    if message.key.startswith(ABOUT_DOUBT) and now - message.created_at < OF_USE:
        doubtful.post_again(session, message.id, now, not_before=now + ASK_AGAIN)
        return
    doubtful.let_go(session, message.id)
    if about.isdigit():
        log.error("a message in doubt is let go: whom it concerns could not be asked", message=about)
        doubtful.let_go(session, int(about))


def _note(session: Session, channel: Channel, error: str, now: datetime) -> None:
    """What keeps messages from a channel stands in `/coffee`; of what is news, its person gets one direct message.

    None where Slack refuses the app as a whole: it would arrive when it is no longer true. The log has that.
    """
    word = error[:LONGEST_WORD]
    if not channels.note_problem(session, channel.channel_id, word, shared=error == SHARED):
        return
    if error in EVERYWHERE:
        log.error("Slack refuses the app", error=word, remedy=trouble.problem(word))
        return
    key, said = f"{_about(channel.channel_id)}{word}:{now.isoformat()}", trouble.refused(channel.channel_id, word)
    outbox.put(session, key, channel.set_up_by, said.text, said.blocks, now=now, expires_at=now + OF_USE)


def _ask(session: Session, channel: Channel | None, found: doubtful.Doubtful, now: datetime) -> None:
    key, said = _question(found.id), trouble.question(found, _zone(channel))
    person = channel.set_up_by if channel else found.channel_id
    if not outbox.put(session, key, person, said.text, said.blocks, now=now):
        outbox.revise(session, key, said.text, said.blocks, now=now)  # it was posted again, and is in doubt again


def _zone(channel: Channel | None) -> ZoneInfo:
    """Of the words that stand where Slack cannot show a person's own time."""
    return channel.zone if channel else ZoneInfo("UTC")


def _about(channel_id: str) -> str:
    return f"{ABOUT_TROUBLE}{channel_id}:"


def _question(message_id: int) -> str:
    return f"{ABOUT_DOUBT}{message_id}"
