"""One question to the stored figures, with what all its answers stand on."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.metrics.axes import FxDrift, NewAndChurned, OneOfMany
from bot.metrics.book import Book, paying
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rates import Rates
from bot.metrics.windows import Window
from bot.policies import policy_in_force
from storage import ledger, quarantine, syncs, windows
from storage.fact_reader import exchange_rates
from storage.movements import DaySum, NettingRule
from storage.slices import EVERYTHING, Slice
from storage.states import Fault
from storage.windows import Known


@dataclass(frozen=True, slots=True)
class Grounds:
    """By what figures are made: the reporting currency, the zone whose days are counted, the policy in force."""

    base: str
    zone: ZoneInfo
    policy: MetricsPolicy = KAHVI

    @classmethod
    def in_force(cls, session: Session, base: str, zone: ZoneInfo) -> "Grounds":
        """With the policy in force."""
        return cls(base, zone, policy_in_force(session))


@dataclass(frozen=True, slots=True)
class Without:
    """What figures leave out: currencies that have no rate, and how many facts cannot be valued for another reason."""

    unrated: frozenset[str] = frozenset()
    held: int = 0


class Asked:
    """Windows and a slice of the ledger, and what is read once for all parts of the answer.

    Windows may overlap and need no order. Everything is read in the one session, so it is of one moment.
    """

    def __init__(self, session: Session, windows: Sequence[Window], grounds: Grounds, part: Slice = EVERYTHING) -> None:
        self.session = session
        self.windows = tuple(windows)
        self.grounds = grounds
        self.left_out: set[str] = set()  # currencies that were met and have no rate
        self._part = part

    def by(self, policy: MetricsPolicy) -> "Asked":
        """The same question by another policy."""
        other = Asked(self.session, self.windows, replace(self.grounds, policy=policy), self.part)
        if policy.fx_drift is self.grounds.policy.fx_drift:
            other.rates = self.rates
        return other

    @property
    def rule(self) -> NettingRule:
        """How windows are netted by the policy."""
        policy = self.grounds.policy
        return NettingRule(
            passing=policy.same_window_new_churn is NewAndChurned.BOTH,
            parts_churn=policy.one_of_many_cancelled is OneOfMany.CHURN,
        )

    @property
    def until(self) -> date:
        """The first day that no window covers."""
        return max(window.end for window in self.windows)

    @cached_property
    def rates(self) -> Rates:
        known = exchange_rates(self.session, self.grounds.base)
        if self.grounds.policy.fx_drift is FxDrift.NONE:
            known = list({currency: (currency, day, rate) for currency, day, rate in sorted(known)}.values())
        return Rates(self.grounds.base, known)

    def worth(self, amount: Decimal | int, currency: str, day: date) -> Decimal | None:
        """Minor units of the base by the day's rate; without any rate None, and the currency is noted as left out."""
        found = self.rates.convert(amount, currency, day)
        if found is None:
            self.left_out.add(currency)
        return found

    def instant(self, day: date) -> datetime:
        """When a day of the ledger begins."""
        return start_of_day(day, self.grounds.zone)

    def is_past(self, day: date) -> bool:
        """Whether the source was read after a day began: what was planned on it is then known no more."""
        return self.read_at is not None and day < local_day(self.read_at, self.grounds.zone)

    @cached_property
    def read_at(self) -> datetime | None:
        """When the source was last read."""
        return syncs.last_success(self.session)

    @cached_property
    def part(self) -> Slice:
        """The slice, without the accounts that no figure can count."""
        return replace(self._part, unrated=self.unrated)

    @cached_property
    def unrated(self) -> frozenset[str]:
        """Currencies in the ledger that have no rate."""
        return frozenset(one for one in self.currencies if one not in self.rates)

    @cached_property
    def without(self) -> Without:
        """What no figure holds; asked for when all is loaded that was asked."""
        totals = quarantine.totals(self.session)
        held = sum(count for fault, count in totals.items() if fault is not Fault.NO_RATE)
        return Without(self.unrated | self.left_out, held)

    @cached_property
    def currencies(self) -> frozenset[str]:
        """The currencies in the ledger."""
        return frozenset(ledger.currencies(self.session))

    @cached_property
    def known(self) -> Known:
        """What every day moved, and who moved under several labels; labels are those of the database."""
        days = windows.day_sums(self.session, self.until, self.part)
        divided = windows.divided(self.session, self.until, self.part)
        return Known(days, windows.rows_of(self.session, self.part, divided, None, self.until), divided)

    @cached_property
    def books(self) -> dict[str, Book]:
        """The levels of each label that has any; customers of a slice that splits accounts at the windows' edges."""
        by_label: defaultdict[str, list[DaySum]] = defaultdict(list)
        for one in self.known.days:
            if (label := self.part.seen(one.label)) is not None:
                by_label[label].append(one)
        return {label: self._book(label, days) for label, days in by_label.items()}

    def _book(self, label: str, days: Sequence[DaySum]) -> Book:
        if self.part.splits_accounts:
            counted = {day: customers.get(label, 0) for day, customers in self._counted.items()}
            return Book(days, self.rates, counted=counted)
        return Book(days, self.rates)

    @cached_property
    def _counted(self) -> dict[date, dict[str, int]]:
        edges = sorted({day for window in self.windows for day in (window.start, window.end)})
        found: dict[date, dict[str, int]] = {}
        for day, counts in paying(self.known.days, self.known.rows, edges).items():
            told: Counter[str] = Counter()
            for label, count in counts.items():
                if (seen := self.part.seen(label)) is not None:
                    told[seen] += count
            found[day] = told
        return found
