"""The footer: how old the figures are, by which rules they are made, and what they leave out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.clock import age_in_words
from bot.digest.scene import Scene
from bot.digest.sections.headline import MONTH
from bot.metrics.quarantine import WORDS
from bot.telling.told import Foreign, Phrase, Strong, Told, counted, listed, money
from storage import quarantine
from storage.states import Fault

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
    """`until` is the first ledger day not covered, `late` why the digest comes late, if it does.

    `left_out` is MRR in minor units by currency without a rate, `customers_left_out` who pays in no other, `held` the
    number of facts that cannot be valued for another reason.
    """

    until: date
    source: str
    age: timedelta
    failing: bool
    base: str
    zone: str
    policy: str
    left_out: Mapping[str, int]
    customers_left_out: Mapping[str, int]
    held: Mapping[Fault, int]
    first_day: date | None
    late: str | None

    def told(self) -> Told:
        late: tuple[Phrase, ...] = ((self.late,),) if self.late else ()
        return Told(small=(*late, self._read(), self._rules(), *self._short(), *self._left_out(), *self._held()))

    def _read(self) -> Phrase:
        age = age_in_words(self.age)
        ago = age if age == "just now" else f"{age} ago"
        failed = "; the latest attempt failed" if self.failing else ""
        return (f"{self.source} read {ago}{failed}.",)

    def _rules(self) -> Phrase:
        last = self.until - timedelta(days=1)
        days = f"Whole days up to {last:%A}, {self.zone}"
        return (f"{days}; policy “{self.policy}”; amounts in {self.base.upper()}.",)

    def _short(self) -> tuple[Phrase, ...]:
        first = self.first_day
        if first is None or first <= self.until - timedelta(days=MONTH):
            return ()
        return ((f"The first payment was on {first.day} {first:%B}: figures over 30 days cover the days since.",),)

    def _left_out(self) -> tuple[Phrase, ...]:
        currencies = sorted(self.left_out.keys() | self.customers_left_out.keys())
        if not currencies:
            return ()
        alone = len(currencies) == 1 and self.customers_left_out.get(currencies[0], 0) <= 1
        verb = "is" if alone else "are"
        return ((f"{listed([self._of(one) for one in currencies])} {verb} left out: no exchange rate.",),)

    def _held(self) -> tuple[Phrase, ...]:
        if not self.held:
            return ()
        parts = [f"{self.held[fault]:,} {WORDS[fault].short}" for fault in Fault if fault in self.held]
        number = sum(self.held.values())
        verb = "is" if number == 1 else "are"
        records = counted(number, "billing record")
        return ((f"{records} {verb} left out: {listed(parts)}; kahvi doctor says which.",),)

    def _of(self, currency: str) -> str:
        """Who and what is left out in a currency; without customers, it is MRR of accounts that also pay in others."""
        amount = f"{money(self.left_out.get(currency, 0), currency)} MRR"
        customers = self.customers_left_out.get(currency, 0)
        return f"{counted(customers, 'customer')} in {currency.upper()} ({amount})" if customers else amount


def staleness(scene: Scene) -> Stale | None:
    age = _age(scene)
    if age <= STALE:
        return None
    return Stale(scene.source, age, scene.sync.failing, scene.sync.error)


def freshness(scene: Scene) -> Freshness:
    levels = scene.book.levels(scene.until)
    return Freshness(
        until=scene.until,
        source=scene.source,
        age=_age(scene),
        failing=scene.sync.failing,
        base=scene.base,
        zone=str(scene.zone),
        policy=scene.policy.name,
        left_out={currency: levels[currency] for currency in sorted(scene.book.unconverted)},
        customers_left_out=scene.customers_left_out,
        held={fault: n for fault, n in quarantine.totals(scene.session).items() if fault is not Fault.NO_RATE},
        first_day=scene.first_day,
        late=scene.late,
    )


def _age(scene: Scene) -> timedelta:
    read_at = scene.sync.succeeded_at or scene.sync.completed_at
    return scene.now - read_at if read_at else timedelta(0)
