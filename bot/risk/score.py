"""The risk of an account: points of what was found, capped by family, whose reasons always sum to the score."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from operator import attrgetter
from typing import NamedTuple

from bot.risk.evidence import Evidence
from bot.risk.rules import CAPS, RULES, Family, Finding, Rule, renewal
from bot.risk.windows import RENEWAL
from storage.alerts import Plain

LEAST, MOST = 0, 100
CAPPED, BOUNDED = "capped", "bounded"
# B17: how much more the rest weighs when a long term ends within each step of its window; it never counts alone.
MORE = (Decimal("0.30"), Decimal("0.20"), Decimal("0.10"))


class _Asked:
    """Rules by the field of `Evidence` that they look at, all of which are looked at in one go: most are empty."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_field: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            by_field[rule.looks_at].append(rule)
        self._rules, self._fields = list(by_field.values()), attrgetter(*by_field)

    def of(self, account: Evidence) -> list[Rule]:
        seen = self._fields(account)
        if not any(seen):
            return []
        return [rule for something, rules in zip(seen, self._rules, strict=True) if something for rule in rules]


AGAINST = _Asked(rule for rule in RULES.values() if rule.family is not Family.FAVOUR)
FAVOUR = _Asked(rule for rule in RULES.values() if rule.family is Family.FAVOUR)


class Reason(NamedTuple):
    """One line of a score: a rule's id, or what a cap took off; `told` are the values for its words."""

    rule: str
    points: int
    told: Plain
    objects: tuple[str, ...] = ()


class Risk(NamedTuple):
    """From 0 (nothing speaks against staying) to 100; the reasons sum to the score, the weightiest first.

    `hard` are rules that worry whatever the score is.
    """

    account_id: str
    score: int
    reasons: tuple[Reason, ...]
    hard: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


def assess(account: Evidence, points: Mapping[str, Sequence[int]] | None = None) -> Risk:
    """What the rules find; `points` replace those of rules by id."""
    against = _found(AGAINST, account, points or {})
    if not against:  # so there is nothing to weigh
        return Risk(account.account_id, 0, (), (), tuple(sorted(account.stale)))
    by_family: defaultdict[Family, list[Reason]] = defaultdict(list)
    for rule, found in against:
        by_family[rule.family].append(Reason(rule.id, found.points, found.told, found.objects))
    hard = [rule.id for rule, found in against if rule.hard and found.hard]
    time = by_family.pop(Family.TIME, [])
    favour = [
        Reason(rule.id, found.points, found.told, found.objects)
        for rule, found in _found(FAVOUR, account, points or {})
    ]
    signs = [one for family, reasons in by_family.items() for one in _capped(family, reasons)]
    reasons = [*signs, *_weighed(account, sum(one.points for one in signs)), *time, *favour]
    total = sum(one.points for one in reasons)
    score = min(max(total, LEAST), MOST)
    if score != total:
        reasons.append(Reason(BOUNDED, score - total, {"bound": score}))
    reasons.sort(key=lambda one: (one.rule in (CAPPED, BOUNDED), one.rule == BOUNDED, -one.points, one.rule))
    return Risk(account.account_id, score, tuple(reasons), tuple(hard), tuple(sorted(account.stale)))


def _found(asked: _Asked, account: Evidence, points: Mapping[str, Sequence[int]]) -> list[tuple[Rule, Finding]]:
    """What those of some rules find that are to be asked of an account."""
    found = [(rule, rule.find(account, points.get(rule.id, rule.points))) for rule in asked.of(account)]
    return [(rule, one) for rule, one in found if one is not None and one.points]


def _capped(family: Family, reasons: Sequence[Reason]) -> list[Reason]:
    cap, total = CAPS.get(family, MOST), sum(one.points for one in reasons)
    over = [Reason(CAPPED, cap - total, {"family": family.value, "cap": cap})] if total > cap else []
    return [*reasons, *over]


def _weighed(account: Evidence, total: int) -> list[Reason]:
    """B17, told as a line of points."""
    near = renewal(account)
    if near is None or total <= 0:
        return []
    ends_at, subscription_id = near
    steps = zip(account.windows[RENEWAL], MORE, strict=True)
    share = next((more for days, more in steps if ends_at - account.now <= timedelta(days=days)), None)
    points = int((total * share).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) if share else 0
    told = {"ends_at": ends_at.isoformat()}
    return [Reason(RENEWAL, points, told, (subscription_id,))] if points else []
