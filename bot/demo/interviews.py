"""What the demo's team has learned of the customers that left: exit interviews, an ideal customer, and one fix.

Made of what billing heard of each, by a random number that its id begins, so that each start tells the same.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from sqlmodel import Session

from bot import icp
from bot.clock import local_day
from bot.figures import Grounds
from bot.figures.exits import Exit, exits
from bot.icp import Profile
from bot.ledger import LedgerRules
from bot.metrics.periods import span
from storage import exit_interviews, exit_names, fixes
from storage.exit_interviews import Entry, Said
from storage.states import Answer, NameKind

PERIOD = "12m"
ASKED = 0.7  # of those who left
FRESH = timedelta(days=14)  # whoever left since is asked about in the demo itself
IDEAL = Profile("mrr>=300")
FIXED = "SSO"
FEATURES = {
    "missing_feature": ("SSO", "Audit logs", "Offline mode", "API for reports"),
    "competitor": ("SSO", "Mobile app", "API for reports"),
    "quality_bugs": ("Faster reports",),
    "too_complex_onboarding": ("Guided set-up",),
    "low_usage_no_value": ("Guided set-up", "Mobile app"),
}
CAUSES = {
    "price": ("low_usage_no_value", "price", "budget_cut"),
    "competitor": ("missing_feature", "competitor", "support"),
    "missing_feature": ("missing_feature", "missing_feature", "champion_left"),
    "low_usage_no_value": ("would_not_adopt", "champion_left", "low_usage_no_value"),
    "too_complex_onboarding": ("too_complex_onboarding", "not_icp"),
    "other": ("shut_down", "acquired", "project_ended"),
    "quality_bugs": ("quality_bugs",),
    "support": ("support",),
}
RIVALS = ("Brewly", "Pourover HQ", "Grindstone")
BACK = ("A plan for five people", "SSO without the top plan", "Reports that open in a second", "A call with support")
NATURAL = frozenset(("shut_down", "acquired", "project_ended", "would_not_adopt", "not_icp", "budget_cut"))


def learn(session: Session, rules: LedgerRules, people: Sequence[str], now: datetime) -> int:
    """Write it down, by these people; the number of interviews."""
    today = local_day(now, rules.zone)
    asked = span(PERIOD, today)
    assert asked is not None  # noqa: S101 - the words are ours
    found = exits(session, asked, "", Grounds.in_force(session, rules.base, rules.zone))
    count = 0
    for one in found.exits:
        rng = random.Random(one.account_id)  # noqa: S311 - a story, not a secret
        if one.day < today - FRESH and rng.random() < ASKED:
            _interview(session, rng, one, people, now)
            count += 1
    fixes.mark(session, exit_names.id_of(FIXED), people[0], now)
    icp.choose(session, IDEAL, people[0], now)
    icp.keep(session, icp.verdict(session, rules, now), now)
    return count


def _interview(session: Session, rng: random.Random, one: Exit, people: Sequence[str], now: datetime) -> None:
    author = rng.choice(people)
    reason = one.reason if one.reason in CAUSES else rng.choice(list(CAUSES))
    cause = rng.choice(CAUSES[reason])
    features = FEATURES.get(cause) or FEATURES.get(reason, ())
    tags = rng.sample(features, min(len(features), rng.choice((1, 1, 2)))) if features else []
    rival = rng.choice(RIVALS) if "competitor" in (reason, cause) else ""
    natural = cause in NATURAL
    said = Said(
        reason=reason,
        root_cause=cause,
        competitor=exit_names.add(session, NameKind.COMPETITOR, rival, author, now) if rival else "",
        tags=tuple(exit_names.add(session, NameKind.FEATURE, tag, author, now) for tag in tags),
        avoidable=Answer.NO if natural else rng.choice((Answer.YES, Answer.YES, None)),
        left_anyway=Answer.YES if natural else rng.choice((Answer.NO, Answer.UNKNOWN)),
        bring_back="" if natural else rng.choice(BACK),
        ask_again_on=None if natural else one.day + timedelta(days=rng.choice((90, 180, 270))),
        icp_fit=rng.randint(2, 6) if cause == "not_icp" else rng.randint(5, 10),
    )
    at = min(now, now - timedelta(days=(now.date() - one.day).days - rng.randint(1, 9)))
    exit_interviews.save(
        session, Entry(uuid5(NAMESPACE_OID, one.account_id).hex, one.account_id, one.began, author, at, said)
    )
