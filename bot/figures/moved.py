"""What each account moved in a window, in the base by each day's rate."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from bot.figures.asked import Asked
from bot.metrics.netting import ZERO
from storage import behind
from storage.behind import View

WIDE = 5  # from one of so many days on, all rows of a currency are gone through rather than those of the days
Grains = int


class Moved:
    """What accounts moved, one by one.

    They may be very many, and whole numbers are added up quicker than decimals. So amounts are in grains: so small
    parts of a minor unit of the base that whatever was moved is a whole number of them, by each day's rate.
    """

    def __init__(self, asked: Asked, view: View) -> None:
        self._asked = asked
        self._view = view
        self._rates: defaultdict[str, dict[date, Decimal]] = defaultdict(dict)
        for one in asked.known.days:
            if view.has(one.day):
                self._rates[one.currency][one.day] = asked.rates.factor(one.currency, one.day) or ZERO
        rates = (rate for by_day in self._rates.values() for rate in by_day.values())
        self._places = max((-int(one.as_tuple().exponent) for one in rates), default=0)

    def grains(self, amount: Decimal) -> Grains:
        """How many grains are minor units of the base."""
        return int(amount.scaleb(self._places))

    def amount(self, grains: Grains) -> Decimal:
        """How many minor units of the base are grains."""
        return Decimal(grains).scaleb(-self._places)

    def each(self) -> Iterator[tuple[str, Grains, int | None, str]]:
        """Each account with its grains, and minor units of its own currency: None where it has several."""
        base = self._asked.grounds.base
        others = self._in_others(base)
        unit = self.grains(Decimal(1))
        for account_id, own in self._in_base(base):
            if account_id in others:
                grains, _, currency = others.pop(account_id)
                yield account_id, own * unit + grains, None, currency
            else:
                yield account_id, own * unit, own, base
        for account_id, (grains, own_of_it, currency) in others.items():
            yield account_id, grains, own_of_it, currency

    def _in_base(self, base: str) -> Iterable[tuple[str, int]]:
        days = self._rates.get(base, {})
        if self._wide(base, days):
            return behind.nets(self._asked.session, self._view, base)
        own: defaultdict[str, int] = defaultdict(int)
        for account_id, amount, _ in behind.rows_of_days(self._asked.session, self._view, base, days):
            own[account_id] += amount
        return own.items()

    def _in_others(self, base: str) -> dict[str, tuple[Grains, int | None, str]]:
        found: dict[str, tuple[Grains, int | None, str]] = {}
        for currency, rates in self._rates.items():
            if currency != base:
                grains, own = self._by_rows(currency, rates)
                for account_id, worth in grains.items():
                    if held := found.get(account_id):
                        found[account_id] = held[0] + worth, None, currency
                    else:
                        found[account_id] = worth, own[account_id], currency
        return found

    def _by_rows(self, currency: str, rates: Mapping[date, Decimal]) -> tuple[dict[str, Grains], dict[str, int]]:
        session, view = self._asked.session, self._view
        wide = self._wide(currency, rates)
        rows = behind.rows(session, view, currency) if wide else behind.rows_of_days(session, view, currency, rates)
        factors = {day.isoformat(): self.grains(rate) for day, rate in rates.items()}
        grains: defaultdict[str, Grains] = defaultdict(int)
        own: defaultdict[str, int] = defaultdict(int)
        for account_id, amount, day in rows:
            grains[account_id] += amount * factors[day]
            own[account_id] += amount
        return grains, own

    def _wide(self, currency: str, days: Collection[date]) -> bool:
        return len(days) * WIDE > sum(one.currency == currency for one in self._asked.known.days)
