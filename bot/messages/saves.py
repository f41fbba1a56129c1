"""What came of alerts as a Slack message: saved, lost, and what is still to be known."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.messages import blocks as b
from bot.messages.blocks import Message
from bot.messages.words import day, person, whole_day
from bot.money import display
from bot.risk.saves import CONFIRMED_AFTER, Fate, Save, Saves
from bot.telling.told import counted

SHOW = "saves_show"
PERIODS = ("30d", "90d", "12m")
MOST = 15  # accounts that are named of each fate
TITLES = {
    Fate.SAVED: "Saved",
    Fate.LOST: "Lost although there was an alert",
    Fate.PENDING: "Not known yet",
}


def told(found: Saves, zone: ZoneInfo) -> Message:
    """The sums of the period, and the accounts behind them."""
    head = _head(found)
    groups = [_group(found, fate, zone) for fate in Fate if found.of(fate)]
    small = (
        f"An account is saved when it still pays {CONFIRMED_AFTER.days} days after its alert ended; what it grew by "
        "meanwhile is left out. “Not a risk” counts for nothing."
    )
    others = [b.button(one, f"{SHOW}:{one}", one) for one in PERIODS if one != found.span.said]
    shown = [b.section(head), *(b.section(group) for group in groups), b.context(small), b.actions(*others)]
    return Message("\n".join([head, *groups, small]), b.fitted(shown))


def _head(found: Saves) -> str:
    saved, lost = found.of(Fate.SAVED), found.of(Fate.LOST)
    if not saved and not lost:
        return f"*Nothing was saved or lost after an alert in {_period(found)}.*"
    return (
        f"*{counted(len(saved), 'account')} saved in {_period(found)}, with {_money(found, Fate.SAVED)} MRR*\n"
        f"{counted(len(lost), 'account')} lost, with {_money(found, Fate.LOST)}"
    )


def _group(found: Saves, fate: Fate, zone: ZoneInfo) -> str:
    these = found.of(fate)
    lines = [f"*{TITLES[fate]}: {counted(len(these), 'account')}, {_money(found, fate)} MRR*"]
    lines += [f"• {_entry(one, found.base, zone)}" for one in these[:MOST]]
    if len(these) > MOST:
        lines.append(f"and {len(these) - MOST:,} more")
    return "\n".join(lines)


def _entry(one: Save, base: str, zone: ZoneInfo) -> str:
    money = display(one.mrr, base) if one.mrr is not None else "no exchange rate"
    when = {Fate.SAVED: "known on", Fate.LOST: "left on", Fate.PENDING: "to be known on"}[one.fate]
    who = f" · {person(one.by)} was on it" if one.by else ""
    return f"*{b.escape(one.name)}* · {money} · {when} {day(one.day, zone)}{who}"


def _money(found: Saves, fate: Fate) -> str:
    return display(Decimal(found.worth(fate)), found.base)


def _period(found: Saves) -> str:
    start, last = found.span.window.start, found.span.window.end - timedelta(days=1)
    return f"{found.span.said} ({whole_day(start)} to {whole_day(last)})"
