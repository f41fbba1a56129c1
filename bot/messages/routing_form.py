"""The form that says where cards of alerts go, and who is told when nobody takes one on."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import blocks as b
from bot.messages.windows import open_again
from bot.risk.routing import MOST, NOBODY, OWNER, PAUSE_FOR_LEAD, PAUSE_FOR_OWNER, Route, Routing

FORM, OPEN, CHANGE = "alert_routing", "alert_routing_open", "alert_routing_change"
WOULD_GO = "alert_would_go"
TITLE = "Where cards go"
WHERE, TO, CHANNEL, LEAD = "where", "to", "channel", "lead"
TO_CHANNEL = "channel"
UP, REMOVE = "up", "remove"


def form(present: Routing, usual: Sequence[str]) -> b.Block:
    """The rules in force, each with a menu, and inputs for one more; `usual` are the ids of the channels for alerts."""
    whole = next((number for number, route in enumerate(present.routes, start=1) if not route.where), MOST)
    rules = [_rule(number, route, whole) for number, route in enumerate(present.routes, start=1)]
    else_ = ", ".join(f"<#{channel}>" for channel in usual) or "no channel yet: `/coffee here` sets one up"
    options = [
        b.option("A channel", TO_CHANNEL),
        b.option("Their owner, in a direct message", OWNER),
        b.option("Nowhere: no card", NOBODY),
    ]
    intro = "The first rule that fits an account says where its card goes; all others go to"
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(f"{intro} {else_}."),
            *rules,
            b.divider(),
            b.entry(
                WHERE,
                "One more rule: accounts",
                b.text_input(placeholder="region:EU mrr>500", longest=1000),
                hint="A filter as in /at-risk; empty for all. /at-risk routing and a name says where a card would go.",
                optional=True,
            ),
            b.entry(TO, "Their cards go to", b.choice(options, kind="radio_buttons"), optional=True),
            b.entry(CHANNEL, "Which channel", b.channel_input(), optional=True),
            b.entry(
                LEAD,
                f"Who is told when nobody takes one on for {PAUSE_FOR_LEAD} business days",
                b.person_input(present.lead),
                optional=True,
            ),
        ],
        submit="Save",
    )


def destination(route: Route) -> str:
    """Where a rule sends a card."""
    if route.to == OWNER:
        return (
            f"their owner, in a direct message, and after {PAUSE_FOR_OWNER} business days without anybody on it to the "
            "channels for alerts too"
        )
    return "nowhere: no card" if route.to == NOBODY else f"<#{route.to}>"


@dataclass(frozen=True, slots=True)
class Goes:
    """Where an account's card would go: by which rule, None where none fits, and to which channels in the end.

    `owner` is who looks after it as people read that, empty for nobody; `reached` says that the rule's own place takes
    the card.
    """

    rule: tuple[int, Route] | None
    channels: Sequence[str]
    owner: str = ""
    reached: bool = True


def would_go(name: str, found: Goes) -> str:
    """Where an account's card would go, by which rule, and why elsewhere than that says."""
    there = ", ".join(f"<#{channel}>" for channel in found.channels) or "no channel yet; `/coffee here` sets one up"
    if found.rule is None:
        return f"*{b.escape(name)}*: no rule fits, so to {there}."
    number, route = found.rule
    by = f"*{b.escape(name)}*: by rule {number} ({_accounts(route)})"
    if route.to == NOBODY:
        return f"{by} nowhere: it gets no card."
    if route.to == OWNER and found.reached:
        owner = f"its owner {found.owner}, in a direct message"
        return f"{by} to {owner}, and after {PAUSE_FOR_OWNER} business days without anybody on it to {there} too."
    if route.to == OWNER:
        who = f"Slack knows no colleague at {found.owner}" if found.owner else "nobody looks after it"
        return f"{by} to its owner; but {who}, so to {there}."
    return f"{by} to <#{route.to}>" + ("." if found.reached else f"; but I cannot post there now, so to {there}.")


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def _rule(number: int, route: Route, whole: int) -> b.Block:
    """A rule with its menu; `whole` is the number of the first that fits all accounts."""
    moves = [b.option("Move up", f"{UP}:{route.id}")] if number > 1 else []
    options = [*moves, b.option("Remove", f"{REMOVE}:{route.id}")]
    text = f"*{number}.* {_accounts(route)} → {destination(route)}"
    text += f"\n_Never comes to it: rule {whole} takes all accounts. Move it up._" if number > whole else ""
    return b.section(text, accessory=b.overflow(f"{CHANGE}:{number}", options))


def _accounts(route: Route) -> str:
    return b.escape(route.where, 200) if route.where else "all accounts"
