"""How much each sign weighs and from when on an account gets a card, as people of this workspace set it.

A tuning is checked whole before any of it counts: what is wrong is told by field and line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlmodel import Session

from bot.money import amount
from bot.risk.rules import RULES, Family
from bot.risk.windows import LEAST, USE, WINDOWS, Windows, longest
from bot.spelling import nearest
from storage import tunings

ALERT_FROM, CLOSE_BELOW, POINTS, DAYS = "alert_from", "close_below", "points", "windows"
HIGH_VALUE, TOP_SHARE, NAMED = "high_value", "top_share", "named"
MOST = 100
PLACES = 6  # of the least MRR of high value, which settings may give as finely


@dataclass(frozen=True, slots=True)
class Tuning:
    """`points` replace those of rules by id, `windows` for how many days they count (see `bot.risk.windows`).

    An account whose score reaches `alert_from` gets a card, which is closed below `close_below`, if it is of high
    value: with an MRR from `high_value` on (major units of the base, None for that of the settings), among the largest
    that bring `top_share` percent of all, or `named` by a filter.
    """

    points: Mapping[str, Sequence[int]] = field(default_factory=dict)
    alert_from: int = 60
    close_below: int = 45
    high_value: Decimal | None = None
    top_share: int | None = None
    named: str = ""
    windows: Windows = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            POINTS: {rule: list(steps) for rule, steps in self.points.items()},
            DAYS: {rule: list(steps) for rule, steps in self.windows.items()},
            ALERT_FROM: self.alert_from,
            CLOSE_BELOW: self.close_below,
            HIGH_VALUE: None if self.high_value is None else str(self.high_value),
            TOP_SHARE: self.top_share,
            NAMED: self.named,
        }

    def of(self, rule: str) -> Sequence[int]:
        """The points of a rule, as set or as shipped."""
        return self.points.get(rule, RULES[rule].points)

    @property
    def spans(self) -> Windows:
        """All windows, as set or as shipped."""
        return {**WINDOWS, **self.windows}


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
    windows = {
        name: tuple(steps) for name, steps in (told.get(DAYS) or {}).items() if len(steps) == len(WINDOWS.get(name, ()))
    }
    value = amount(told[HIGH_VALUE], PLACES), told.get(TOP_SHARE), told.get(NAMED) or ""
    return Tuning(points, told[ALERT_FROM], told[CLOSE_BELOW], *value, windows)


def typed(tuning: Tuning) -> str:
    """All points as people type them: a line for each rule."""
    return "\n".join(f"{rule} {' '.join(map(str, tuning.of(rule)))}" for rule in RULES)


def typed_windows(tuning: Tuning) -> str:
    """All windows as people type them: a line for each."""
    return "\n".join(f"{name} {' '.join(map(str, steps))}" for name, steps in tuning.spans.items())


def parse(answers: Mapping[str, Any]) -> Tuning | dict[str, str]:
    """What was typed, or what is wrong with it by field."""
    wrong: dict[str, str] = {}
    points = _points(str(answers.get(POINTS) or ""))
    if isinstance(points, str):
        wrong[POINTS] = points
    windows = _windows(str(answers.get(DAYS) or ""))
    if isinstance(windows, str):
        wrong[DAYS] = windows
    alert = _whole(answers.get(ALERT_FROM))
    close = _whole(answers.get(CLOSE_BELOW))
    if alert is None or not 1 <= alert <= MOST:
        wrong[ALERT_FROM] = "Write a whole number from 1 to 100."
    if close is None or not 0 <= close <= MOST:
        wrong[CLOSE_BELOW] = "Write a whole number from 0 to 100."
    elif alert is not None and ALERT_FROM not in wrong and close >= alert:
        wrong[CLOSE_BELOW] = "Write less than the score from which there is a card, or cards would come and go."
    high = amount(answers.get(HIGH_VALUE), PLACES)
    if high is None:
        wrong[HIGH_VALUE] = "Write an amount of 0 or more, such as 500."
    share = _whole(answers.get(TOP_SHARE))
    if answers.get(TOP_SHARE) and (share is None or not 1 <= share <= MOST):
        wrong[TOP_SHARE] = "Write a whole number from 1 to 100, or leave it empty."
    if wrong or isinstance(points, str) or isinstance(windows, str) or alert is None or close is None:
        return wrong
    return Tuning(points, alert, close, high, share, str(answers.get(NAMED) or "").strip(), windows)


Steps = dict[str, tuple[int, ...]]


def _points(text: str) -> Steps | str:
    """Points by rule where they are others than shipped, or what is wrong with a line."""

    def wrong(rule: str, steps: Sequence[int]) -> str | None:
        favour = RULES[rule].family is Family.FAVOUR
        if any(not (-MOST <= one <= 0 if favour else 0 <= one <= MOST) for one in steps):
            return f"{rule} takes numbers from {'-100 to 0' if favour else '0 to 100'}."
        return None if sorted(steps) == list(steps) else f"the steps of {rule} must not fall, as in {{}}."

    return _lines(text, {rule: one.points for rule, one in RULES.items()}, "sign", wrong)


def _windows(text: str) -> Steps | str:
    """Days by window where they are others than shipped, or what is wrong with a line."""

    def wrong(name: str, steps: Sequence[int]) -> str | None:
        if any(not LEAST <= one <= longest(name) for one in steps):
            return f"{name} takes days from {LEAST} to {longest(name)}."
        rising = name == USE or all(one < other for one, other in pairwise(steps))
        return None if rising else f"the days of {name} must rise, as in {{}}."

    return _lines(text, WINDOWS, "window", wrong)


def _lines(
    text: str, usual: Mapping[str, tuple[int, ...]], what: str, wrong: Callable[[str, Sequence[int]], str | None]
) -> Steps | str:
    """Whole numbers by the name before them in each line; those that are as `usual` are left out."""
    found: Steps = {}
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").replace("/", " ").replace("\N{MINUS SIGN}", "-").split()
        if not words:
            continue
        name, *steps = words
        if name not in usual:
            near = nearest(name, usual)
            hint = f"did you mean {near}?" if near else "docs/risk.md lists all."
            return f"Line {number}: {name[:40]} is no {what}; {hint}"
        if name in seen:
            return f"Line {number}: {name} stands twice; leave one out."
        seen.add(name)
        example = " ".join(map(str, usual[name]))
        read = [_whole(step) for step in steps]
        values = tuple(one for one in read if one is not None)
        if len(values) != len(read) or len(read) != len(usual[name]):
            return f"Line {number}: {name} takes {len(usual[name])} whole numbers, such as {example}."
        if said := wrong(name, values):
            return f"Line {number}: {said.format(example)}"
        if values != usual[name]:
            found[name] = values
    return found


def _whole(value: object) -> int | None:
    text = str(value or "").strip()
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    return int(sign + digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 4 else None
