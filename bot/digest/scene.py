"""What every section looks at: the day, the book, and what the accounts did since the last digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.digest.account_moves import Moves
from bot.metrics.book import Book
from bot.metrics.metric import FEW, Period
from bot.metrics.policy import MetricsPolicy
from bot.telling.told import Told
from storage.syncs import SyncState


class Part(Protocol):
    """What one section found: typed values that know how to say themselves."""

    def told(self) -> Told: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """A level is that at the start of `until`; movements are those of [since, until). `source` is its display name.

    Both are ledger days; `month` are the 30 days before `until`, `month_before` those before them; churn is that
    of `churned`, the same 30 days or the last whole month by policy, compared with `churned_before`. `day` is the
    channel's: the same, unless its zone is ahead of the ledger's. `customers_left_out` are the accounts that pay in
    no currency with a rate, by currency.
    """

    session: Session
    book: Book
    month: Period
    month_before: Period
    churned: Period
    churned_before: Period
    moves: Moves
    first_day: date | None
    customers_left_out: Mapping[str, int]
    day: date
    since: date
    until: date
    now: datetime
    zone: ZoneInfo
    policy: MetricsPolicy
    source: str
    sync: SyncState
    late: str | None

    @property
    def base(self) -> str:
        return self.book.base

    @property
    def started(self) -> bool:
        """Whether any account has ever paid."""
        return self.first_day is not None and self.first_day < self.until

    def local(self, instant: datetime) -> date:
        return local_day(instant, self.zone)

    def span(self, days: int) -> tuple[datetime, datetime]:
        """The instants at which the ledger's day and the one `days` after it begin."""
        return start_of_day(self.until, self.zone), start_of_day(self.until + timedelta(days=days), self.zone)

    def worth(self, amount: Decimal | int, currency: str) -> Decimal | None:
        """An amount in minor units of the base by the rate of the last day covered; None without a rate."""
        return self.book.rates.convert(amount, currency, self.until - timedelta(days=1))

    def sum_of(self, levels: Mapping[str, int]) -> Decimal:
        """Levels by currency as one amount in the base; currencies without a rate are left out."""
        return sum((self.worth(amount, currency) or Decimal(0) for currency, amount in levels.items()), Decimal(0))


def enough(customers: int) -> bool:
    """Whether percentages of this many customers say more than they hide."""
    return customers >= FEW


def total(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
