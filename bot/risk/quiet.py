"""Alerts that people quieten: for a while, or because they see no risk; and what makes them speak up again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.business_days import BusinessDays
from bot.clock import local_day
from bot.risk.rules import RULES
from bot.risk.triggers import Ending, ended
from storage.alerts import Alert, Plain

WORSE = 15  # points
CLAIMED_FOR = 5  # business days, after which somebody has to say again that they are on it
MORE = Decimal("1.25")  # times the MRR that was at risk
DISMISSED_FOR = timedelta(days=90)  # by a score alone: what it is made of is something else by then
LONGEST = timedelta(days=30)
MRR = ("worth", "committed", "overdue")
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
    rules = [one["rule"] for one in (alert.evidence.get("risk") or {}).get("reasons", ())]
    wish = {"by": snooze.user, "until": until.isoformat(), "for": snooze.how_long}
    return {**wish, "rules": rules, **_standing(alert.evidence)}


def dismissed(alert: Alert, dismissal: Dismissal) -> Plain:
    """The outcome of an alert that is no risk."""
    said = {"by": dismissal.user, "why": dismissal.why.value, "note": dismissal.note}
    return {**ended(Ending.DISMISSED), **said, **_standing(alert.evidence)}


def has_lapsed(claimed_at: datetime, now: datetime, zone: ZoneInfo, days: BusinessDays) -> bool:
    """Whether `CLAIMED_FOR` business days have passed since a person took an alert on."""
    return days.between(local_day(claimed_at, zone), local_day(now, zone)) >= CLAIMED_FOR


def is_over(snooze: Plain, evidence: Plain, now: datetime) -> bool:
    """Whether a snooze has ended: its time has come, or things got worse."""
    return datetime.fromisoformat(snooze["until"]) <= now or is_worse(snooze, evidence)


def is_dismissed(alert: Alert) -> bool:
    """Whether a person called it no risk."""
    return not alert.is_live and (alert.outcome or {}).get("ending") == Ending.DISMISSED


def stays_dismissed(alert: Alert, evidence: Plain, eased: int, now: datetime) -> bool:
    """Whether a closed alert was called no risk, and that still answers what there is now.

    It does not answer a cause that was not there, nor anything worse. To a score alone it is an answer for ninety days,
    and until it fell below `eased` and rose again.
    """
    if not is_dismissed(alert) or alert.closed_at is None:
        return False
    then, causes = alert.outcome or {}, _causes(evidence)
    if is_worse(then, evidence) or not causes <= set(then.get("causes", causes)):
        return False
    return bool(causes) or not (now - alert.closed_at >= DISMISSED_FOR or _rose_again(evidence, alert.closed_at, eased))


def _named(reason: Plain) -> list[str]:
    """A reason by what it is about, so that another dispute is another reason."""
    return [f"{reason['rule']}:{one}" for one in reason.get("objects") or ()] or [reason["rule"]]


def _rose_again(evidence: Plain, since: datetime, eased: int) -> bool:
    risk = evidence.get("risk") or {}
    before, day = risk.get("before"), risk.get("day")
    return before is not None and before < eased and day is not None and date.fromisoformat(day) > since.date()


def _causes(evidence: Plain) -> set[str]:
    """The invoices and subscriptions that are told of: a score names none."""
    told = [one for one in (evidence, *(one["told"] for one in evidence.get("also") or ())) if "score" not in one]
    return {cause for one in told for cause in one.get("causes", ())}


def got_worse(before: Plain, now: Plain) -> bool:
    """Whether evidence tells of more than it did; what was never assessed tells nothing."""
    return bool(before.get("risk") and now.get("risk")) and is_worse(_standing(before), now)


def is_worse(then: Plain, evidence: Plain) -> bool:
    """By fifteen points, by a hard reason that was not there, or by a quarter more MRR at risk.

    That is all of an account's, what of it is to end, and what of it waits for payments, each by itself.
    """
    now = _standing(evidence)
    more = any(now[kind] > (then.get(kind) or now[kind]) * MORE for kind in MRR)
    known = set(then["hard"])  # earlier versions wrote the rule alone
    hard = any(one not in known and one.partition(":")[0] not in known for one in now["hard"])
    return more or hard or now["score"] >= then["score"] + WORSE


def _standing(evidence: Plain) -> Plain:
    risk = evidence.get("risk") or {"score": 0, "reasons": ()}
    hard = [one for one in risk["reasons"] if one["rule"] in RULES and RULES[one["rule"]].hard]
    named = sorted(name for one in hard for name in _named(one))
    sums = {kind: risk.get(kind) or 0 for kind in MRR}
    return {"score": risk["score"], "hard": named, "causes": sorted(_causes(evidence)), **sums}
