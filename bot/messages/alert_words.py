"""What an alert says: why it was opened and how it ended, as mrkdwn with foreign text escaped."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.exits import reasons
from bot.messages.blocks import escape
from bot.messages.words import day, quoted
from bot.money import display
from bot.risk.rules import CancelScheduled, Ending, PaymentFailed
from storage.alerts import Alert, Plain
from storage.facts import CancelKind

COMMENT = 300
ENDINGS: Mapping[str, str] = {
    Ending.PAID: "Paid on {day}",
    Ending.VOIDED: "The invoice was voided",
    Ending.GIVEN_UP: "The invoice was given up as uncollectible",
    Ending.UNDER_WAY: "Another payment is under way",
    Ending.LEFT: "They left on {day}",
    Ending.WITHDRAWN: "The cancellation was withdrawn",
    Ending.MOVED: "The cancellation was moved to {day}",
    Ending.OBJECT_GONE: "It is no longer in billing",
    Ending.ACCOUNT_GONE: "The account was deleted in billing",
}


def reason(alert: Alert, zone: ZoneInfo) -> str:
    """What worries, with its evidence."""
    return REASONS[alert.rule](alert.evidence, zone) if alert.rule in REASONS else escape(alert.rule.replace("_", " "))


def outcome(alert: Alert, zone: ZoneInfo) -> str:
    """How a closed alert ended."""
    told = alert.outcome or {}
    return ENDINGS.get(told.get("ending", ""), "It is over").format(day=_day(told.get("at"), zone))


def _payment_failed(told: Plain, zone: ZoneInfo) -> str:
    next_attempt = told["next_attempt_at"]
    following = f"next try {_day(next_attempt, zone)}" if next_attempt else "no further try"
    return f"Payment of {display(told['amount'], told['currency'])} failed: attempt {told['attempts']}, {following}"


def _cancel_scheduled(told: Plain, zone: ZoneInfo) -> str:
    kind = told["kind"]
    why = reasons.in_words(told["reason"], CancelKind(kind) if kind else None)
    said = [escape(why, 60) if why else "no reason given"]
    if told["comment"]:
        said.append(quoted(told["comment"], COMMENT))
    return f"Cancellation scheduled for {_day(told['ends_at'], zone)} ({': '.join(said)})"


def _day(at: Any, zone: ZoneInfo) -> str:
    return day(datetime.fromisoformat(at), zone) if at else ""


REASONS: Mapping[str, Callable[[Plain, ZoneInfo], str]] = {
    PaymentFailed.id: _payment_failed,
    CancelScheduled.id: _cancel_scheduled,
}
