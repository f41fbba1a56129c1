"""Amounts in the reporting currency, by the day's rate."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Context, Decimal

from bot.money import exponent

DIGITS = Context(prec=15)  # of a rate: more than anybody quotes, and few enough that products and sums are exact


class Rates:
    """Dated exchange rates into one base currency.

    A day without a rate takes the latest one before it; days before the first known rate take that first one. A
    currency without any rate is never converted. Rates are read to 15 digits.
    """

    def __init__(self, base: str, known: Iterable[tuple[str, date, Decimal]] = ()) -> None:
        self.base = base
        self._known: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for currency, day, rate in sorted(known):
            self._known[currency].append((day, DIGITS.plus(rate).scaleb(exponent(base) - exponent(currency))))
        self._asked: defaultdict[str, dict[date, Decimal | None]] = defaultdict(dict)

    def convert(self, amount: Decimal | int, currency: str, day: date) -> Decimal | None:
        """Minor units of the base worth `amount` minor units of a currency on a day, unrounded; None without a rate."""
        if currency == self.base:
            return Decimal(amount)
        factor = self.factor(currency, day)
        return None if factor is None else amount * factor

    def total(self, amounts: Mapping[str, int], day: date) -> Decimal | None:
        """Amounts by currency, in minor units, as one of the base on a day; None where one has no rate."""
        if len(amounts) == 1 and self.base in amounts:  # nearly always, and of very many
            return Decimal(amounts[self.base])
        total = Decimal(0)
        for currency, amount in amounts.items():
            part = self.convert(amount, currency, day)
            if part is None:
                return None
            total += part
        return total

    def factor(self, currency: str, day: date) -> Decimal | None:
        """Minor units of the base for one minor unit of the currency."""
        if currency == self.base:
            return Decimal(1)
        asked = self._asked[currency]
        if day not in asked:
            asked[day] = self._find(currency, day)
        return asked[day]

    def _find(self, currency: str, day: date) -> Decimal | None:
        known = self._known.get(currency)
        if not known:
            return None
        at = bisect_right(known, day, key=lambda entry: entry[0])
        return known[max(at - 1, 0)][1]

    def __contains__(self, currency: object) -> bool:
        return currency == self.base or currency in self._known
