"""What each reason of a risk says, as mrkdwn with foreign text escaped, and how scores are called."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.messages.blocks import escape
from bot.messages.phrases import mrkdwn
from bot.messages.words import day, whole_day
from bot.money import display
from bot.risk.score import BOUNDED, CAPPED
from bot.risk.windows import RENEWAL
from bot.telling.reasons import decline, stated
from bot.telling.told import counted
from storage.alerts import Plain

FAMILIES: Mapping[str, str] = {
    "intent": "What they said",
    "payment": "Payments",
    "contraction": "Contraction",
    "price": "Price",
    "trial": "The trial",
    "trouble": "Disputes, refunds and tickets",
    "use": "Use",
    "relation": "The relationship",
}
USES: Mapping[str, str] = {
    "active_users": "active users",
    "monthly_active_users": "active users in a month",
    "dau_mau": "the share of a month's users who come daily",
    "seats_used": "seats in use",
    "key_feature_days_28d": "days with the key feature",
    "logins": "log-ins",
    "login_count_7d": "log-ins in a week",
}
AT_RISK, WATCH = 60, 30
TIMES = {1: "once", 2: "twice"}


def band(score: int, *, hard: bool = False) -> str:
    """A score in a word, none for a low one; points are no likelihood."""
    if score >= AT_RISK or hard:
        return "at risk"
    return "to watch" if score >= WATCH else ""


def reason(found: Plain, zone: ZoneInfo) -> str:
    """One line: its points and what was found, such as "+40 payment failed 3 times, next try 9 Mar"."""
    return f"{signed(found['points'])} {worded(found, zone)}"


def worded(found: Plain, zone: ZoneInfo) -> str:
    """What was found, without its points."""
    words = REASONS.get(found["rule"])
    return words(found["told"], zone) if words else escape(str(found["rule"]).replace("_", " "))


def signed(points: int) -> str:
    """Points with their sign, a real minus: a hyphen at the start of a line would be taken for a list."""
    return f"{points:+d}".replace("-", "\N{MINUS SIGN}")


def scored(score: int, before: int | None, since: date | str | None, *, hard: bool = False) -> str:
    """Such as "risk 64 (+15 on 21 Nov 2026), at risk"."""
    moved = score - before if before is not None else 0
    when = whole_day(date.fromisoformat(since) if isinstance(since, str) else since) if since else ""
    change = f" ({signed(moved)} on {when})" if moved and when else ""
    return ", ".join(part for part in (f"risk {score}{change}", band(score, hard=hard)) if part)


def reasons(found: Sequence[Plain], zone: ZoneInfo, most: int | None = None) -> list[str]:
    """Why, in lines whose points sum to the score; what speaks for the account and what caps took off end them."""
    lines = [reason(one, zone) for one in found]
    if most is None or len(lines) <= most + 1:
        return lines
    rest = found[most:]
    points = signed(sum(one["points"] for one in rest))
    return [*lines[:most], f"{points} by {len(rest)} more, of which `/account` tells"]


def failed(attempts: int, code: str | None, tries: int | None = None) -> str:
    """How often a charge failed, of how many tries that are usual, and what the bank says: "failed twice: expired"."""
    times, why = TIMES.get(attempts, f"{attempts:,} times"), decline(code)
    usual = f" of usually {tries} tries" if tries else ""
    return f"failed {times}{usual}{mrkdwn((': ', why)) if why else ''}"


def _cancel(told: Plain, zone: ZoneInfo) -> str:
    more = told["count"] - 1
    also = f", and {counted(more, 'more subscription')}" if more > 0 else ""
    return f"cancellation scheduled for {_day(told['ends_at'], zone)}{also}"


def _feedback(told: Plain, _: ZoneInfo) -> str:
    why = stated(told["reason"])
    return f"they said why: {mrkdwn((why,))}" if why else "they said why"


def _failing(told: Plain, zone: ZoneInfo) -> str:
    following = f", next try {_day(told['next_attempt_at'], zone)}" if told["next_attempt_at"] else ""
    return f"payment of {_money(told)} {failed(told['attempts'], told['code'])}{following}{_more(told)}"


def _exhausted(told: Plain, _: ZoneInfo) -> str:
    return f"payment of {_money(told)} {failed(told['attempts'], told['code'])}, not tried any more{_more(told)}"


def _hard_decline(told: Plain, _: ZoneInfo) -> str:
    why = decline(told["code"])
    return f"trying again will not help: {mrkdwn((why,))}" if why else "trying again will not help"


def _card(told: Plain, zone: ZoneInfo) -> str:
    ending = f" …{escape(told['last4'])}" if told["last4"] else ""
    brand = escape((told["brand"] or "card").capitalize())
    return f"{brand}{ending} ends before the charge of {_day(told['charge_at'], zone)}"


def _overdue(told: Plain, _: ZoneInfo) -> str:
    return f"invoice of {_money(told)} is {counted(told['days'], 'day')} overdue{_more(told)}"


def _paused(told: Plain, zone: ZoneInfo) -> str:
    return f"collection is paused since {_day(told['since'], zone)}" if told["since"] else "collection is paused"


def _shrunk(what: str) -> Callable[[Plain, ZoneInfo], str]:
    return lambda told, zone: f"{what}: {_money(told)} MRR less ({told['percent']}%), last on {_day(told['day'], zone)}"


def _discount(told: Plain, zone: ZoneInfo) -> str:
    return f"a discount ends on {_day(told['ends_at'], zone)}: the price rises by {told['percent']}%"


def _disputed(told: Plain, zone: ZoneInfo) -> str:
    state = "disputes" if told["open"] else "disputed"
    return f"the customer {state} a payment of {_money(told)} ({_day(told['at'], zone)})"


def _refunded(told: Plain, zone: ZoneInfo) -> str:
    times = f", {told['count']} refunds in {told.get('days', 60)} days" if told["count"] > 1 else ""
    return f"{_money(told)} went back on {_day(told['at'], zone)}{times}"


def _fall(told: Plain, _: ZoneInfo) -> str:
    return f"{USES.get(told['name'], escape(told['name']))} fell by {told['percent']}% against their own time before"


def _short(number: str) -> str:
    return f"{Decimal(number):.0f}"


def _metered(told: Plain, _: ZoneInfo) -> str:
    amount, before = (display(told[name], told["currency"]) for name in ("amount", "before"))
    return f"metered use fell by {told['percent']}%: {amount} after {before}"


def _on(words: str) -> Callable[[Plain, ZoneInfo], str]:
    return lambda told, zone: f"{words} ({_day(told['at'], zone)})"


def _valued(words: str) -> Callable[[Plain, ZoneInfo], str]:
    return lambda told, zone: f"{words.format(value=escape(told['value']))} ({_day(told['at'], zone)})"


def _day(at: Any, zone: ZoneInfo) -> str:
    if not at:
        return "an unknown day"
    is_day = len(at) == len("2026-01-31")
    return day(date.fromisoformat(at) if is_day else datetime.fromisoformat(at), zone)


def _money(told: Plain) -> str:
    return display(told["amount"], told["currency"])


def _more(told: Plain) -> str:
    more = told["count"] - 1
    return f", and {counted(more, 'more invoice')}" if more > 0 else ""


REASONS: Mapping[str, Callable[[Plain, ZoneInfo], str]] = {
    "cancel_scheduled": _cancel,
    "cancel_feedback": _feedback,
    "export_requested": _on("they asked for an export of their data"),
    "competitor_mentioned": _on("they spoke of a competitor"),
    "payment_failing": _failing,
    "retries_exhausted": _exhausted,
    "hard_decline": _hard_decline,
    "card_expires": _card,
    "no_method": lambda told, zone: f"nothing to charge on {_day(told['charge_at'], zone)}: no card, no debit",
    "invoice_overdue": _overdue,
    "collection_paused": _paused,
    "trial_unpayable": lambda told, zone: f"the trial ends on {_day(told['ends_at'], zone)}, nothing to charge",
    "plan_downgrade": _shrunk("smaller plan"),
    "seats_cut": _shrunk("fewer seats"),
    "discount_ends": _discount,
    "disputed": _disputed,
    "refunded": _refunded,
    "urgent_tickets": _valued("{value} urgent tickets are open"),
    "tickets_rise": lambda told, _: f"{_short(told['recent'])} tickets in 30 days, {_short(told['before'])} before",
    "no_contact": lambda told, zone: f"nobody spoke with them since {_day(told['day'], zone)}",
    "depth_falls": _fall,
    "activity_falls": _fall,
    "metered_falls": _metered,
    "champion_left": _on("the person who stood up for you left"),
    "sentiment_low": _valued("their CSM feels {value} of 5 about them"),
    "detractor": _valued("NPS answer {value}"),
    "dissatisfied": _valued("CSAT answer {value} of 5"),
    "early": lambda told, zone: f"new here, since {_day(told['day'], zone)}",
    "grew": lambda told, _: f"grew by {told['percent']}% in {told.get('days', 90)} days",
    "pays_cleanly": lambda told, _: f"paid {told['count']} invoices without a failed charge",
    "long_term": lambda told, zone: f"a yearly term runs until {_day(told['ends_at'], zone)}",
    RENEWAL: lambda told, zone: f"the term ends on {_day(told['ends_at'], zone)}, which weighs the rest",
    CAPPED: lambda told, _: (
        f"{FAMILIES.get(told['family']) or escape(told['family'])} never counts more than {told['cap']}"
    ),
    BOUNDED: lambda told, _: f"a risk is never {'above' if told['bound'] else 'below'} {told['bound']}",
}
