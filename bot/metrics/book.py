"""The levels of the ledger on any day, in one currency."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from bot.metrics.rates import Rates
from storage.movements import COMES, DaySum, LabelledRow
from storage.states import MovementKind

ZERO = Decimal(0)


def paying(days: Iterable[DaySum], rows: Iterable[LabelledRow], edges: Iterable[date]) -> dict[date, Counter[str]]:
    """How many accounts pay at the starts of some days, each under the label of most of its MRR.

    `rows` are all those of the accounts that have several labels, by account and day; all others are counted by the
    days on which they came and left.
    """
    rows = list(rows)
    found: dict[date, Counter[str]] = {edge: Counter() for edge in edges}
    moved: Counter[tuple[date, str]] = Counter()
    for one in days:
        moved[one.day, one.label] += one.came - one.left
    for row in rows:
        moved[row.day, row.label] -= row.accounts * _sign(row.kind)
    for edge, counted in found.items():
        for (day, name), change in moved.items():
            counted[name] += change if day < edge else 0
    for _, same in groupby(rows, key=attrgetter("account_id")):
        own = list(same)
        for edge, counted in found.items():
            if (label := _main(row for row in own if row.day < edge)) is not None:
                counted[label] += 1
    return found


def _main(rows: Iterable[LabelledRow]) -> str | None:
    """The label of most of what an account pays, None when it pays nothing."""
    levels: Counter[str] = Counter()
    for row in rows:
        levels[row.label] += row.amount
    return min((-amount, label) for label, amount in levels.items())[1] if any(x > 0 for x in levels.values()) else None


def _sign(kind: MovementKind) -> int:
    return 1 if kind in COMES else -1 if kind is MovementKind.CHURN else 0


class Book:
    """MRR and customers at the start of any day, of the company or of one segment.

    Made of the sums of all days from the first on. Currencies without a rate are left out of every figure and named
    in `unconverted`. `counted` gives customers at the starts of some days, where the sums do not tell.
    """

    def __init__(self, days: Iterable[DaySum], rates: Rates, *, counted: Mapping[date, int] | None = None) -> None:
        self.rates = rates
        self._counted = counted
        self._since: list[date] = []
        self._levels: list[tuple[dict[str, int], int]] = []
        for row in days:
            self._add(row)

    @property
    def base(self) -> str:
        return self.rates.base

    @property
    def unconverted(self) -> frozenset[str]:
        """Currencies with MRR at the end that no rate is known for."""
        last = self._levels[-1][0] if self._levels else {}
        return frozenset(currency for currency, amount in last.items() if amount and currency not in self.rates)

    def levels(self, at: date) -> dict[str, int]:
        """MRR in minor units by currency at the start of a day."""
        return self._at(at)[0]

    def mrr(self, at: date) -> Decimal:
        """MRR in minor units of the base at the start of a day, by the rates of the day before."""
        yesterday = at - timedelta(days=1)
        return sum(
            (self.rates.convert(amount, currency, yesterday) or ZERO for currency, amount in self.levels(at).items()),
            ZERO,
        )

    def customers(self, at: date) -> int:
        """Accounts with MRR at the start of a day, without those whose every currency has no rate."""
        return self._counted[at] if self._counted is not None else self._at(at)[1]

    def _add(self, row: DaySum) -> None:
        since = row.day + timedelta(days=1)
        levels, customers = self._levels[-1] if self._levels else ({}, 0)
        if self._since and self._since[-1] == since:
            self._levels.pop()
        else:
            self._since.append(since)
        level = {**levels, row.currency: levels.get(row.currency, 0) + row.amount}
        self._levels.append((level, customers + row.came - row.left))

    def _at(self, at: date) -> tuple[dict[str, int], int]:
        place = bisect_right(self._since, at)
        return self._levels[place - 1] if place else ({}, 0)
