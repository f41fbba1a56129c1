"""What there is to worry about now: all causes taken together by account, of each rule the first told whole.

An account with a thousand unpaid invoices that is to leave besides is one trouble, not a thousand.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from bot.risk import tuning
from bot.risk.rules import RULES, Rule
from bot.risk.triggers import TRIGGERS, Cause, Outlook
from storage import departures
from storage.alerts import Part, Plain
from storage.pseudonyms import is_pseudonym
from storage.risks import Assessed

TOLD = ("told", "courses")  # what rules look at that comes beside billing, and may stop coming


@dataclass(frozen=True, slots=True)
class Worry:
    """All causes of one rule at one account; the first of them is told whole, the others in a line."""

    causes: tuple[Cause, ...]

    @property
    def lead(self) -> Cause:
        return self.causes[0]

    @property
    def part(self) -> Part:
        rest = self.causes[1:]
        told = TRIGGERS[self.lead.rule].rest(rest) if rest else None
        evidence = {**self.lead.evidence, "cause": self.lead.key, "rest": told}
        evidence["causes"] = sorted(_short(cause.key) for cause in self.causes)
        return Part(self.lead.rule, self.lead.account_id, self.lead.object_id, evidence)

    def covers(self, part: Part) -> bool:
        """Whether what was told first of all still stands."""
        return any(cause.key == part.told["cause"] for cause in self.causes)

    def beside(self, part: Part) -> "Worry | None":
        """What is here that was not told."""
        told = part.told.get("causes")
        new = tuple(cause for cause in self.causes if told is not None and _short(cause.key) not in told)
        return Worry(new) if new else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """All worries about one account, the gravest first."""

    worries: tuple[Worry, ...]
    risk: Assessed | None = None

    @property
    def lead(self) -> Cause:
        return self.worries[0].lead

    @property
    def since(self) -> datetime:
        """When the newest cause began."""
        return max(cause.since for worry in self.worries for cause in worry.causes)

    @property
    def ends_at(self) -> datetime | None:
        """When the account first loses something."""
        ends = (cause.ends_at for worry in self.worries for cause in worry.causes)
        return min((at for at in ends if at), default=None)

    def by_rule(self) -> dict[str, Worry]:
        return {worry.lead.rule: worry for worry in self.worries}


def troubles(session: Session, now: datetime, by: Outlook | None = None) -> dict[str, Trouble]:
    """By account; what ends first leads among the causes of a rule, else what began first.

    They are looked for `by` the tuning in force and the risks that are kept, unless others are to be tried. Who left
    may owe a debt, but is nobody who could be kept.
    """
    by = by or Outlook(tuning.latest(session))
    found: defaultdict[str, list[Worry]] = defaultdict(list)
    for rule in (one for one in TRIGGERS.values() if not one.is_off(by.chosen.tuning)):
        by_account: defaultdict[str, list[Cause]] = defaultdict(list)
        for cause in rule.causes(session, now, by):
            if not is_pseudonym(cause.account_id):  # nobody can call whom was erased
                by_account[cause.account_id].append(cause)
        for account_id, causes in by_account.items():
            found[account_id].append(Worry(tuple(sorted(causes, key=_order))))
    for account_id in departures.gone(session, found.keys(), now):
        del found[account_id]
    assessed = by.of(session, sorted(found))
    return {account_id: Trouble(tuple(worries), assessed.get(account_id)) for account_id, worries in found.items()}


def together(parts: list[Part], risk: Assessed | None) -> Part:
    """The first of some parts, with the others and the risk in its evidence: what an alert keeps."""
    lead, *others = parts
    also = [{"rule": one.rule, "object_id": one.object_id, "told": bare(one)} for one in others]
    return Part(lead.rule, lead.account_id, lead.object_id, {**bare(lead), "also": also, "risk": _told(risk)})


def bare(part: Part) -> Plain:
    """What a part tells by itself."""
    return {name: value for name, value in part.told.items() if name not in ("also", "risk")}


def _told(risk: Assessed | None) -> Plain | None:
    """A risk as an alert keeps it; None before the account was assessed."""
    if risk is None:
        return None
    reasons = [
        {"rule": one["rule"], "points": one["points"], "told": one["told"]}
        | ({"objects": one["objects"]} if one["rule"] in RULES and _is_known_by_objects(RULES[one["rule"]]) else {})
        for one in risk.reasons
    ]
    since = risk.day.isoformat() if risk.day else None
    told: dict[str, Any] = {"score": risk.score, "before": risk.before, "day": since, "hard": risk.hard}
    told |= {"worth": risk.worth, "committed": risk.committed, "overdue": risk.overdue, "likely": risk.likely}
    told |= {"stale": list(risk.stale)}
    return {**told, "reasons": reasons}


def _is_known_by_objects(rule: Rule) -> bool:
    """Whether it matters later what a reason was about: another dispute is another reason, a signal may stop coming."""
    return rule.hard or rule.looks_at in TOLD


def _short(key: str) -> str:
    """Enough of a cause's key to know it again: an account may have a thousand."""
    return sha256(key.encode()).hexdigest()[:8]


def _order(cause: Cause) -> tuple[datetime, str]:
    return cause.ends_at or cause.since, cause.key
