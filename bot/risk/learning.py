"""Replays the workspace's past, some accounts at a time, and keeps the likelihoods that it teaches."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.metrics.rates import Rates
from bot.risk import backtest, tuning
from bot.risk.backtest import Backtest, HighValue, Loss, Snapshot, days_of, measured
from bot.risk.calibration import Model, fitted
from bot.risk.tuning import Tuning
from storage import ledger, past, risks, tunings
from storage.accounts import called
from storage.engine import Database
from storage.fact_reader import exchange_rates
from storage.past import Past
from storage.tunings import BY_ITSELF, CALIBRATION

PORTION = 100  # accounts
WARM_UP = timedelta(days=60)  # before it, too little is known of anybody
EVERY = 4  # of the replayed days one counts for a likelihood: neighbours tell the same


@dataclass(frozen=True, slots=True)
class Replay:
    """All that was replayed: the days, each account on each of them, who was lost, and by which tuning."""

    days: Sequence[date]
    snapshots: Sequence[Snapshot]
    losses: Sequence[Loss]
    tuning: Tuning
    owners: dict[str, str]

    def measured(self, least: Decimal) -> Backtest:
        """`least` is the MRR of an account of high value, in minor units of the base, where people set no other."""
        high = HighValue(least, self.tuning.top_share)
        return measured(self.snapshots, self.losses, self.days, high, self.owners)

    def for_fitting(self) -> list[Snapshot]:
        """What a likelihood is fitted on: days far enough from each other."""
        wanted = set(self.days[::EVERY])
        return [one for one in self.snapshots if one.day in wanted]


async def replay(
    database: Database,
    base: str,
    zone: ZoneInfo,
    now: datetime,
    *,
    since: date | None = None,
    step: timedelta = backtest.STEP,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Replay:
    """Replay all accounts from a day on, or from the beginning; `told` hears how many of all are done."""
    first, rates, chosen, ids = await database.read(_begin, base)
    today = local_day(now, zone)
    start = max(since or date.min, first + WARM_UP) if first else today
    days = days_of(start, today, step)
    found: list[Snapshot] = []
    lost: list[Loss] = []
    owners: dict[str, str] = {}
    for place in range(0, len(ids) if days else 0, PORTION):
        part = ids[place : place + PORTION]
        pasts = list((await database.read(past.pasts, part)).values())
        seen, gone = await asyncio.to_thread(_lived, pasts, days, rates, zone, chosen)
        found += seen
        lost += gone
        named = await database.read(called.names, part)
        owners |= {account_id: one.owner for account_id, one in named.items() if one.owner}
        told(min(place + PORTION, len(ids)), len(ids))
    return Replay(days, found, lost, chosen, owners)


def _lived(
    pasts: Sequence[Past], days: Sequence[date], rates: Rates, zone: ZoneInfo, chosen: Tuning
) -> tuple[list[Snapshot], list[Loss]]:
    """Some accounts on all days, and those that were lost; in a thread, for it takes long."""
    seen = [one for each in pasts for one in backtest.snapshots(each, days, rates, zone, chosen)]
    first, last = days[0] + backtest.EARLY, days[-1] + backtest.HORIZON
    return seen, [one for each in pasts for one in backtest.losses(each, first, last, rates)]


async def learn_again(database: Database, base: str, zone: ZoneInfo, now: datetime) -> Model:
    """Fit anew, and put what may be used in force; a refusal takes what was in force out of it."""
    found = await replay(database, base, zone, now)
    model = fitted(found.for_fitting(), found.tuning)
    await database.write(keep, model, now)
    return model


def keep(session: Session, model: Model, now: datetime) -> None:
    """Put a model in force, or none."""
    found = model.calibration.plain() if model.calibration else {}
    present = tunings.in_force(session, CALIBRATION)
    if (present.tuning if present else {}) != found:
        tunings.choose(session, found, BY_ITSELF, now, CALIBRATION)
        risks.touch_all(session)


def _begin(session: Session, base: str) -> tuple[date | None, Rates, Tuning, list[str]]:
    rates = Rates(base, exchange_rates(session, base))
    return ledger.first_day(session), rates, tuning.in_force(session), past.accounts_with_mrr(session)
