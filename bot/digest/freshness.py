"""The footer: how old the figures are, by which rules they are made, and what they leave out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.clock import age_in_words
from bot.digest.headline import MONTH
from bot.digest.scene import Scene
from bot.digest.words import Foreign, Phrase, Strong, Told, listed, money

STALE = timedelta(hours=2)
ERROR = 240


@dataclass(frozen=True, slots=True)
class Stale:
    """The figures are older than they should be; said before any of them."""

    source: str
    age: timedelta
    failing: bool
    error: str | None

    def told(self) -> Told:
        age = Strong(f"These figures are {age_in_words(self.age)} old")
        if not self.failing:
            return Told(lines=(("⚠ ", age, f": {self.source} has not been read since."),))
        error = Foreign(self.error or f"{self.source} could not be read.", ERROR)
        return Told(lines=(("⚠ ", age, ": ", error),))


@dataclass(frozen=True, slots=True)
class Freshness:
    """`left_out` is MRR in minor units by currency without a rate; `late` is why the digest comes late, if it does."""

    day: date
    source: str
    age: timedelta
    failing: bool
    base: str
    zone: str
    policy: str
    left_out: Mapping[str, int]
    first_day: date | None
    late: str | None

    def told(self) -> Told:
        late: tuple[Phrase, ...] = ((self.late,),) if self.late else ()
        return Told(small=(*late, self._read(), self._rules(), *self._short(), *self._left_out()))

    def _read(self) -> Phrase:
        age = age_in_words(self.age)
        ago = age if age == "just now" else f"{age} ago"
        failed = "; the latest attempt failed" if self.failing else ""
        return (f"{self.source} read {ago}{failed}.",)

    def _rules(self) -> Phrase:
        last = self.day - timedelta(days=1)
        days = f"Whole days up to {last:%A}, {self.zone}"
        return (f"{days}; policy “{self.policy}”; amounts in {self.base.upper()}.",)

    def _short(self) -> tuple[Phrase, ...]:
        first = self.first_day
        if first is None or first <= self.day - timedelta(days=MONTH):
            return ()
        return ((f"The first payment was on {first.day} {first:%B}: figures over 30 days cover the days since.",),)

    def _left_out(self) -> tuple[Phrase, ...]:
        if not self.left_out:
            return ()
        amounts = listed([f"{money(amount, currency)} MRR" for currency, amount in self.left_out.items()])
        return ((f"Left out for lack of an exchange rate: {amounts}.",),)


def staleness(scene: Scene) -> Stale | None:
    age = _age(scene)
    if age <= STALE:
        return None
    return Stale(scene.source, age, scene.sync.failing, scene.sync.error)


def freshness(scene: Scene) -> Freshness:
    levels = scene.book.levels(scene.day)
    return Freshness(
        day=scene.day,
        source=scene.source,
        age=_age(scene),
        failing=scene.sync.failing,
        base=scene.base,
        zone=str(scene.zone),
        policy=scene.policy.name,
        left_out={currency: levels[currency] for currency in sorted(scene.book.unconverted)},
        first_day=scene.first_day,
        late=scene.late,
    )


def _age(scene: Scene) -> timedelta:
    read_at = scene.sync.succeeded_at or scene.sync.completed_at
    return scene.now - read_at if read_at else timedelta(0)
