"""The reasons for leaving as a team sets them in Slack: the list, and the form of one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.exits.reasons import LABEL_LONGEST, MOST, OTHER, Avoidable, Reason, Reasons
from bot.figures.exits_told import AVOIDABLE, NATURES
from bot.messages import blocks as b
from bot.messages.windows import open_again, window

OPEN, CHANGE, ADD, FORM = "exit_reasons", "exit_reason_change", "exit_reason_add", "exit_reason"
TITLE = "Reasons for leaving"
LABEL, COULD_KEEP, NATURE, RETIRED = "label", "avoidable", "nature", "retired"
YES = "yes"


def listed(reasons: Reasons, done: str = "") -> b.Block:
    """All reasons, those that are offered first, each with its button."""
    offered = [one for one in reasons.values() if not one.retired]
    retired = [one for one in reasons.values() if one.retired]
    add = [b.actions(b.button("Add a reason", ADD))] if len(offered) < MOST else []
    about = "The exit interview's form and its report use these words. What was chosen before stays what it was."
    blocks = [b.section(f"{done}\n{about}".strip()), *add, *(_row(one) for one in (*offered, *retired))]
    return window(TITLE, b.Message("", blocks))


def form(reason: Reason | None) -> b.Block:
    """The form of one reason, or of a new one."""
    known = reason or Reason("", "", "", Avoidable.UNSET)
    options = [b.option(words, kind.value) for kind, words in AVOIDABLE.items()]
    natures = [b.option(words, kind.value) for kind, words in NATURES.items()]
    retire = b.ticks([b.option("Offer it no more", YES)], initial=[YES] if known.retired else [])
    same = "Say the same in other words. For another meaning, retire this one and add a new one."
    blocks = [
        b.entry(
            LABEL,
            "How people read it",
            b.text_input(initial=known.label, longest=LABEL_LONGEST),
            hint=same if reason else "Short, as it stands in a menu: “No invoices in Finnish”.",
        ),
        b.entry(COULD_KEEP, "Could a customer who leaves for it be kept?", b.choice(options, initial=known.avoidable)),
        b.entry(NATURE, "Is it natural churn, whatever you do?", b.choice(natures, initial=known.nature)),
    ]
    if reason and reason.id != OTHER:
        blocks.append(
            b.entry(RETIRED, "Retire it", retire, hint="It is still told where it was chosen.", optional=True)
        )
    return b.modal(
        FORM, TITLE, blocks, submit="Save", private_metadata=b.carried({"id": known.id, "shown": asdict(known)})
    )


def kept(label: str) -> str:
    return f"*{b.escape(label)}* is saved."


def reason_of(view: Mapping[str, Any]) -> str:
    """The id of the reason that an open form is about, empty for a new one."""
    return str(b.carried_by(view).get("id") or "")


def shown_in(view: Mapping[str, Any]) -> dict[str, Any] | None:
    """The reason as an open form was filled, None where it does not say."""
    shown = b.carried_by(view).get("shown")
    return shown if isinstance(shown, dict) else None


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def _row(reason: Reason) -> b.Block:
    retired = " · retired" if reason.retired else ""
    text = f"*{b.escape(reason.label)}* · {AVOIDABLE[reason.avoidable].lower()}{retired}"
    return b.section(text, accessory=b.button("Change", CHANGE, reason.id))
