"""Which exchange rate of a day is kept: that of its newest charge."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from storage.facts import ExchangeRate, Fact

# Charges come newest first, but may settle weeks after they were made, so days do not quite come in order.
LONGEST_SETTLEMENT = timedelta(days=30)

Told = Mapping[str, tuple[int, ...]]  # by pair of currencies the days told so far, as ordinals, the older ones


def last_rates(facts: Iterable[Fact], told: Told) -> tuple[list[Fact], Told]:
    """The facts without rates of days that are told already, and what is told after them."""
    kept: list[Fact] = []
    days = {pair: set(known) for pair, known in told.items()}
    for fact in facts:
        if isinstance(fact, ExchangeRate):
            known, day = days.setdefault(f"{fact.currency}>{fact.base}", set()), fact.day.toordinal()
            if day in known:
                continue
            known.add(day)
        kept.append(fact)
    return kept, {pair: _still_to_come(known) for pair, known in days.items()}


def _still_to_come(days: set[int]) -> tuple[int, ...]:
    """The days that charges yet to be read may have settled on."""
    latest = min(days) + LONGEST_SETTLEMENT.days
    return tuple(sorted(day for day in days if day <= latest))
