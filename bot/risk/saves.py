"""What came of alerts: accounts that still pay thirty days after theirs ended were saved, others were lost.

An alert that people called no risk counts for nothing. An account counts once in a period, with the MRR that it had
both before its alert and after it: what it grew by meanwhile was not saved. Both are converted by the rates of the day
before the alert, so that a currency that moved is neither a gain nor a loss.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.metrics.periods import Span
from bot.metrics.rates import Rates
from bot.risk.triggers import Ending
from storage import alerts, ledger
from storage.accounts import called
from storage.alerts import Alert
from storage.fact_reader import exchange_rates
from storage.movements import Movement

CONFIRMED_AFTER = timedelta(days=30)
NO_SAVE = (Ending.DISMISSED, Ending.ELSEWHERE, Ending.MOVED)


class Fate(StrEnum):
    """What became of an account after its alert; pending while thirty days have not passed."""

    SAVED = "saved"
    LOST = "lost"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Save:
    """One account: `mrr` in minor units of the base, None without an exchange rate; `day` when it was known.

    `by` is who was on its alert; that of a pending one is known on `day` at the earliest.
    """

    account_id: str
    name: str
    fate: Fate
    mrr: Decimal | None
    day: date
    by: str | None


@dataclass(frozen=True, slots=True)
class Saves:
    """Those of a period, and all that are pending now, each group by MRR, the most first."""

    span: Span
    base: str
    found: Sequence[Save]

    def of(self, fate: Fate) -> list[Save]:
        return [one for one in self.found if one.fate is fate]

    def worth(self, fate: Fate) -> Decimal:
        return sum((one.mrr for one in self.of(fate) if one.mrr is not None), Decimal(0))


def saves(session: Session, span: Span, base: str, zone: ZoneInfo, now: datetime) -> Saves:
    """What is known in a period, by the ledger as it stands."""
    since = start_of_day(min(span.window.start, local_day(now, zone)) - CONFIRMED_AFTER, zone)
    ended = [one for one in alerts.closed_since(session, since) if _counts(one)]
    ids = sorted({one.account_id for one in ended})
    rates, names = Rates(base, exchange_rates(session, base)), called.names(session, ids)
    courses = _by_account(ledger.of_accounts(session, ids))
    newest: dict[str, Save] = {}
    for alert in ended:  # the newest last: it is the one that counts
        level = _Level(courses.get(alert.account_id, ()), rates)
        found = _save(alert, level, names[alert.account_id].name, zone, now)
        if found and (found.fate is Fate.PENDING or span.window.start <= found.day < span.window.end):
            newest[alert.account_id] = found
    ranked = sorted(newest.values(), key=lambda one: (-(one.mrr or 0), one.account_id))
    return Saves(span, base, ranked)


def _counts(alert: Alert) -> bool:
    return (alert.outcome or {}).get("ending") not in NO_SAVE


class _Level:
    """An account's MRR at the end of a day."""

    def __init__(self, course: Sequence[Movement], rates: Rates) -> None:
        self._course, self._rates = course, rates

    def at(self, day: date, rated: date) -> Decimal | None:
        """In the base, by the rates of the day `rated`."""
        return self._rates.total(self._amounts(day), rated)

    def is_nothing(self, day: date) -> bool:
        return not any(self._amounts(day).values())

    def days(self, start: date, end: date) -> Iterable[date]:
        """The days of [start, end] on which it moved."""
        return sorted({one.day for one in self._course if start <= one.day <= end})

    def _amounts(self, day: date) -> Mapping[str, int]:
        amounts: defaultdict[str, int] = defaultdict(int)
        for one in self._course:
            if one.day <= day:
                amounts[one.currency] += one.amount
        return amounts


def _save(alert: Alert, level: _Level, name: str, zone: ZoneInfo, now: datetime) -> Save | None:
    """What became of one; None for an account that paid nothing when its alert opened."""
    if alert.closed_at is None:
        return None
    opened, closed, today = (local_day(at, zone) for at in (alert.opened_at, alert.closed_at, now))
    if level.is_nothing(opened - timedelta(days=1)):  # a policy may count a loss from the day of its cause on
        opened = min(opened, local_day(alert.since, zone))
    before, confirmed = opened - timedelta(days=1), closed + CONFIRMED_AFTER
    if level.is_nothing(before):
        return None
    worth = level.at(before, before)
    for day in level.days(opened, min(confirmed, today)):
        if level.is_nothing(day):
            return Save(alert.account_id, name, Fate.LOST, worth, day, alert.claimed_by)
    after = level.at(min(confirmed, today), before)
    kept = None if worth is None or after is None else min(worth, after)
    fate = Fate.SAVED if confirmed <= today else Fate.PENDING
    return Save(alert.account_id, name, fate, kept, confirmed, alert.claimed_by)


def _by_account(found: Iterable[Movement]) -> dict[str, list[Movement]]:
    by_account: defaultdict[str, list[Movement]] = defaultdict(list)
    for one in found:
        by_account[one.account_id].append(one)
    return by_account
