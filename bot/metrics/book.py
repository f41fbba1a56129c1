"""The ledger of the whole company in one currency: levels on any day, and the roll-forward between two."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.metrics.rates import Rates
from storage.movements import LedgerDay, Opening, customers_by
from storage.states import MovementKind

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Roll:
    """How MRR and customers went from the start of one day to the start of another.

    Amounts are unrounded minor units of the base currency, positive but for `fx`, and always
    begin + new + reactivation + expansion - contraction - churn + fx = end.
    """

    begin: Decimal
    new: Decimal
    reactivation: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    fx: Decimal
    end: Decimal
    customers_begin: int
    customers_new: int
    customers_reactivated: int
    customers_churned: int
    customers_end: int

    @property
    def net_new(self) -> Decimal:
        """What the movements added, without exchange rates."""
        return self.new + self.reactivation + self.expansion - self.contraction - self.churn


@dataclass(frozen=True, slots=True)
class _Flow:
    amounts: dict[MovementKind, Decimal]
    accounts: dict[MovementKind, int]


class Book:
    """Daily sums of the ledger, converted by each day's rate.

    A level is that at the start of a day, so windows are half-open: `roll(a, b)` is all that happened on a day d
    with a <= d < b. Currencies without a rate are left out of every figure and named in `unconverted`; the sums do
    not count the accounts that never paid in any other, `customers_left_out` says how many of them pay at the end.
    """

    def __init__(
        self,
        start: date,
        opening: Opening,
        days: Iterable[LedgerDay],
        rates: Rates,
        customers_left_out: Mapping[str, int] | None = None,
    ) -> None:
        self.start = start
        self.rates = rates
        self.customers_left_out = dict(customers_left_out or {})
        self._levels: list[tuple[date, dict[str, int], int]] = [(start, dict(opening.levels), opening.customers)]
        self._days: dict[date, list[LedgerDay]] = {}
        by_day: defaultdict[date, list[LedgerDay]] = defaultdict(list)
        for row in days:
            by_day[row.day].append(row)
        for day in sorted(by_day):
            self._append(day, by_day[day])

    @property
    def base(self) -> str:
        return self.rates.base

    @property
    def unconverted(self) -> frozenset[str]:
        """Currencies with MRR at the end that no rate is known for."""
        return frozenset(c for c, amount in self._levels[-1][1].items() if amount and c not in self.rates)

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
        return self._at(at)[1]

    def roll(self, start: date, end: date) -> Roll:
        """The roll-forward over the days of [start, end)."""
        flow = self._flow(start, end)
        amounts, accounts = flow.amounts, flow.accounts
        begin, closing = self.mrr(start), self.mrr(end)
        moved = sum(amounts.values(), ZERO)
        return Roll(
            begin=begin,
            new=amounts[MovementKind.NEW],
            reactivation=amounts[MovementKind.REACTIVATION],
            expansion=amounts[MovementKind.EXPANSION],
            contraction=-amounts[MovementKind.CONTRACTION],
            churn=-amounts[MovementKind.CHURN],
            fx=closing - begin - moved,
            end=closing,
            customers_begin=self.customers(start),
            customers_new=accounts[MovementKind.NEW],
            customers_reactivated=accounts[MovementKind.REACTIVATION],
            customers_churned=accounts[MovementKind.CHURN],
            customers_end=self.customers(end),
        )

    def _append(self, day: date, rows: list[LedgerDay]) -> None:
        _, last, customers = self._levels[-1]
        level = dict(last)
        for row in rows:
            level[row.currency] = level.get(row.currency, 0) + row.amount
            customers += row.accounts * customers_by(row.kind)
        self._days[day] = rows
        self._levels.append((day + timedelta(days=1), level, customers))

    def _at(self, at: date) -> tuple[dict[str, int], int]:
        if at < self.start:
            raise ValueError(f"This book begins on {self.start}; load it from {at} on.")
        for since, levels, customers in reversed(self._levels):
            if since <= at:
                return levels, customers
        raise AssertionError("the opening is always there")

    def _flow(self, start: date, end: date) -> _Flow:
        amounts = dict.fromkeys(MovementKind, ZERO)
        accounts = dict.fromkeys(MovementKind, 0)
        for row in self._between(start, end):
            amounts[row.kind] += self.rates.convert(row.amount, row.currency, row.day) or ZERO
            accounts[row.kind] += row.accounts
        return _Flow(amounts, accounts)

    def _between(self, start: date, end: date) -> Iterator[LedgerDay]:
        for day, rows in self._days.items():
            if start <= day < end:
                yield from rows
