"""From points to the probability of being lost within thirty days, fitted on the workspace's own past; or a refusal.

The map is monotone: pools of adjacent violators (isotonic regression), fitted on the earlier part of the past and
judged on the later one. It is used only if there it tells who leaves, and if what it expects to be lost is what was.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from math import sqrt
from typing import Any, Self

from sqlmodel import Session

from bot.risk import tuning
from bot.risk.backtest import HORIZON, Snapshot
from bot.risk.tuning import UNTUNED, Tuning
from bot.risk.windows import Windows
from storage import tunings
from storage.tunings import CALIBRATION

FEWEST_LOSSES, FEWEST_ROWS = 100, 1_000
FITTED = Decimal("0.7")  # of the days, the earlier ones
FEWEST_IN_POOL = 20
CERTAIN = 2.576  # standard errors: 199 of 200, for it is asked anew every week
GATE = Decimal("0.05")  # of the MRR that was lost
BINS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """From this score on the probability is `p`."""

    score: int
    p: Decimal


@dataclass(frozen=True, slots=True)
class Reliability:
    """Accounts of one range of probabilities: how many, what was expected on average, and what share was lost."""

    low: Decimal
    count: int
    expected: Decimal
    came: Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """How a map did on days that it was not fitted on. `auc` is that of the score itself, `auc_low` its lower bound.

    `expected` and `lost` are MRR in minor units of the base.
    """

    rows: int
    losses: int
    brier: Decimal
    ece: Decimal
    auc: Decimal
    auc_low: Decimal
    expected: Decimal
    lost: Decimal
    table: Sequence[Reliability]

    @property
    def is_off_by(self) -> Decimal | None:
        return abs(self.expected - self.lost) / self.lost if self.lost else None


@dataclass(frozen=True, slots=True)
class Calibration:
    """A map from scores to probabilities, fitted on so many account-days up to a day.

    `points` and `windows` are those of the rules by which scores were reckoned, where people set them otherwise.
    """

    steps: Sequence[Step]
    rows: int
    losses: int
    until: date
    points: Mapping[str, Sequence[int]] = field(default_factory=dict)
    windows: Windows = field(default_factory=dict)

    def p(self, score: int) -> Decimal:
        """The probability of being lost within thirty days."""
        return next((one.p for one in reversed(self.steps) if score >= one.score), Decimal(0))

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        steps = [[one.score, str(one.p)] for one in self.steps]
        told = {"steps": steps, "rows": self.rows, "losses": self.losses, "until": self.until.isoformat()}
        return {**told, "points": _lists(self.points), "windows": _lists(self.windows)}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        steps = [Step(score, Decimal(p)) for score, p in told["steps"]]
        by = _tuples(told["points"]), _tuples(told.get("windows") or {})
        return cls(steps, told["rows"], told["losses"], date.fromisoformat(told["until"]), *by)

    def is_of(self, tuning: Tuning) -> bool:
        """Whether it was fitted on scores by the points and windows of this tuning."""
        return (self.points, self.windows) == (_tuples(tuning.points), _tuples(tuning.windows))


def _lists(steps: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    return {name: list(these) for name, these in steps.items()}


def _tuples(steps: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(these) for name, these in steps.items()}


@dataclass(frozen=True, slots=True)
class Model:
    """What came of fitting: a map that may be used, or why there is none; `judged` where one could be judged."""

    calibration: Calibration | None
    refusal: str | None
    judged: Judged | None = None


def in_force(session: Session, by: Tuning | None = None) -> Calibration | None:
    """The map from scores to probabilities; None while there is none that may be used.

    One that was fitted on scores by another tuning than is in force now says nothing of the present ones.
    """
    chosen = tunings.in_force(session, CALIBRATION)
    if not chosen or not chosen.tuning:
        return None
    found = Calibration.of(chosen.tuning)
    return found if found.is_of(by or tuning.in_force(session)) else None


def fitted(found: Sequence[Snapshot], by: Tuning = UNTUNED) -> Model:
    """Fit on the earlier days and judge on the later ones; what is used in the end is fitted on all of them.

    The scores were reckoned `by` a tuning.
    """
    losses = sum(one.churned for one in found)
    if losses < FEWEST_LOSSES or len(found) < FEWEST_ROWS:
        return Model(
            None,
            (
                f"There are {losses:,} losses in {len(found):,} account-days of your past; a likelihood takes at least "
                f"{FEWEST_LOSSES} and {FEWEST_ROWS:,}. Scores stay points."
            ),
        )
    early, late = divided(found)
    if not early:
        return Model(None, "Your past is too short to be divided in two. Scores stay points.")
    judged = judge(isotonic(early), late)
    if refusal := _refusal(judged):
        return Model(None, refusal, judged)
    return Model(replace(isotonic(found), points=by.points, windows=by.windows), None, judged)


def divided(found: Sequence[Snapshot]) -> tuple[list[Snapshot], list[Snapshot]]:
    """Those of the earlier days, and those of the later ones on which what was learned is judged.

    Between them lie days whose outcome was only known on later ones: they are in neither.
    """
    days = sorted({one.day for one in found})
    border = days[int(len(days) * FITTED)]
    return [one for one in found if one.day + HORIZON <= border], [one for one in found if one.day >= border]


def isotonic(found: Sequence[Snapshot]) -> Calibration:
    """The monotone map with the least squared error: neighbours that fall are pooled, and so are very few rows."""
    pools: list[tuple[int, int, int]] = []  # first score, rows, losses
    ranked = sorted(found, key=lambda one: one.score)
    for score, same in groupby(ranked, key=lambda one: one.score):
        churned = [one.churned for one in same]
        pools.append((score, len(churned), sum(churned)))
        while len(pools) > 1 and pools[-2][2] * pools[-1][1] >= pools[-1][2] * pools[-2][1]:
            _, more, lost = pools.pop()
            first, rows_before, lost_before = pools.pop()
            pools.append((first, rows_before + more, lost_before + lost))
    while len(pools) > 1 and any(rows < FEWEST_IN_POOL for _, rows, _ in pools):
        small = min(range(len(pools)), key=lambda place: pools[place][1])
        first = max(small - 1, 0)
        (score, rows, lost), (_, more, others) = pools[first : first + 2]
        pools[first : first + 2] = [(score, rows + more, lost + others)]
    steps = [Step(score, Decimal(lost) / rows) for score, rows, lost in pools]
    return Calibration(steps, len(found), sum(one.churned for one in found), max(one.day for one in found))


def judge(calibration: Calibration, found: Sequence[Snapshot]) -> Judged:
    """How the map does on these."""
    told, count = [(calibration.p(one.score), one) for one in found], max(len(found), 1)
    table = _table(told)
    brier = sum(((p - one.churned) ** 2 for p, one in told), Decimal(0)) / count
    ece = sum((one.count * abs(one.expected - one.came) for one in table), Decimal(0)) / count
    auc, low = auc_of([one.score for one in found], [one.churned for one in found])
    return Judged(
        len(found),
        sum(one.churned for one in found),
        brier,
        ece,
        auc,
        low,
        sum((p * one.worth for p, one in told), Decimal(0)),
        sum((one.lost for one in found if one.churned), Decimal(0)),
        table,
    )


def _refusal(judged: Judged) -> str | None:
    if judged.auc_low <= Decimal("0.5"):
        return (
            "On the later part of your past the points do not tell who leaves: of one account that left and one that "
            f"stayed they name the right one {judged.auc * 100:.0f} times in a hundred. Scores stay points."
        )
    off = judged.is_off_by
    if off is None or off > GATE:
        said = "nothing was lost" if off is None else f"it is off by {off * 100:.0f} % of the MRR that was lost"
        return f"On the later part of your past {said}; at most {GATE * 100:.0f} % is taken. Scores stay points."
    return None


def _table(told: Sequence[tuple[Decimal, Snapshot]]) -> list[Reliability]:
    rows = []
    for number in range(BINS):
        low, high = Decimal(number) / BINS, Decimal(number + 1) / BINS
        same = [(p, one.churned) for p, one in told if low <= p < high or (number == BINS - 1 and p == 1)]
        if same:
            expected = sum((p for p, _ in same), Decimal(0)) / len(same)
            rows.append(Reliability(low, len(same), expected, Decimal(sum(came for _, came in same)) / len(same)))
    return rows


def auc_of(scores: Sequence[int], churned: Sequence[bool]) -> tuple[Decimal, Decimal]:
    """The share of pairs in which who left had the higher score, and its lower bound (Hanley and McNeil, 1982)."""
    left = Counter(score for score, gone in zip(scores, churned, strict=True) if gone)
    stayed = Counter(score for score, gone in zip(scores, churned, strict=True) if not gone)
    many, others = left.total(), stayed.total()
    if not many or not others:
        return Decimal("0.5"), Decimal(0)
    pairs = below = 0
    for score in sorted({*left, *stayed}):
        pairs += left[score] * (2 * below + stayed[score])
        below += stayed[score]
    auc = pairs / (2 * many * others)
    one, two = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (many - 1) * (one - auc * auc) + (others - 1) * (two - auc * auc)
    error = sqrt(max(spread, 0.0) / (many * others))
    return Decimal(f"{auc:.6f}"), Decimal(f"{auc - CERTAIN * error:.6f}")
