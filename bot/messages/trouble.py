"""What one person is told when messages do not get through: why, what to do, and a button where nobody can know."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.messages import blocks as b
from bot.messages.words import moment, person
from storage.doubtful import Doubtful

REINSTALL = "Slack no longer accepts the bot token; reinstall the app and set SLACK_BOT_TOKEN anew."
RESTRICTED = "The workspace does not let apps post in this channel; ask an admin of the workspace."
UNKNOWN = "Slack refuses messages here ({word}); if that goes on, look for this word in Slack's help."

# What a person can do about Slack's own words for a refusal, and one of ours.
SHARED = "shared_with_another_company"  # Slack would post there
REMEDIES: Mapping[str, str] = {
    "account_inactive": REINSTALL,
    "channel_not_found": "This channel is gone, or private without me: invite me with /invite, then set it up again.",
    "ekm_access_denied": "The workspace's key management holds messages back; ask an admin of the workspace.",
    "invalid_auth": REINSTALL,
    "is_archived": "This channel is archived; unarchive it, or set me up in another one.",
    "missing_scope": "The app lacks a permission; reinstall it from manifest.yml, then run kahvi doctor.",
    "no_permission": RESTRICTED,
    "not_authed": REINSTALL,
    "not_in_channel": "I am not in this channel; invite me with /invite.",
    "restricted_action": RESTRICTED,
    "restricted_action_non_threadable_channel": RESTRICTED,
    "restricted_action_read_only_channel": RESTRICTED,
    "restricted_action_thread_only_channel": RESTRICTED,
    SHARED: "Another company shares this channel, so I post no customer data here; set me up in another one.",
    "team_access_not_granted": RESTRICTED,
    "token_expired": REINSTALL,
    "token_revoked": REINSTALL,
}
# What is wrong with the app as a whole: then no direct message gets through either.
EVERYWHERE = frozenset(word for word, remedy in REMEDIES.items() if remedy == REINSTALL) | {"missing_scope"}

# Slack gave no answer, and nobody knows whether a message came through.
DIGEST_IN_DOUBT, THREAD_IN_DOUBT, CARD_IN_DOUBT = IN_DOUBT = ("digest_in_doubt", "thread_in_doubt", "card_in_doubt")
DOUBTS: Mapping[str, str] = {
    DIGEST_IN_DOUBT: "The last coffee stats may not have come through: Slack gave no answer. /coffee shows them now.",
    THREAD_IN_DOUBT: (
        "A part of the last coffee stats may not have come through: Slack gave no answer. /coffee shows all."
    ),
    CARD_IN_DOUBT: "A card may not have come through: Slack gave no answer. /account shows how the account stands.",
}

POST_AGAIN, SEEN = "doubt_post_again", "doubt_seen"
GOES_ON = "I try again by myself every few minutes, and go on as soon as it works."


def problem(word: str) -> str:
    """What keeps messages from a channel, and what a person can do, by the word that was noted of it."""
    known = REMEDIES.get(word) or DOUBTS.get(word)
    # Up to version 0.1 the sentence itself was noted.
    return known or (word if " " in word else UNKNOWN.format(word=word))


def refused(channel_id: str, error: str) -> b.Message:
    """Slack refuses what goes to a channel, with this word."""
    said = b.escape(problem(error), 300)
    return b.said(f":warning: What I have for <#{channel_id}> does not get through. {said} {GOES_ON}")


def question(doubtful: Doubtful, zone: ZoneInfo) -> b.Message:
    """Whether a message stands in its channel, with what can be done about it."""
    where = "above" if doubtful.is_direct else f"in <#{doubtful.channel_id}>"
    text = f"Slack gave no answer to {_named(doubtful, zone)}, so I do not know whether it stands {where}. Please look."
    value = str(doubtful.id)
    return b.Message(
        text,
        [
            b.section(text),
            b.actions(b.button("Post again", POST_AGAIN, value, style="primary"), b.button("It is there", SEEN, value)),
        ],
    )


def posted_again(doubtful: Doubtful, zone: ZoneInfo, user: str) -> b.Message:
    return b.said(f"{person(user)} had me post {_named(doubtful, zone)} again{_place(doubtful)}.")


def found(doubtful: Doubtful, zone: ZoneInfo, user: str) -> b.Message:
    whole = doubtful.is_digest and not doubtful.is_reply
    details = " Its details do not follow: `/coffee` shows them." if whole else ""
    return b.said(f"{person(user)} found {_named(doubtful, zone)}{_place(doubtful)}.{details}")


def settled_before() -> b.Message:
    """For whoever presses after somebody else."""
    return b.said("This one is settled already: somebody was faster, it was found, or it is too long ago.")


def _place(doubtful: Doubtful) -> str:
    return "" if doubtful.is_direct else f" in <#{doubtful.channel_id}>"


def _named(doubtful: Doubtful, zone: ZoneInfo) -> str:
    """No figure and no name of a customer: who gets this may not be meant to see them."""
    if doubtful.is_direct:
        what = "a message to you"
    elif not doubtful.is_digest:
        what = "a card about an account"
    else:
        what = "a part of the coffee stats" if doubtful.is_reply else "the coffee stats"
    return f"{what} of {moment(doubtful.written_at, zone)}"
