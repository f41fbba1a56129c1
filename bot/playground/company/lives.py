"""Very many accounts' lives, each computed from the company's seed and its number alone, so that none is remembered.

The same seed, day and size give the same company, whatever it is written to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from bot.playground.company import leaving_words, names
from bot.playground.company.profiles import OWNERS, PLACES, SOURCES, Place, Segment
from bot.playground.company.times import SEASON, Happening, Times
from bot.playground.stripe.billing.dates import DAY, add_months, moment

# What a seat costs a month in whole units of any currency; starter has one price for all.
PLANS: Final = {"starter": 29, "team": 15, "business": 29, "enterprise": 49}
MONTHS_PAID_FOR_A_YEAR: Final = 10
CURRENCIES: Final = ("eur", "gbp")  # that are paid in beside dollars
_SEGMENTS: Final[tuple[tuple[Segment, ...], tuple[int, ...]]] = (("smb", "mid-market", "enterprise"), (62, 29, 9))
_FIRST_PLAN: Final = {
    "smb": (("starter", "team"), (55, 45)),
    "mid-market": (("team", "business"), (30, 70)),
    "enterprise": (("business", "enterprise"), (30, 70)),
}
_YEARLY: Final = {"smb": 0.15, "mid-market": 0.25, "enterprise": 0.45}
_SEATS: Final = {"smb": (2, 14), "mid-market": (10, 60), "enterprise": (40, 400)}
_LEAVES: Final = {"smb": 0.017, "mid-market": 0.009, "enterprise": 0.005}  # in a quiet month
_CHAMPION_LEAVES, _WITHOUT_CHAMPION, _MISSED = 0.006, 7.0, 150 * DAY
_NEXT_PLAN: Final = {"starter": "team", "team": "business", "business": "enterprise"}
_GONE: Final = "The colleague who brought you in has left, and nobody else used it."


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on: a plan, so many seats, and what each costs a period in whole cents or pence."""

    at: int
    plan: str
    seats: int
    price: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """When leaving was asked for and when it takes effect; `cause` is what made them, for whoever reads the story."""

    asked: int
    at: int
    feedback: str | None
    comment: str | None
    cause: str


@dataclass(frozen=True)
class Life:
    """One account: who it is, what it paid for, whether and why it left or is to leave; instants in seconds.

    `ill` are days since its present invoice was first tried in vain, None where nothing failed.
    """

    number: int
    name: str
    place: Place
    segment: Segment
    owner: str | None
    source: str
    contact: str
    yearly: bool
    steps: tuple[Step, ...]
    left: Leaving | None
    to_leave: Leaving | None
    champion_left: int | None
    ill: int | None

    @property
    def key(self) -> str:
        return f"{self.number:07d}"

    @property
    def status(self) -> str:
        """Where its subscription stands, in the words of docs/csv.md."""
        return "ended" if self.left else "active" if self.ill is None else "past_due"

    @property
    def began(self) -> int:
        return self.steps[0].at

    @cached_property
    def domain(self) -> str:
        return names.domain(self.name, self.number)


def lives(times: Times) -> Iterator[Life]:
    """All of a company's, one after another."""
    return (life(times, number) for number in range(times.accounts))


def life(times: Times, number: int) -> Life:
    rng = Random(times.seed * 1_000_003 + number)
    segment = rng.choices(*_SEGMENTS)[0]
    place = rng.choice(PLACES)
    yearly = rng.random() < _YEARLY[segment]
    told = _Telling(times, rng, segment, yearly=yearly)
    told.tell(times.began(number), rng.choices(*_FIRST_PLAN[segment])[0])
    return Life(
        number=number,
        name=names.numbered(number, place.city),
        place=place,
        segment=segment,
        owner=None if segment == "smb" and rng.random() < 0.4 else OWNERS[number % len(OWNERS)],
        source=rng.choice(SOURCES),
        contact=names.person(rng),
        yearly=yearly,
        steps=tuple(told.steps),
        left=told.left,
        to_leave=told.to_leave(),
        champion_left=told.champion_left,
        ill=rng.randint(0, 12) if told.left is None and rng.random() < 0.015 else None,
    )


