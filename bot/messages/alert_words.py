"""What an alert says: why it was opened and how it ended, as mrkdwn with foreign text escaped."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.exits import reasons
from bot.messages import risk_words
from bot.messages.blocks import escape, link
from bot.messages.words import amounts, capital, day, person, quoted
from bot.money import display
from bot.risk.quiet import NoRisk
from bot.risk.rules import RULES, Family
from bot.risk.triggers import AtRisk, CancelScheduled, Ending, PaymentFailed
from bot.telling.told import counted
from storage.alerts import Alert, Part, Plain
from storage.facts import CancelKind

COMMENT = 300
ENDINGS: Mapping[str, str] = {
    Ending.PAID: "Paid on {day}",
    Ending.VOIDED: "The invoice was voided",
    Ending.GIVEN_UP: "The invoice was given up as uncollectible",
    Ending.UNDER_WAY: "Another payment is under way",
    Ending.TRIED_AGAIN: "It failed once, and is tried again by itself",
    Ending.LEFT: "They left on {day}",
    Ending.WITHDRAWN: "The cancellation was withdrawn",
    Ending.MOVED: "The cancellation was moved to {day}",
    Ending.EASED: "The risk fell",
    Ending.TURNED_OFF: "This sign no longer counts, by the settings",
    Ending.ELSEWHERE: "Another card tells of it now",
    Ending.DISMISSED: "No risk",
    Ending.OBJECT_GONE: "It is no longer in billing",
    Ending.ACCOUNT_GONE: "The account was deleted in billing",
}


NEXT: Mapping[Family, str] = {
    Family.INTENT: "ask them what they need to stay, before they decide.",
    Family.PAYMENT: "ask them for a way to pay that works.",
    Family.CONTRACTION: "ask what they no longer need, and why.",
    Family.PRICE: "tell them of the new price before the bill does.",
    Family.TRIAL: "ask whether they will stay, and for a way to pay.",
    Family.TROUBLE: "settle what they complain of, and say so to them.",
    Family.USE: "ask what changed in their work, and show what they paid for.",
    Family.RELATION: "find out who decides there now, and meet them.",
}
NO_RISK: Mapping[str, str] = {
    NoRisk.KNOWN: "We know, and it is in hand",
    NoRisk.WRONG: "The data is wrong",
    NoRisk.SETTLED: "Already settled with them",
    NoRisk.SMALL: "Too small to matter",
    NoRisk.OTHER: "Another reason",
}


def reason(alert: Alert, zone: ZoneInfo) -> str:
    """What worries, with its evidence, the gravest first; further lines tell of further causes."""
    told = [part for part in alert.parts if part.rule != AtRisk.id]
    return "\n".join(part_reason(part, zone) for part in told) or _score(alert, zone)


def _score(alert: Alert, zone: ZoneInfo) -> str:
    """One sign by its words; several by their sum."""
    risk = alert.evidence.get("risk") or {}
    signs = [one for one in risk.get("reasons", ()) if one["points"] > 0]
    if len(signs) != 1:
        return part_reason(alert.parts[0], zone)
    said = risk_words.worded(signs[0], zone)
    return f"{capital(said)}: risk {risk['score']} of 100"


def next_step(alert: Alert, zone: ZoneInfo) -> str:
    """What to do about what it tells first."""
    told = alert.evidence
    match alert.rule:
        case PaymentFailed.id:
            url = str(told.get("url") or "")
            page = link(url, "the page to pay") if url.startswith("https://") else "a way to pay"
            before = f" before the next try on {_day(told['next_attempt_at'], zone)}" if told["next_attempt_at"] else ""
            return f"send them {page}{before}."
        case CancelScheduled.id:
            return f"call them before {_day(told['ends_at'], zone)}; if they go, `/exit-interview` keeps why."
        case _:
            reasons = (told.get("risk") or {}).get("reasons") or ()
            families = [RULES[one["rule"]].family for one in reasons if one["rule"] in RULES]
            return next((NEXT[one] for one in families if one in NEXT), "call whoever knows them best.")


def part_reason(part: Part, zone: ZoneInfo) -> str:
    """What worries by one rule."""
    return REASONS[part.rule](part.told, zone) if part.rule in REASONS else escape(part.rule.replace("_", " "))


def outcome(alert: Alert, zone: ZoneInfo) -> str:
    """How a closed alert ended."""
    told = alert.outcome or {}
    if told.get("ending") == Ending.DISMISSED:
        why = NO_RISK.get(told["why"], NO_RISK[NoRisk.OTHER])
        note = f" ({quoted(told['note'], COMMENT)})" if told["note"] else ""
        return f"{person(told['by'])} sees no risk. {why}{note}"
    return ending(told, zone)


def ending(told: Plain, zone: ZoneInfo) -> str:
    """How a cause ended."""
    return ENDINGS.get(told.get("ending", ""), "It is over").format(day=_day(told.get("at"), zone))


def _payment_failed(told: Plain, zone: ZoneInfo) -> str:
    amount, next_attempt = display(told["amount"], told["currency"]), told["next_attempt_at"]
    following = f"next try {_day(next_attempt, zone)}" if next_attempt else "no further try"
    said = f"Payment of {amount} {risk_words.failed(told['attempts'], told['code'])}, {following}"
    return said + _more_invoices(told["rest"])


def _more_invoices(rest: Plain | None) -> str:
    if not rest:
        return ""
    return f"\nand {counted(rest['count'], 'more invoice')}, {amounts(rest['amounts'])} together"


def _cancel_scheduled(told: Plain, zone: ZoneInfo) -> str:
    kind = told["kind"]
    why = reasons.in_words(told["reason"], CancelKind(kind) if kind else None)
    said = [escape(why, 60) if why else "no reason given"]
    if told["comment"]:
        said.append(quoted(told["comment"], COMMENT))
    when = _day(told["ends_at"], zone)
    return f"Cancellation scheduled for {when} ({': '.join(said)}){_more_cancellations(told['rest'], zone)}"


def _more_cancellations(rest: Plain | None, zone: ZoneInfo) -> str:
    if not rest:
        return ""
    last = _day(rest["last"], zone)
    if rest["count"] == 1:
        return f"\nand 1 more subscription ends on {last}"
    return f"\nand {rest['count']:,} more subscriptions end, the last on {last}"


def _day(at: Any, zone: ZoneInfo) -> str:
    """Of an instant, or of a day."""
    if not at:
        return ""
    return day(datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at), zone)


REASONS: Mapping[str, Callable[[Plain, ZoneInfo], str]] = {
    PaymentFailed.id: _payment_failed,
    CancelScheduled.id: _cancel_scheduled,
    AtRisk.id: lambda told, _: f"Several signs together: risk {told['score']} of 100",
}
