"""The fitted survival curve, against the figures that its authors published and against lives drawn from known ones."""

from collections import Counter
from datetime import date
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.survival import Curve, Tenures, fit, whole_months

# Fader and Hardie 2007, table 1 and section 3: of a thousand customers, those left after each year
REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)


def left(survivors: tuple[int, ...]) -> Tenures:
    lost = [before - after for before, after in pairwise(survivors)]
    return Tenures(dict(enumerate(lost)), {len(lost): survivors[-1]})


@pytest.mark.parametrize(("survivors", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)])
def test_the_published_parameters_are_found(survivors: tuple[int, ...], alpha: float, beta: float) -> None:
    found = fit(left(survivors))

    assert (round(found.alpha, 3), round(found.beta, 3)) == (alpha, beta)


def test_the_curve_begins_with_all_and_falls() -> None:
    curve = Curve(0.7, 1.2)
    shares = [curve.survival(month) for month in range(60)]

    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    assert round(shares[1], 6) == round(1.2 / 1.9, 6)


@given(st.floats(0.5, 3), st.floats(1, 20), st.integers(0, 999))
def test_lives_drawn_from_a_curve_give_it_back(alpha: float, beta: float, seed: int) -> None:
    curve = fit(lives(Random(seed), alpha, beta, 4000))
    known = Curve(alpha, beta)

    for month in (6, 12, 24):
        assert abs(curve.survival(month) - known.survival(month)) < 0.06  # of 4,000 lives, drawn at random


def lives(rng: Random, alpha: float, beta: float, count: int) -> Tenures:
    """Stays that began up to two years ago, each with a chance to leave of its own."""
    ended, running = Counter[int](), Counter[int]()
    for _ in range(count):
        chance, seen = rng.betavariate(alpha, beta), rng.randrange(24)
        stayed = next((month for month in range(seen) if rng.random() < chance), None)
        (running if stayed is None else ended)[seen if stayed is None else stayed] += 1
    return Tenures(ended, running)


def test_one_rate_for_all_is_within_reach() -> None:
    ended = {month: round(10_000 * 0.1 * 0.9**month) for month in range(40)}
    curve = fit(Tenures(ended, {40: 10_000 - sum(ended.values())}))

    assert abs(curve.survival(12) - 0.9**12) < 0.005


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
        (date(2025, 11, 20), date(2026, 11, 19), 11),
    ],
)
def test_months_are_whole(start: date, end: date, months: int) -> None:
    assert whole_months(start, end) == months
