"""The metrics policy in force: the one that was chosen last and is kept in the database, the same for every process."""

from dataclasses import replace

from sqlmodel import Session

from bot.ledger import LedgerRules
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.presets import policy_of
from storage import policies


def policy_in_force(session: Session, otherwise: MetricsPolicy = KAHVI) -> MetricsPolicy:
    """The policy that was chosen last, or the other one while nobody has chosen."""
    chosen = policies.in_force(session)
    return policy_of(chosen.policy) if chosen else otherwise


def rules_in_force(session: Session, rules: LedgerRules) -> LedgerRules:
    """The same rules by the policy in force."""
    return replace(rules, policy=policy_in_force(session, rules.policy))