class _Telling:
    """Goes through an account's months."""

    def __init__(self, times: Times, rng: Random, segment: Segment, *, yearly: bool) -> None:
        self.times, self.rng, self.segment, self.yearly = times, rng, segment, yearly
        self.steps: list[Step] = []
        self.left: Leaving | None = None
        self.champion_left: int | None = None

    def tell(self, began: int, plan: str) -> None:
        seats = 1 if plan == "starter" else self.rng.randint(*_SEATS[self.segment])
        self._step(began, plan, seats)
        for month in range(1, self.times.months + 1):
            at = add_months(began, month)
            if at >= self.times.today:
                return
            renews = not self.yearly or month % 12 == 0
            if renews and self._leaves(at):
                return
            if self.champion_left is None and self.rng.random() < _CHAMPION_LEAVES:
                self.champion_left = at - self.rng.randrange(20) * DAY
            self._change(at, renews=renews)

    def _step(self, at: int, plan: str, seats: int, *, raised: bool | None = None) -> None:
        raised = at >= self.times.raised if raised is None else raised
        price = PLANS[plan] * (100 + (self.times.rise if raised else 0))
        self.steps.append(Step(at, plan, seats, price * MONTHS_PAID_FOR_A_YEAR if self.yearly else price))

    def _leaves(self, at: int) -> bool:
        causes = self.times.bearing_on(at, self.segment)
        chance = _LEAVES[self.segment] * (8 if self.yearly else 1)
        for one in causes:
            chance *= one.worse
        alone = self.champion_left is not None and at - self.champion_left < _MISSED
        if self.rng.random() >= chance * (_WITHOUT_CHAMPION if alone else 1):
            return False
        self.left = self._leaving(at - self.rng.randrange(1, 25) * DAY, at, causes, alone=alone)
        return True

    def _leaving(self, asked: int, at: int, causes: list[Happening], *, alone: bool) -> Leaving:
        if alone:
            return Leaving(asked, at, "unused", _GONE if self.rng.random() < 0.6 else None, "champion left")
        if causes and self.rng.random() < 0.6:
            cause = causes[-1]
            return Leaving(asked, at, cause.feedback, self.rng.choice(cause.comments), cause.name)
        return Leaving(asked, at, *leaving_words.parting(self.rng), "their own reasons")

    def _change(self, at: int, *, renews: bool) -> None:
        now, season = self.steps[-1], SEASON[moment(at).month - 1]
        luck, plan, seats = self.rng.random(), now.plan, now.seats
        if plan in _NEXT_PLAN and renews and luck > 0.993:
            plan, seats = _NEXT_PLAN[plan], max(seats, 4)
        elif plan != "starter" and luck < 0.055 * season:
            seats += max(1, round(seats * self.rng.uniform(0.04, 0.3)))
        elif plan != "starter" and luck < 0.055 * season + 0.022:
            seats = max(2, seats - max(1, round(seats * self.rng.uniform(0.05, 0.35))))
        was_raised = now.price > PLANS[now.plan] * 100 * (MONTHS_PAID_FOR_A_YEAR if self.yearly else 1)
        raised = was_raised or (renews and at >= self.times.raised)
        if (plan, seats, raised) != (now.plan, now.seats, was_raised):
            self._step(at, plan, seats, raised=raised)

    def to_leave(self) -> Leaving | None:
        """Of those who are still there, a few have asked to go with the end of what they paid for."""
        if self.left is not None or self.rng.random() >= 0.02:
            return None
        today = self.times.today
        ends = period(self.steps[0].at, today, yearly=self.yearly)[1]
        asked = max(self.steps[-1].at, today - self.rng.randrange(1, 28) * DAY)
        return self._leaving(asked, ends, self.times.bearing_on(today, self.segment), alone=False)


def period(began: int, at: int, *, yearly: bool) -> tuple[int, int]:
    """The billing period that holds an instant."""
    step, first, now = 12 if yearly else 1, moment(began), moment(at)
    months = ((now.year - first.year) * 12 + now.month - first.month) // step * step
    if add_months(began, months) > at:
        months -= step
    return add_months(began, months), add_months(began, months + step)
