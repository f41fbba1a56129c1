"""The exit interview's form, and what is said around it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.accounts import standing
from bot.exits import reasons
from bot.messages import account_lines as lines
from bot.messages import blocks as b
from bot.messages.account import EXIT_NOTE, SHOW, Setting
from bot.messages.windows import open_again, told
from bot.messages.words import amounts, day, quoted
from storage.accounts.story import AccountStory

CALLBACK = "exit_note"
REASON, BRING_BACK, NOTE = "reason", "bring_back", "note"
LONGEST = 3000
TITLE = "Exit interview"
UTC = ZoneInfo("UTC")  # days are the same everywhere


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a person put into the form; `account_id` and `account_name` are the form's own."""

    account_id: str
    account_name: str
    reason: str
    bring_back: str
    note: str


def form(story: AccountStory, setting: Setting) -> b.Block:
    """The form, filled with what billing knows."""
    left = standing.leaving(story)
    stated = reasons.told_by_billing(left.cancel_reason, left.cancel_kind) if left else None
    known = b.section("\n".join(_known(story, setting)))
    options = [b.option(reason.label, reason.id) for reason in reasons.REASONS.values()]
    inputs = [
        b.entry(REASON, "Why do they say they leave?", b.choice(options, initial=stated.id if stated else None)),
        b.entry(BRING_BACK, "What would bring them back?", b.text_input(multiline=True), optional=True),
        b.entry(
            NOTE,
            "What else did you learn?",
            b.text_input(multiline=True),
            hint="When did they first think of leaving, what did they try first, what do they use instead?",
            optional=True,
        ),
    ]
    own = b.carried({"account": story.account.id, "name": b.plain(_name(story), 80)})
    return b.modal(CALLBACK, TITLE, [known, *inputs], submit="Save note", private_metadata=own)


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
    return f"left on {day(left, UTC)}{money}" if left else "is to leave"


def submitted(view: Mapping[str, Any], answers: Mapping[str, Any]) -> Submitted:
    """What a submitted form holds."""
    own = _own(view)
    return Submitted(
        str(own.get("account", "")),
        str(own.get("name", "")),
        str(answers.get(REASON) or ""),
        str(answers.get(BRING_BACK) or "").strip(),
        str(answers.get(NOTE) or "").strip(),
    )


def account_of(view: Mapping[str, Any]) -> str:
    """The account that a form is about."""
    return str(_own(view).get("account", ""))


def problems(said: Submitted) -> dict[str, str]:
    """What is wrong with the form, by input."""
    found = {}
    reason = reasons.REASONS.get(said.reason)
    if not said.account_id:
        found[REASON] = "This form no longer knows its account; please open it again."
    elif reason is None:
        found[REASON] = "Please choose one of the reasons."
    elif reason.needs_words and not said.note:
        found[NOTE] = f"“{reason.label}” needs a few words: what was it?"
    for block_id, text in ((BRING_BACK, said.bring_back), (NOTE, said.note)):
        if len(text) > LONGEST:
            found[block_id] = f"This holds up to {LONGEST:,} characters; yours has {len(text):,}."
    return found


def saved(said: Submitted) -> b.Block:
    return told(TITLE, f"*Noted for {b.escape(said.account_name)}.*\nYour note now stands on its `/account` card.")


def again(view: b.Block) -> b.Message:
    return open_again(EXIT_NOTE, account_of(view))


def _known(story: AccountStory, setting: Setting) -> list[str]:
    """What billing knows, so that nobody types it again."""
    now, zone = setting.now, setting.zone
    lost, present = standing.lost(story.movements), standing.mrr(story.movements)
    money = f"MRR lost: {amounts(lost)}" if lost else f"MRR at stake: {amounts(present, nothing='none')}"
    stands = lines.standing_lines(story, now, zone)
    found = [
        f"*{b.escape(_name(story))}*",
        money,
        f"Plan: {', '.join(lines.plan(plan) for plan in story.plans) or 'none any more'}",
        f"Customer since: {', '.join(lines.tenure(story, zone))}",
        *stands,
        _comment(story, "\n".join(stands)),
    ]
    return [line for line in found if line]


def _comment(story: AccountStory, said: str) -> str:
    """The customer's own words, unless they are said already."""
    left = standing.leaving(story)
    words = quoted(left.cancel_comment, lines.QUOTE) if left and left.cancel_comment else ""
    return f"They wrote: {words}" if words and words not in said else ""


def _own(view: Mapping[str, Any]) -> dict[str, Any]:
    try:
        own = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return own if isinstance(own, dict) else {}


def _name(story: AccountStory) -> str:
    return story.account.name or story.account.id
