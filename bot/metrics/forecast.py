"""MRR of the next twelve months, with a band that is checked against the company's own past.

The base is carried on by age, since young accounts leave more often than settled ones: for each month ahead, a month of
the past is drawn, and its rates of growing, shrinking and leaving are applied to each age group; its new business is
added at the level of the last half year. Months are drawn in runs of three, from a past that is itself drawn anew for
each path, so that the band holds both what is random and what cannot be known from so few months. Bands are then scaled
so that they would have held 80 % of the past, no more and no less: near ones, middling and far ones each by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

from bot.metrics.metric import Missing
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window, month_start

ZERO, ONE = Decimal(0), Decimal(1)
AHEAD = 12  # months
LEAST_MONTHS = 12  # whole ones; a year has every season once
LEAST_CUSTOMERS = 20
POOL = 24  # months of the past that are drawn from
RUN = 3  # months drawn together
RECENT = 6  # months that say how much new business there is
PATHS = 200
GROUPS = (3, 12)  # first months of an account's life, then its first year, then all later ones
LOW, HIGH = Decimal("0.1"), Decimal("0.9")
SPANS = (3, 6, 12)  # near, middling and far: months ahead that are scaled alike
ENOUGH = 20  # comparisons that settle how wide a band must be; each that is missing counts as UNTRIED
UNTRIED = Decimal(2)
NARROWEST, WIDEST = Decimal("0.5"), Decimal(4)  # a calm past is no promise


@dataclass(frozen=True, slots=True)
class Ahead:
    """MRR at the end of one month to come: the middle of all paths, and the tenth and ninetieth of a hundred."""

    month: date
    downside: Decimal
    base: Decimal
    upside: Decimal


@dataclass(frozen=True, slots=True)
class Checked:
    """How forecasts made in the past fared so many months ahead: of `tried`, `inside` came within the band.

    `error` and `naive_error` are mean absolute errors as shares of the actual MRR; naive is the last month's growth
    carried on.
    """

    ahead: int
    tried: int
    inside: int
    error: Decimal
    naive_error: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """`scaled` is by how much each month's band was made wider, so that it would have held 80 % of the past."""

    months: tuple[Ahead, ...]
    scaled: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Whole calendar months in order, and the rolls of each cohort over them; a cohort is the month of first MRR."""

    months: tuple[Window, ...]
    rolls: Mapping[date, Sequence[Roll]]

    def until(self, count: int) -> "Cohorts":
        """What was known after the first `count` months."""
        months = self.months[:count]
        known = {cohort: rolls[:count] for cohort, rolls in self.rolls.items() if cohort < months[-1].end}
        return Cohorts(months, known)

    def ends(self) -> list[Decimal]:
        """MRR at the end of each month."""
        return [sum((rolls[at].end for rolls in self.rolls.values()), ZERO) for at in range(len(self.months))]

    def customers(self) -> int:
        return sum(rolls[-1].customers_end for rolls in self.rolls.values())


@dataclass(frozen=True, slots=True)
class _Month:
    """What a month of the past did: new business, and by age group the factor that it put on MRR."""

    new: Decimal
    kept: tuple[Decimal, ...]


def forecast(cohorts: Cohorts, *, seed: int = 1) -> Forecast | Missing:
    """The next twelve months, or why they cannot be told; the same past and seed give the same answer."""
    if lacking := _lacking(cohorts):
        return lacking
    factors = _factors(_past_bands(cohorts, seed), cohorts.ends(), len(cohorts.months))
    return Forecast(tuple(map(_scaled, _band(cohorts, seed), factors)), factors)


def backtest(cohorts: Cohorts, *, seed: int = 1) -> list[Checked] | Missing:
    """Forecasts made at the end of each past month by what was known then, against what came."""
    if lacking := _lacking(cohorts):
        return lacking
    if len(cohorts.months) == LEAST_MONTHS:
        return Missing(f"A forecast cannot be checked yet: it takes more than {LEAST_MONTHS} whole months of history.")
    bands, ends = _past_bands(cohorts, seed), cohorts.ends()
    tries = [one for origin in bands for one in _tries(bands, ends, origin)]
    return [_checked(ahead, [one for one in tries if one.ahead == ahead]) for ahead in range(1, AHEAD + 1)]


def _lacking(cohorts: Cohorts) -> Missing | None:
    if len(cohorts.months) < LEAST_MONTHS:
        return Missing(
            f"A forecast takes {LEAST_MONTHS} whole months of history; there are {len(cohorts.months)} so far."
        )
    if cohorts.customers() < LEAST_CUSTOMERS:
        return Missing(
            f"A forecast takes at least {LEAST_CUSTOMERS} customers: with {cohorts.customers()}, one decides it all."
        )
    return None


def _band(cohorts: Cohorts, seed: int) -> list[Ahead]:
    rng = Random(seed)  # noqa: S311 - drawing months is no secret
    past = [_month(cohorts, at) for at in range(max(0, len(cohorts.months) - POOL), len(cohorts.months))]
    ages = _ages(cohorts)
    paths = [_path(rng, past, ages) for _ in range(PATHS)]
    end = cohorts.months[-1].end
    return [_ahead(month_start(end, at), sorted(path[at] for path in paths)) for at in range(AHEAD)]


def _month(cohorts: Cohorts, at: int) -> _Month:
    month = cohorts.months[at].start
    begin = [ZERO] * (len(GROUPS) + 1)
    kept = [ZERO] * (len(GROUPS) + 1)
    new = ZERO
    for cohort, rolls in cohorts.rolls.items():
        roll, group = rolls[at], _group(_months_between(cohort, month))
        new += roll.new + roll.reactivation - roll.passing
        begin[group] += roll.begin
        kept[group] += roll.begin + roll.expansion - roll.contraction - (roll.churn - roll.passing)
    factors: list[Decimal] = []
    for at_start, at_end in zip(begin, kept, strict=True):
        younger = factors[-1] if factors else ONE  # the nearest thing to know where nobody is of this age
        factors.append(at_end / at_start if at_start else younger)
    return _Month(new, tuple(factors))


def _level_of_new(rng: Random, past: Sequence[_Month]) -> Decimal:
    """By how much the new business of the past is scaled to be that of the last half year, whose months are drawn."""
    every = _mean([one.new for one in past])
    recent = [rng.choice(past[-RECENT:]).new for _ in range(RECENT)]
    return _mean(recent) / every if every else ONE


def _ages(cohorts: Cohorts) -> list[Decimal]:
    """MRR at the end, by age in months; the last entry holds all that are settled."""
    ages = [ZERO] * (GROUPS[-1] + 1)
    end = cohorts.months[-1].end
    for cohort, rolls in cohorts.rolls.items():
        ages[min(_months_between(cohort, end), GROUPS[-1])] += rolls[-1].end
    return ages


def _path(rng: Random, past: Sequence[_Month], ages: Sequence[Decimal]) -> list[Decimal]:
    """MRR at the end of each month ahead, in one of many possible worlds."""
    level = _level_of_new(rng, past)
    known = [past[rng.randrange(len(past))] for _ in past]
    state, ends = list(ages), []
    drawn: list[_Month] = []
    while len(drawn) < AHEAD:
        at = rng.randrange(len(known))
        drawn += [known[(at + step) % len(known)] for step in range(RUN)]
    for month in drawn[:AHEAD]:
        state = [amount * month.kept[_group(age)] for age, amount in enumerate(state)]
        state = [month.new * level, *state[:-2], state[-2] + state[-1]]
        ends.append(sum(state, ZERO))
    return ends


def _ahead(month: date, ends: Sequence[Decimal]) -> Ahead:
    return Ahead(month, _quantile(ends, LOW), _quantile(ends, Decimal("0.5")), _quantile(ends, HIGH))


def _quantile(ordered: Sequence[Decimal], share: Decimal) -> Decimal:
    return ordered[int(share * (len(ordered) - 1))]


def _past_bands(cohorts: Cohorts, seed: int) -> dict[int, list[Ahead]]:
    """The bands of the forecasts that could have been made after so many months."""
    return {count: _band(cohorts.until(count), seed) for count in range(LEAST_MONTHS, len(cohorts.months))}


def _factors(bands: Mapping[int, Sequence[Ahead]], ends: Sequence[Decimal], known: int) -> tuple[Decimal, ...]:
    """For each month ahead, the least factor by which earlier bands held 80 % of what had come."""
    factors: list[Decimal] = []
    for first, last in pairwise((0, *SPANS)):
        needed = [
            _reach(band[at], ends[origin + at])
            for origin, band in bands.items()
            for at in range(first, last)
            if origin + at < known
        ]
        needed += [UNTRIED] * (ENOUGH - len(needed))
        factors += [min(max(NARROWEST, _quantile(sorted(needed), HIGH - LOW)), WIDEST)] * (last - first)
    return tuple(factors)


def _reach(band: Ahead, actual: Decimal) -> Decimal:
    """How far from the middle the actual value lies, in half bands."""
    half = band.upside - band.base if actual >= band.base else band.base - band.downside
    return abs(actual - band.base) / half if half else ZERO if actual == band.base else WIDEST


def _scaled(one: Ahead, factor: Decimal) -> Ahead:
    low, high = one.base - (one.base - one.downside) * factor, one.base + (one.upside - one.base) * factor
    return Ahead(one.month, max(low, ZERO), one.base, high)


@dataclass(frozen=True, slots=True)
class _Try:
    ahead: int
    band: Ahead
    actual: Decimal
    naive: Decimal


def _tries(bands: Mapping[int, Sequence[Ahead]], ends: Sequence[Decimal], origin: int) -> list[_Try]:
    """One forecast of the past, scaled by what was known then, as far as its months have come."""
    factors = _factors(bands, ends, origin)
    before, last = ends[origin - 2], ends[origin - 1]
    growth = last / before if before else ONE
    return [
        _Try(at + 1, _scaled(one, factors[at]), ends[origin + at], last * growth ** (at + 1))
        for at, one in enumerate(bands[origin])
        if origin + at < len(ends)
    ]


def _checked(ahead: int, tries: Sequence[_Try]) -> Checked:
    inside = sum(one.band.downside <= one.actual <= one.band.upside for one in tries)
    error = _mean([abs(one.band.base - one.actual) / one.actual for one in tries if one.actual])
    naive = _mean([abs(one.naive - one.actual) / one.actual for one in tries if one.actual])
    return Checked(ahead, len(tries), inside, error, naive)


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, ZERO) / len(values) if values else ZERO


def _group(age: int) -> int:
    return sum(age >= limit for limit in GROUPS)


def _months_between(first: date, last: date) -> int:
    return max(0, (last.year - first.year) * 12 + last.month - first.month)
