"""The form by which people tune the risk rules, and what stands before it is done."""

from collections.abc import Iterator
from decimal import Decimal

from bot.messages import blocks as b
from bot.messages.windows import open_again, told
from bot.risk import tuning as tunings
from bot.risk.trying import Preview
from bot.risk.tuning import ALERT_FROM, CLOSE_BELOW, DAYS, HIGH_VALUE, NAMED, POINTS, TOP_SHARE, Latest, Tuning
from bot.telling.told import counted

FORM, CONFIRM, OPEN = "risk_tuning", "risk_tuning_confirm", "risk_tuning_open"
TITLE = "Risk settings"
SINCE = "since"
CHANGED = "Somebody else changed these settings meanwhile. Please open them again: what you typed was not used."


def form(latest: Latest, high_value: Decimal, base: str) -> b.Block:
    """The form, filled with what is in force; `high_value` is the least MRR of the settings in major units."""
    present = latest.tuning
    high = present.high_value if present.high_value is not None else high_value
    return b.modal(
        FORM,
        TITLE,
        [
            b.section("Nothing changes before you have seen what it would do."),
            b.entry(ALERT_FROM, "A card from this score on", b.text_input(initial=str(present.alert_from), longest=3)),
            b.entry(CLOSE_BELOW, "Closed again below", b.text_input(initial=str(present.close_below), longest=3)),
            b.entry(HIGH_VALUE, f"For accounts with an MRR from ({base.upper()})", b.text_input(initial=f"{high:f}")),
            b.entry(
                TOP_SHARE,
                "or among the largest, that bring so many percent of all MRR",
                b.text_input(initial=str(present.top_share or ""), longest=3),
                optional=True,
            ),
            b.entry(
                NAMED,
                "or that a filter names",
                b.text_input(initial=present.named, placeholder="segment:enterprise tag.vip:yes", longest=500),
                optional=True,
            ),
            b.entry(
                POINTS,
                "Points of each sign",
                b.text_input(initial=tunings.typed(present), multiline=True),
                hint="A line for each, smallest first. One left out has its usual points; 0 turns a sign off.",
            ),
            b.entry(
                DAYS,
                "Windows: for how many days each sign counts",
                b.text_input(initial=tunings.typed_windows(present), multiline=True),
                hint="A line for each, as in docs/risk.md. One left out has its usual days.",
                optional=True,
            ),
        ],
        submit="Try",
        private_metadata=b.carried({SINCE: latest.at.isoformat()}),
    )


def confirm(wish: Tuning, found: Preview, since: str = "", per_day: int | None = None) -> b.Block:
    """What a tuning would do, and the button that does it; `since` is that of the one that the form started from.

    `per_day` is how many new cards a channel gets on a day.
    """
    alerted = counted(found.alerted, "account would have a card", "accounts would have a card")
    lines = [
        f"With these settings *{alerted}* today, *{found.new:,}* of them new; {found.gone:,} of today's would not.",
        *_beside(found, per_day),
        f"All {counted(found.accounts, 'account')} are assessed anew within a few minutes.",
    ]
    return b.modal(
        CONFIRM,
        TITLE,
        [b.section(line) for line in lines],
        submit="Use them",
        private_metadata=b.carried({**wish.plain(), SINCE: since}),
    )


def _beside(found: Preview, per_day: int | None) -> Iterator[str]:
    """What the numbers alone would not lead to expect."""
    if found.kept:
        one, many = "keeps the one it has until that is over", "keep those they have until they are over"
        yield counted(found.kept, f"of these would get none, but {one}.", f"of these would get none, but {many}.")
    if found.old:
        more = counted(found.old, "more account has", "more accounts have")
        yield f"{more} been in trouble for long: that is no news, and brings no card; `/at-risk` lists who is."
    if per_day is not None and found.new > per_day:
        yield f"A channel gets at most {per_day:,} new cards a day; the others follow."


def chosen() -> b.Block:
    return told(TITLE, "Done. Cards and `/at-risk` follow within a few minutes.")


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")
