"""How the rules would have fared on this workspace's own past, each day by what was known on it.

An account is lost on a day on which it loses nine tenths of its MRR or more. An alarm is a run of days on which an
account of high value would have had a card; it was right when the account was lost within thirty days of one of them.
That of a rule is a run of days on which it found something, of whatever account.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from bot.metrics.rates import Rates
from bot.risk.replay import evidence_on, levels
from bot.risk.rules import RULES
from bot.risk.score import BOUNDED, CAPPED, assess
from bot.risk.stakes import stake
from bot.risk.triggers import has_serious_failure
from bot.risk.tuning import Tuning
from bot.risk.value import top
from bot.risk.windows import RENEWAL
from storage.past import Past

HORIZON = timedelta(days=30)
EARLY, EARLIEST = timedelta(days=14), timedelta(days=90)  # before a loss, in which an alarm is of use
STEP = timedelta(days=7)
LOST = Decimal("0.1")  # of its MRR is left at most
TENTH = 10
NO_RULES = (CAPPED, BOUNDED, RENEWAL)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account as it would have been assessed on a day, and what came: `lost` is the MRR that was gone within
    thirty days, in minor units of the base as is `worth`. `called` says whether it would have had a card if of high
    value.
    """

    account_id: str
    day: date
    worth: Decimal
    score: int
    called: bool
    stake: int
    rules: tuple[str, ...]
    lost: Decimal

    @property
    def churned(self) -> bool:
        return self.lost >= (1 - LOST) * self.worth


