"""Is a fix worth it? The form that asks for the feature and its cost, and the answer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.figures.exits import Exits
from bot.figures.fix_worth import MONTHS, Worth
from bot.messages import blocks as b
from bot.messages.exit_report import WORTH, Look, look_of
from bot.messages.windows import open_again, told
from bot.money import display, without_commas
from bot.telling.told import counted, money

FORM = "fix_worth"
TITLE = "Is a fix worth it?"
FEATURE, COST = "feature", "cost"
NAMED = 10
NONE = "No interview of this period names a feature."


def form(found: Exits, look: Look) -> b.Block:
    """The form for the features of a report; a window that says so when there are none."""
    if not found.features:
        return told(TITLE, NONE)
    options = [b.option(found.name_of(tag), tag) for tag, _ in found.features]
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(f"Of those who left in {b.escape(look.period)} and named a feature."),
            b.entry(FEATURE, "Feature", b.choice(options, initial=options[0]["value"])),
            b.entry(
                COST, f"What the fix would cost ({found.base.upper()})", b.text_input(placeholder="12000", longest=13)
            ),
        ],
        submit="Work it out",
        private_metadata=b.carried(look.written),
    )


def answer(found: Exits, name: str, worth: Worth) -> b.Block:
    """What would have been held, against the cost."""
    base = found.base
    lines = [
        f"*{b.escape(name)}, {found.span.said}*",
        f"{counted(len(worth.held), 'customer')} could have stayed, with {money(worth.mrr, base)} MRR"
        + (f"; {worth.others:,} more would have left anyway, or could not be kept." if worth.others else "."),
    ]
    if worth.held:
        lines += [_lifetime(worth, base), _verdict(worth, base), _names(worth)]
    return told(TITLE, "\n".join(lines))


def again(view: b.Block) -> b.Message:
    return open_again(WORTH, look_of(view).written)


def chosen(answers: Mapping[str, Any]) -> tuple[str, str]:
    """The feature's id, and the cost as it was typed."""
    return str(answers.get(FEATURE) or ""), without_commas(str(answers.get(COST) or ""))


def _lifetime(worth: Worth, base: str) -> str:
    value = display(worth.value, base, cents=False)
    if worth.months is None:
        return f"Nobody left in the year before, so nobody knows how long customers stay: *{value}* in {MONTHS} months."
    stay = _plain(worth.months)
    return f"Customers stay {stay} months, as churn of the last year says: a lifetime value of *{value}*."


def _verdict(worth: Worth, base: str) -> str:
    if worth.times is None:
        return "It costs nothing: do it."
    cost = display(worth.cost, base, cents=False)
    if worth.pays_back is None:
        return f"At {cost} it would *not* have paid for itself: {_plain(worth.times)} times its cost."
    after = counted(int(worth.pays_back.to_integral_value(rounding="ROUND_CEILING")), "month")
    return f"At {cost} it would have paid for itself *{_plain(worth.times)} times*, after {after}."


def _names(worth: Worth) -> str:
    shown = ", ".join(b.escape(one.name) for one in worth.held[:NAMED])
    more = len(worth.held) - NAMED
    return f"_{shown}{f' and {more:,} more' if more > 0 else ''}_"


def _plain(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')):,}"
