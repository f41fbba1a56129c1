"""What each account moved in a window, in the base by each day's rate."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from bot.figures.asked import Asked
from bot.metrics.netting import ZERO, Worth
from storage import behind
from storage.behind import View

WIDE = 5  # from one of so many days on, all rows of a currency are gone through rather than those of the days
Grains = int


class Moved:
    """What accounts moved, one by one.

    What they moved in their own currency is known of those of `staying` alone: it tells whether they grew. Accounts
    may be very many, and whole numbers are added up quicker than decimals. So amounts are in grains: so small parts
    of a minor unit of the base that whatever was moved is a whole number of them, by each day's rate.
    """

    def __init__(self, asked: Asked, view: View, staying: Collection[str] = ()) -> None:
        self._asked = asked
        self._view = view
        self._staying = staying
        self._own: defaultdict[str, Counter[str]] = defaultdict(Counter)  # of an account by currency
        factors: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
        for one in asked.known.days:
            if view.has(one.day):
                factors[one.currency][one.day] = asked.rates.factor(one.currency, one.day) or ZERO
        every = (factor for by_day in factors.values() for factor in by_day.values())
        self._places = max((-int(one.as_tuple().exponent) for one in every), default=0)
        self._factors = factors

    def grains(self, amount: Decimal) -> Grains:
        """How many grains are minor units of the base."""
        return int(amount.scaleb(self._places))

    def amount(self, grains: Grains) -> Decimal:
        """How many minor units of the base are grains."""
        return Decimal(grains).scaleb(-self._places)

    def worth(self, account_id: str) -> Worth:
        """What one of the accounts moved."""
        amount, own = self.amount(self.of[account_id]), self._own.get(account_id)
        return Worth(amount, *own.values()) if own and len(own) == 1 else Worth(amount)

    @cached_property
    def of(self) -> Mapping[str, Grains]:
        """The grains of each account that moved anything."""
        found: defaultdict[str, Grains] = defaultdict(int)
        base = self._asked.grounds.base
        self._add_base(found, base, self._factors.get(base, {}))
        for currency in self._factors.keys() - {base}:
            self._add_other(found, currency, self._factors[currency])
        return found

    def _add_base(self, of: defaultdict[str, Grains], base: str, days: Collection[date]) -> None:
        session, view, unit = self._asked.session, self._view, self.grains(Decimal(1))
        if self._wide(base, days):
            nets = behind.nets(session, view, base)
            of |= {account_id: amount * unit for account_id, amount in nets}
            self._note_own(base, nets)
        else:
            rows = behind.rows_of_days(session, view, base, days)
            for account_id, amount, _ in rows:
                of[account_id] += amount * unit
            self._note_own(base, rows)

    def _add_other(self, of: defaultdict[str, Grains], currency: str, factors: Mapping[date, Decimal]) -> None:
        session, view = self._asked.session, self._view
        wide = self._wide(currency, factors)
        rows = behind.rows(session, view, currency) if wide else behind.rows_of_days(session, view, currency, factors)
        grains: dict[date | str, Grains] = {day: self.grains(factor) for day, factor in factors.items()}
        grains |= {str(day): own for day, own in grains.items()}  # a driver may give a day as its text
        for account_id, amount, day in rows:
            of[account_id] += amount * grains[day]
        self._note_own(currency, rows)

    def _note_own(self, currency: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Note what (account, minor units, …) come to, of those that stay."""
        if self._staying:
            for account_id, amount, *_ in rows:
                if account_id in self._staying:
                    self._own[account_id][currency] += amount

    def _wide(self, currency: str, days: Collection[date]) -> bool:
        return len(days) * WIDE > sum(one.currency == currency for one in self._asked.known.days)
