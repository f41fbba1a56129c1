"""What people said of cards: by sign, how many of the cards that it stood on were called no risk."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from bot.risk.quiet import NoRisk, is_dismissed
from storage import alerts
from storage.alerts import Alert

FALSE_ALARMS = (NoRisk.WRONG, NoRisk.SMALL, NoRisk.OTHER)  # what is known or settled was worth the call
FEWEST, TOO_MANY = 20, 60  # cards from which a share says anything, and percent of them


@dataclass(frozen=True, slots=True)
class Label:
    """Of so many closed `cards`, `false` were called no risk."""

    cards: int
    false: int

    @property
    def weighs_too_much(self) -> bool:
        return self.cards >= FEWEST and 100 * self.false > TOO_MANY * self.cards


def labels(session: Session) -> Mapping[str, Label]:
    """By the rule that found a sign, of all cards that were closed."""
    cards: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for alert in alerts.closed_since(session, datetime.min.replace(tzinfo=UTC)):
        cards.update(_signs(alert))
        if is_dismissed(alert) and (alert.outcome or {}).get("why") in FALSE_ALARMS:
            false.update(_signs(alert))
    return {rule: Label(count, false[rule]) for rule, count in sorted(cards.items())}


def _signs(alert: Alert) -> set[str]:
    reasons = (alert.evidence.get("risk") or {}).get("reasons") or ()
    return {one["rule"] for one in reasons if one["points"] > 0}
