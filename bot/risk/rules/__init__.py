"""The registry of rules: what speaks for and against an account staying, each by stored evidence, in points.

To add a rule, write a function from `Evidence` to a `Finding` in the module of its kind, with its entry; its words go
to `bot.messages.risk_words`. Points say how much a sign weighs, not how likely it is that an account leaves.
"""

from collections.abc import Mapping

from bot.risk.rules import beside, intent, payment, revenue, standing  # noqa: F401 - they enter their rules
from bot.risk.rules.rule import CAPS, REGISTRY, Family, Finding, Rule
from bot.risk.rules.standing import renewal

RULES: Mapping[str, Rule] = dict(sorted(REGISTRY.items(), key=lambda found: list(Family).index(found[1].family)))

__all__ = ["CAPS", "RULES", "Family", "Finding", "Rule", "renewal"]
