"""What an exit interview asks, how its answers read, and the request for one."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.exits.interview import BY_REASON, KNOWN, NAMES, YES_OR_NO
from bot.exits.reasons import Reasons, label_of
from bot.messages import blocks as b
from bot.messages.account import EXIT_NOTE, SHOW
from bot.messages.words import amounts, whole_day
from storage.exit_interviews import NOTE, TAGS
from storage.states import Answer

OPEN_OF = "exit_open_of"
LONGEST_SHOWN = 400  # letters of an answer, or of a note
ANSWERS = {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: "Nobody knows"}
LABELS = {
    "reason": "Why do they say they leave?",
    "root_cause": "What was it really?",
    "secondary_reason": "What else was it?",
    "competitor": "Where do they go?",
    TAGS: "Which features did they miss?",
    "avoidable": "Could we have kept them?",
    "left_anyway": "Would they have left anyway?",
    "bring_back": "What would bring them back?",
    "ask_again_on": "When may we ask them again?",
    "icp_fit": "How well do they fit whom we sell to?",
    "missed": "What did we miss?",
    NOTE: "What else did you learn?",
    "link": "Link",
}


def of_departure(account_id: str, came: date | None) -> str:
    return b.carried({"account": account_id, "came": came.isoformat() if came else None})


def departure_of(value: str) -> tuple[str, date | None]:
    """The account and the day on which its stay began, as a button carries them."""
    own = b.read_carried(value)
    return str(own.get("account") or ""), b.date_of(own.get("came"))


def prompt(account_id: str, name: str, left: date | None, lost: Mapping[str, int], *, again: bool = False) -> b.Message:
    """Asks, in a direct message, for the interview with an account that leaves."""
    what = departed(left, lost)
    asked = "Why? A few words now are worth more than many later: what would bring them back?"
    text = f"*{b.escape(name)}* {what}. {asked}"
    if again:
        text = f"*{b.escape(name)}* {what}, and nobody has noted why yet. I ask only this once more."
    buttons = [b.button("Log exit note", EXIT_NOTE, account_id, style="primary"), b.button("Look up", SHOW, account_id)]
    return b.Message(text, [b.section(text), b.actions(*buttons)])


def departed(left: date | None, lost: Mapping[str, int]) -> str:
    """What an account did: when it left and with how much MRR, or that it is to leave."""
    money = f", with {amounts(lost)} MRR" if lost else ""
    return f"left on {whole_day(left)}{money}" if left else "has cancelled and is about to leave"


def in_words(name: str, value: Any, reasons: Reasons, names: Mapping[str, str]) -> str:
    """An answer of a form as people read it, inert."""
    if name in BY_REASON:
        words = label_of(value, reasons)
    elif isinstance(value, list | tuple):
        words = ", ".join(named(one, names) for one in value)
    elif name in NAMES:
        words = named(value, names)
    elif name in YES_OR_NO:
        words = ANSWERS[Answer(value)]
    elif name == "ask_again_on":
        words = whole_day(date.fromisoformat(value))
    else:
        words = value
    return b.escape(words, LONGEST_SHOWN)


def named(value: str, names: Mapping[str, str]) -> str:
    """The name of a competitor or feature as a form holds it: by its id, or as somebody added it."""
    return names.get(value[1:], value[1:]) if value.startswith(KNOWN) else value[1:]
