"""Alerts that people quieten: for a while, or because they see no risk; and what makes them speak up again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.business_days import BusinessDays
from bot.clock import local_day
from bot.risk.rules import RULES
from bot.risk.triggers import Ending
from storage.alerts import Alert, Plain
from storage.states import AlertState

WORSE = 15  # points
CLAIMED_FOR = 5  # business days, after which somebody has to say again that they are on it
MORE = Decimal("1.25")  # times the MRR that was at risk
LONGEST = timedelta(days=30)
RENEWAL = "renewal"
SNOOZES: Mapping[str, timedelta] = {
    "1": timedelta(days=1),
    "3": timedelta(days=3),
    "7": timedelta(days=7),
    RENEWAL: LONGEST,
    "worse": LONGEST,
}


class NoRisk(StrEnum):
    """Why a person sees no risk: labels by which rules are judged later."""

    KNOWN = "known"
    WRONG = "wrong"
    SETTLED = "settled"
    SMALL = "small"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A person's word that an alert is no risk; `note` is what they wrote."""

    user: str
    why: NoRisk
    note: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A person's wish for quiet: for so long as a key of `SNOOZES` says."""

    user: str
    how_long: str


def snoozed(alert: Alert, snooze: Snooze, renewal: datetime | None, now: datetime) -> Plain:
    """What is stored of a snooze: until when, and how things stood, so that worse ones are noticed.

    `renewal` is when the account's period ends.
    """
    until = now + SNOOZES[snooze.how_long]
    if snooze.how_long == RENEWAL and renewal:
        until = min(until, renewal)
    return {"by": snooze.user, "until": until.isoformat(), "for": snooze.how_long, **_standing(alert.evidence)}


def dismissed(alert: Alert, dismissal: Dismissal) -> Plain:
    """The outcome of an alert that is no risk."""
    said = {"by": dismissal.user, "why": dismissal.why.value, "note": dismissal.note}
    return {"ending": Ending.DISMISSED.value, "at": None, **said, **_standing(alert.evidence)}


def has_lapsed(claimed_at: datetime, now: datetime, zone: ZoneInfo, days: BusinessDays) -> bool:
    """Whether five business days have passed since a person took an alert on."""
    return days.between(local_day(claimed_at, zone), local_day(now, zone)) >= CLAIMED_FOR


def is_over(snooze: Plain, evidence: Plain, now: datetime) -> bool:
    """Whether a snooze has ended: its time has come, or things got worse."""
    return datetime.fromisoformat(snooze["until"]) <= now or is_worse(snooze, evidence)


def stays_dismissed(alert: Alert, evidence: Plain) -> bool:
    """Whether a closed alert was called no risk, and nothing got worse since."""
    told = alert.outcome or {}
    closed = alert.state is AlertState.CLOSED and told.get("ending") == Ending.DISMISSED
    return closed and not is_worse(told, evidence)


def got_worse(before: Plain, now: Plain) -> bool:
    """Whether evidence tells of more than it did; what was never assessed tells nothing."""
    return bool(before.get("risk") and now.get("risk")) and is_worse(_standing(before), now)


def is_worse(then: Plain, evidence: Plain) -> bool:
    """By fifteen points, by a hard reason that was not there, or by a quarter more MRR at risk."""
    now, before = _standing(evidence), then.get("worth") or 0
    more = bool(before and now["worth"] > before * MORE)
    return more or now["score"] >= then["score"] + WORSE or not set(now["hard"]) <= set(then["hard"])


def _standing(evidence: Plain) -> Plain:
    risk = evidence.get("risk") or {"score": 0, "reasons": (), "worth": 0}
    hard = sorted(one["rule"] for one in risk["reasons"] if one["rule"] in RULES and RULES[one["rule"]].hard)
    return {"score": risk["score"], "hard": hard, "worth": risk.get("worth") or 0}
