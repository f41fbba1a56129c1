"""What there is to worry about now: the causes of all rules, taken together by account and rule.

An account with a thousand unpaid invoices is one worry, not a thousand.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.risk.triggers import TRIGGERS, Cause
from storage import risks
from storage.alerts import Alert, Plain
from storage.risks import Assessed

Place = tuple[str, str]  # rule and account id


@dataclass(frozen=True, slots=True)
class Worry:
    """All causes of one rule at one account; the first of them is told whole, the others in a line."""

    causes: tuple[Cause, ...]
    risk: Assessed | None = None

    @property
    def lead(self) -> Cause:
        return self.causes[0]

    @property
    def since(self) -> datetime:
        """When the newest cause began."""
        return max(cause.since for cause in self.causes)

    @property
    def ends_at(self) -> datetime | None:
        """When the account first loses something."""
        return min((cause.ends_at for cause in self.causes if cause.ends_at), default=None)

    @property
    def evidence(self) -> Plain:
        rest = self.causes[1:]
        told = TRIGGERS[self.lead.rule].rest(rest) if rest else None
        return {**self.lead.evidence, "cause": self.lead.key, "rest": told, "risk": _told(self.risk)}

    def covers(self, alert: Alert) -> bool:
        """Whether this is still what the alert is about: not when what it tells of came back as another cause."""
        told = alert.evidence["cause"]
        return all(cause.key == told or cause.object_id != alert.object_id for cause in self.causes)


def worries(session: Session, now: datetime) -> dict[Place, Worry]:
    """By rule and account; what ends first leads, else what began first."""
    found: defaultdict[Place, list[Cause]] = defaultdict(list)
    for rule in TRIGGERS.values():
        for cause in rule.causes(session, now):
            found[place_of(cause)].append(cause)
    assessed = risks.with_ids(session, sorted({account_id for _, account_id in found}))
    return {
        (rule, account_id): Worry(tuple(sorted(causes, key=_order)), assessed.get(account_id))
        for (rule, account_id), causes in found.items()
    }


def place_of(about: Cause | Alert) -> Place:
    return about.rule, about.account_id


def _told(risk: Assessed | None) -> Plain | None:
    """A risk as an alert keeps it; None before the account was assessed."""
    if risk is None or risk.assessed_at is None:
        return None
    reasons = [{"rule": one["rule"], "points": one["points"], "told": one["told"]} for one in risk.reasons]
    since = risk.day.isoformat() if risk.day else None
    return {"score": risk.score, "before": risk.before, "day": since, "hard": risk.hard, "reasons": reasons}


def _order(cause: Cause) -> tuple[datetime, str]:
    return cause.ends_at or cause.since, cause.key
