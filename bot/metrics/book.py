"""The levels of the ledger on any day, in one currency."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from bot.metrics.rates import Rates
from storage.movements import DaySum

ZERO = Decimal(0)


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
