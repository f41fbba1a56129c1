"""Points learned from the workspace's own past: a discrete-time hazard model, told as points like those of the rules.

A logistic regression with a penalty (L2) on which rules had found something on a day, of the odds to be lost within
thirty days. Its weights are told as points of which twenty double the odds, so a score is a sum of reasons as ever. It
is fitted on the earlier part of the past, and wins only if on the later one the lower bound of its AUC lies above the
AUC of the points in force, and above chance.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import exp, log

from bot.risk.backtest import Snapshot
from bot.risk.calibration import auc_of, divided
from bot.risk.replay import NOT_REPLAYED
from bot.risk.rules import RULES, Family
from bot.risk.tuning import Tuning

PENALTY = 1.0
ROUNDS = 25
DOUBLES = 20  # points that double the odds
MOST = 100
HALF = Decimal("0.5")  # of the pairs, by chance
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """Points by rule, and how they did on later days beside those in force; `low` is the lower bound of their AUC."""

    points: Mapping[str, int]
    auc: Decimal
    low: Decimal
    auc_of_points: Decimal

    @property
    def wins(self) -> bool:
        return self.low > max(self.auc_of_points, HALF)

    def tuned(self, before: Tuning) -> Tuning:
        """The points in force with those that were learned in their place; what was not replayed stays as it is."""
        steps = {
            rule: tuple([self.points.get(rule, 0)] * len(RULES[rule].points))
            for rule in RULES
            if rule not in NOT_REPLAYED
        }
        return replace(before, points={**before.points, **steps})


def learn(found: Sequence[Snapshot]) -> Learned:
    """Learn on the earlier days, and compare on the later ones."""
    early, late = divided(found)
    points = _as_points(_weights(early))
    scores = [sum(points.get(rule, 0) for rule in one.rules) for one in late]
    auc, low = auc_of(scores, [one.churned for one in late])
    of_points, _ = auc_of([one.score for one in late], [one.churned for one in late])
    return Learned(points, auc, low, of_points)


def _as_points(weights: Weights) -> dict[str, int]:
    """What a rule may weigh: signs only against an account, what speaks in its favour only for it."""
    found = {}
    for rule, weight in sorted(weights.items()):
        points = round(weight * DOUBLES / log(2))
        favour = RULES[rule].family is Family.FAVOUR
        found[rule] = max(-MOST, min(points, 0)) if favour else max(0, min(points, MOST))
    return {rule: points for rule, points in found.items() if points}


def _weights(found: Iterable[Snapshot]) -> Weights:
    """By Newton's method, over the few combinations of rules that there are."""
    groups: Counter[tuple[tuple[str, ...], bool]] = Counter(
        (tuple(sorted(set(one.rules))), one.churned) for one in found
    )
    rules = sorted({rule for combination, _ in groups for rule in combination if rule in RULES})
    place = {rule: number for number, rule in enumerate(rules, start=1)}
    size = len(rules) + 1
    rows = [
        ([0, *(place[rule] for rule in combination if rule in place)], float(churned), count)
        for (combination, churned), count in sorted(groups.items())
    ]
    weights = [0.0] * size
    for _ in range(ROUNDS):
        slope = [-PENALTY * weight if number else 0.0 for number, weight in enumerate(weights)]
        bend = [[PENALTY if row == column and row else 0.0 for column in range(size)] for row in range(size)]
        bend[0][0] = 1e-9
        for places, churned, count in rows:
            p = 1 / (1 + exp(-max(-30.0, min(sum(weights[one] for one in places), 30.0))))
            for one in places:
                slope[one] += count * (churned - p)
                for other in places:
                    bend[one][other] += count * p * (1 - p)
        step = _solved(bend, slope)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    return dict(zip(rules, weights[1:], strict=True))


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """By elimination with pivots; the matrix is small and, by its penalty, never singular."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            share = rows[row][column] / rows[column][column]
            rows[row] = [one - share * other for one, other in zip(rows[row], rows[column], strict=True)]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (rows[row][size] - known) / rows[row][row]
    return found
