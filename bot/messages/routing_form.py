"""The form that says where cards of alerts go, and who is told when nobody takes one on."""

from collections.abc import Sequence

from bot.messages import blocks as b
from bot.messages.windows import open_again
from bot.risk.routing import NOBODY, OWNER, PAUSE_FOR_LEAD, PAUSE_FOR_OWNER, Route, Routing

FORM, OPEN, CHANGE = "alert_routing", "alert_routing_open", "alert_routing_change"
WOULD_GO = "alert_would_go"
TITLE = "Where cards go"
WHERE, TO, CHANNEL, LEAD = "where", "to", "channel", "lead"
TO_CHANNEL = "channel"
UP, REMOVE = "up", "remove"


def form(present: Routing, usual: Sequence[str]) -> b.Block:
    """The rules in force, each with a menu, and inputs for one more; `usual` are the ids of the channels for alerts."""
    rules = [_rule(number, route, len(present.routes)) for number, route in enumerate(present.routes, start=1)]
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


def would_go(name: str, found: tuple[int, Route] | None, usual: Sequence[str]) -> str:
    """Where an account's card would go, and by which rule."""
    if found:
        number, route = found
        return f"*{b.escape(name)}*: by rule {number} ({_accounts(route)}) to {destination(route)}."
    channels = ", ".join(f"<#{channel}>" for channel in usual)
    return f"*{b.escape(name)}*: no rule fits, so to {channels or 'no channel yet; `/coffee here` sets one up'}."


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def _rule(number: int, route: Route, count: int) -> b.Block:
    moves = [b.option("Move up", f"{UP}:{route.id}")] if number > 1 and count > 1 else []
    options = [*moves, b.option("Remove", f"{REMOVE}:{route.id}")]
    text = f"*{number}.* {_accounts(route)} → {destination(route)}"
    return b.section(text, accessory=b.overflow(f"{CHANGE}:{number}", options))


def _accounts(route: Route) -> str:
    return b.escape(route.where, 200) if route.where else "all accounts"
