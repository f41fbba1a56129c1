"""How much each sign weighs and from when on an account gets a card, as people of this workspace set it.

A tuning is checked whole before any of it counts: what is wrong is told by field and line.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from sqlmodel import Session

from bot.risk.rules import RULES, Family
from storage import tunings

ALERT_FROM, CLOSE_BELOW, POINTS = "alert_from", "close_below", "points"
HIGH_VALUE, TOP_SHARE, NAMED = "high_value", "top_share", "named"
MOST = 100
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Tuning:
    """`points` replace those of rules by id. An account whose score reaches `alert_from` gets a card, which is closed
    below `close_below`, if it is of high value: with an MRR from `high_value` on (major units of the base, None for
    that of the settings), among the largest that bring `top_share` percent of all, or `named` by a filter.
    """

    points: Mapping[str, Sequence[int]] = field(default_factory=dict)
    alert_from: int = 60
    close_below: int = 45
    high_value: Decimal | None = None
    top_share: int | None = None
    named: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            POINTS: {rule: list(steps) for rule, steps in self.points.items()},
            ALERT_FROM: self.alert_from,
            CLOSE_BELOW: self.close_below,
            HIGH_VALUE: None if self.high_value is None else str(self.high_value),
            TOP_SHARE: self.top_share,
            NAMED: self.named,
        }

    def of(self, rule: str) -> Sequence[int]:
        """The points of a rule, as set or as shipped."""
        return self.points.get(rule, RULES[rule].points)


UNTUNED = Tuning()


@dataclass(frozen=True, slots=True)
class Latest:
    """The tuning in force, since when, and the one before it."""

    tuning: Tuning
    at: datetime
    before: Tuning


def latest(session: Session) -> Latest:
    """The tuning in force with the one that it replaced; as shipped, since ever, while nobody chose any."""
    chosen = [Latest(from_plain(one.tuning), one.chosen_at, UNTUNED) for one in tunings.latest(session, 2)]
    if not chosen:
        return Latest(UNTUNED, datetime.min.replace(tzinfo=UTC), UNTUNED)
    return replace(chosen[0], before=chosen[-1].tuning if len(chosen) > 1 else UNTUNED)


def in_force(session: Session) -> Tuning:
    """The tuning that people chose last; rules that are no more are left alone."""
    chosen = tunings.in_force(session)
    return from_plain(chosen.tuning) if chosen else UNTUNED


def from_plain(told: Mapping[str, Any]) -> Tuning:
    """A tuning as `plain` wrote it."""
    points = {
        rule: tuple(steps)
        for rule, steps in told[POINTS].items()
        if rule in RULES and len(steps) == len(RULES[rule].points)
    }
    value = _money(told[HIGH_VALUE]), told.get(TOP_SHARE), told.get(NAMED) or ""
    return Tuning(points, told[ALERT_FROM], told[CLOSE_BELOW], *value)


def typed(tuning: Tuning) -> str:
    """All points as people type them: a line for each rule."""
    return "\n".join(f"{rule} {' '.join(map(str, tuning.of(rule)))}" for rule in RULES)


def parse(answers: Mapping[str, Any]) -> Tuning | dict[str, str]:
    """What was typed, or what is wrong with it by field."""
    wrong: dict[str, str] = {}
    points = _points(str(answers.get(POINTS) or ""))
    if isinstance(points, str):
        wrong[POINTS] = points
    alert = _whole(answers.get(ALERT_FROM))
    close = _whole(answers.get(CLOSE_BELOW))
    if alert is None or not 1 <= alert <= MOST:
        wrong[ALERT_FROM] = "Write a whole number from 1 to 100."
    if close is None or not 0 <= close <= MOST:
        wrong[CLOSE_BELOW] = "Write a whole number from 0 to 100."
    elif alert is not None and ALERT_FROM not in wrong and close >= alert:
        wrong[CLOSE_BELOW] = "Write less than the score from which there is a card, or cards would come and go."
    high = _money(answers.get(HIGH_VALUE))
    if high is None:
        wrong[HIGH_VALUE] = "Write an amount of 0 or more, such as 500."
    share = _whole(answers.get(TOP_SHARE))
    if answers.get(TOP_SHARE) and (share is None or not 1 <= share <= MOST):
        wrong[TOP_SHARE] = "Write a whole number from 1 to 100, or leave it empty."
    if wrong or isinstance(points, str) or alert is None or close is None:
        return wrong
    return Tuning(points, alert, close, high, share, str(answers.get(NAMED) or "").strip())


def _points(text: str) -> dict[str, tuple[int, ...]] | str:
    found: dict[str, tuple[int, ...]] = {}
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").replace("/", " ").replace("\N{MINUS SIGN}", "-").split()
        if not words:
            continue
        rule, *steps = words
        if rule not in RULES:
            near = get_close_matches(rule, RULES, 1)
            return f"Line {number}: {rule[:40]} is no sign{f'; did you mean {near[0]}?' if near else '.'}"
        if rule in seen:
            return f"Line {number}: {rule} stands twice; leave one out."
        seen.add(rule)
        read = [_whole(step) for step in steps]
        if None in read or len(read) != len(RULES[rule].points):
            return f"Line {number}: {rule} takes {len(RULES[rule].points)} whole numbers, such as {_example(rule)}."
        values = [one for one in read if one is not None]
        favour = RULES[rule].family is Family.FAVOUR
        if any(not (-MOST <= one <= 0 if favour else 0 <= one <= MOST) for one in values):
            return f"Line {number}: {rule} takes numbers from {'-100 to 0' if favour else '0 to 100'}."
        if sorted(values) != values:
            return f"Line {number}: the steps of {rule} must not fall, as in {_example(rule)}."
        if tuple(values) != RULES[rule].points:
            found[rule] = tuple(values)
    return found


def _example(rule: str) -> str:
    return " ".join(map(str, RULES[rule].points))


def _whole(value: object) -> int | None:
    text = str(value or "").strip()
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    return int(sign + digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 4 else None


def _money(value: object) -> Decimal | None:
    """Plain digits only: an amount with an exponent may be of any length when it is shown."""
    text = str(value or "").strip()
    return Decimal(text) if AMOUNT.fullmatch(text) else None
