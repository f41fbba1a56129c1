"""What one person is told when messages do not get through: why, what to do, and a button where nobody can know."""

from zoneinfo import ZoneInfo

from bot.messages import blocks as b
from bot.messages.words import moment, person
from storage.doubtful import Doubtful

POST_AGAIN, SEEN = "doubt_post_again", "doubt_seen"
GOES_ON = "I try again by myself every few minutes, and go on as soon as it works."


def refused(channel_id: str, remedy: str) -> b.Message:
    """Slack refuses what goes to a channel; `remedy` is what a person can do."""
    text = f":warning: What I have for <#{channel_id}> does not get through. {b.escape(remedy, 300)} {GOES_ON}"
    return b.Message(text, [b.section(text)])


def refused_everywhere(remedy: str) -> b.Message:
    """Slack refuses whatever the app sends."""
    text = f":warning: Slack takes no messages from me. {b.escape(remedy, 300)} {GOES_ON}"
    return b.Message(text, [b.section(text)])


def question(doubtful: Doubtful, zone: ZoneInfo) -> b.Message:
    """Whether a message stands in its channel, with what can be done about it."""
    text = (
        f"Slack gave no answer to {_named(doubtful, zone)}, so I do not know whether it stands in"
        f" <#{doubtful.channel_id}>. Please look there."
    )
    value = str(doubtful.id)
    return b.Message(
        text,
        [
            b.section(text),
            b.actions(b.button("Post again", POST_AGAIN, value, style="primary"), b.button("It is there", SEEN, value)),
        ],
    )


def posted_again(doubtful: Doubtful, zone: ZoneInfo, user: str) -> b.Message:
    return _settled(f"{person(user)} had me post {_named(doubtful, zone)} again in <#{doubtful.channel_id}>.")


def found(doubtful: Doubtful, zone: ZoneInfo, user: str) -> b.Message:
    return _settled(f"{person(user)} found {_named(doubtful, zone)} in <#{doubtful.channel_id}>.")


def settled_before() -> b.Message:
    """For whoever presses after somebody else."""
    return _settled("This one is settled already: somebody was faster, or it was found.")


def _settled(text: str) -> b.Message:
    return b.Message(text, [b.section(text)])


def _named(doubtful: Doubtful, zone: ZoneInfo) -> str:
    """No figure and no name of a customer: who gets this may not be meant to see them."""
    if not doubtful.is_digest:
        what = "a card about an account"
    else:
        what = "a part of the coffee stats" if doubtful.is_reply else "the coffee stats"
    return f"{what} of {moment(doubtful.written_at, zone)}"
