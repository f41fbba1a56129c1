"""Answers to surveys in a window, counted by what they mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

PROMOTES, PASSIVE = 9, 7  # from these answers on, of 0 to 10
SATISFIED = 4  # from this answer on, of 1 to 5


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Answers to “would you recommend us?”: 9 and 10 promote, 7 and 8 do not care, 0 to 6 detract."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Answers to “how satisfied are you?”, of 1 to 5, and how many of them were 4 or 5."""

    satisfied: int = 0
    answers: int = 0


def recommendations(counted: Iterable[tuple[Decimal, int]]) -> Recommendations:
    """From answers and how often each was given."""
    promoters = passives = detractors = 0
    for answer, count in counted:
        if answer >= PROMOTES:
            promoters += count
        elif answer >= PASSIVE:
            passives += count
        else:
            detractors += count
    return Recommendations(promoters, passives, detractors)


def satisfaction(counted: Iterable[tuple[Decimal, int]]) -> Satisfaction:
    """From answers and how often each was given."""
    given = list(counted)
    return Satisfaction(sum(count for answer, count in given if answer >= SATISFIED), sum(count for _, count in given))