@dataclass(frozen=True, slots=True)
class HighValue:
    """From which MRR on, in minor units, or by which share of all, an account counts; filters have no past."""

    least: Decimal = Decimal(0)
    top_share: int | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """An account that lost nine tenths of its MRR or more on a day: `worth` of it."""

    account_id: str
    day: date
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """`alarms`, of which so many were `right`; the MRR of `losses` and what of it was `foreseen` two weeks before."""

    alarms: int
    right: int
    foreseen: Decimal
    lost: Decimal

    @property
    def precision(self) -> Decimal | None:
        return Decimal(self.right) / self.alarms if self.alarms else None

    @property
    def recall(self) -> Decimal | None:
        return self.foreseen / self.lost if self.lost else None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of the replay: in all, by rule, and the share of lost MRR among the tenth with most at stake.

    `false_alarms` are per owner and week.
    """

    first: date
    last: date
    days: int
    accounts: int
    losses: int
    whole: Measure
    by_rule: Mapping[str, Measure]
    top_tenth: Decimal | None
    false_alarms: Decimal | None


def days_of(first: date, last: date, step: timedelta = STEP) -> list[date]:
    """The days that are replayed: each has thirty days behind it whose outcome is known."""
    count = max(0, (last - HORIZON - first) // step + 1)
    return [first + step * number for number in range(count)]


def snapshots(past: Past, days: Sequence[date], rates: Rates, zone: ZoneInfo, tuning: Tuning) -> list[Snapshot]:
    """One account on those days on which it paid."""
    found = []
    for day in days:
        if not levels(past, day):
            continue
        evidence = evidence_on(past, day, rates, zone, tuning.spans)
        if not evidence.worth or evidence.worth <= 0:
            continue
        risk = assess(evidence, tuning.points)
        after = worth_of(past, day + HORIZON, rates, day)
        rules = tuple(one.rule for one in risk.reasons if one.rule not in NO_RULES)
        at_stake = stake(int(evidence.worth), risk.score, evidence.days_left)
        lost = max(evidence.worth - (after or Decimal(0)), Decimal(0))
        called = bool(risk.hard) or risk.score >= tuning.alert_from or has_serious_failure(evidence.receivables, tuning)
        found.append(Snapshot(past.account_id, day, evidence.worth, risk.score, called, at_stake, rules, lost))
    return found


def losses(past: Past, first: date, last: date, rates: Rates) -> list[Loss]:
    """The days of [first, last] on which the account was lost."""
    found = []
    for day in sorted({one.day for one in past.moves if first <= one.day <= last and one.amount < 0}):
        before, after = worth_of(past, day, rates, day), worth_of(past, day + timedelta(days=1), rates, day)
        if before and after is not None and after <= before * LOST:
            found.append(Loss(past.account_id, day, before - after))
    return found


def worth_of(past: Past, day: date, rates: Rates, rate_day: date) -> Decimal | None:
    """MRR at the start of a day in the base, by the rates of another one; None without a rate."""
    return rates.total(levels(past, day), rate_day)


def measured(
    found: Sequence[Snapshot], lost: Sequence[Loss], days: Sequence[date], high: HighValue, owners: Mapping[str, str]
) -> Backtest:
    """The figures of a replay; `owners` are the owners by account."""
    valuable = _valuable(found, high)
    whole = _measure(found, lost, lambda one: one.called and (one.account_id, one.day) in valuable)
    by_rule = {rule: _measure(found, lost, partial(_fired, rule)) for rule in RULES}
    people = len({owners.get(one.account_id, "") for one in found})
    weeks = max(1, (days[-1] - days[0]).days // 7 + 1) if days else 0
    wrong = whole.alarms - whole.right
    return Backtest(
        days[0] if days else date.min,
        days[-1] if days else date.min,
        len(days),
        len({one.account_id for one in found}),
        len(lost),
        whole,
        {rule: one for rule, one in by_rule.items() if one.alarms},
        _top_tenth(found),
        Decimal(wrong) / people / weeks if people and weeks else None,
    )


def _valuable(found: Sequence[Snapshot], high: HighValue) -> set[tuple[str, date]]:
    """Which accounts were of high value on which days."""
    by_day: defaultdict[date, dict[str, Decimal]] = defaultdict(dict)
    for one in found:
        by_day[one.day][one.account_id] = one.worth
    return {
        (account_id, day)
        for day, worth in by_day.items()
        for account_id in {name for name, amount in worth.items() if amount >= high.least} | _top(worth, high)
    }


def _top(worth: Mapping[str, Decimal], high: HighValue) -> set[str]:
    return set(top(worth, high.top_share)) if high.top_share else set()


def _fired(rule: str, one: Snapshot) -> bool:
    return rule in one.rules


def _measure(found: Iterable[Snapshot], lost: Sequence[Loss], alarmed: Callable[[Snapshot], bool]) -> Measure:
    by_account: defaultdict[str, list[Snapshot]] = defaultdict(list)
    for one in found:
        by_account[one.account_id].append(one)
    alarms = right = 0
    raised: dict[str, list[date]] = {}
    for account_id, same in by_account.items():
        runs = list(_runs(same, alarmed))
        alarms += len(runs)
        right += sum(any(one.churned for one in run) for run in runs)
        raised[account_id] = [one.day for run in runs for one in run]
    foreseen = sum((one.worth for one in lost if _was_foreseen(one, raised.get(one.account_id, ()))), Decimal(0))
    return Measure(alarms, right, foreseen, sum((one.worth for one in lost), Decimal(0)))


def _runs(same: Sequence[Snapshot], alarmed: Callable[[Snapshot], bool]) -> Iterable[list[Snapshot]]:
    run: list[Snapshot] = []
    for one in same:
        if alarmed(one):
            run.append(one)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _was_foreseen(loss: Loss, raised: Sequence[date]) -> bool:
    return any(loss.day - EARLIEST <= day <= loss.day - EARLY for day in raised)


def _top_tenth(found: Iterable[Snapshot]) -> Decimal | None:
    """Of the MRR lost within thirty days of each day, what the tenth of accounts with most at stake lost."""
    by_day: defaultdict[date, list[Snapshot]] = defaultdict(list)
    for one in found:
        by_day[one.day].append(one)
    lost = top = Decimal(0)
    for same in by_day.values():
        ranked = sorted(same, key=lambda one: (-one.stake, one.account_id))
        lost += sum((one.lost for one in ranked), Decimal(0))
        top += sum((one.lost for one in ranked[: max(1, len(ranked) // TENTH)]), Decimal(0))
    return top / lost if lost else None
