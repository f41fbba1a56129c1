"""What is known of an account that may tell of trouble: all that rules look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bot.risk.windows import STATE_LASTS, WINDOWS, Windows
from bot.risk.windows import USE as USE_WINDOW
from storage.cancellations import Leaving
from storage.facts import Status
from storage.receivables import Receivable
from storage.signs import DiscountEnd, Metered, Moved, Returned, Running, Told

HALF_LIVES = 4  # after which nothing is left of a contraction
CLEAN, CLEAN_DAYS = 12, timedelta(days=400)
LASTING = timedelta(days=STATE_LASTS)  # of a state
REMEMBERED = timedelta(days=730)  # for so long a state that is too old to count is named
DEPTH = ("active_users", "monthly_active_users", "dau_mau", "seats_used", "key_feature_days_28d")
ACTIVITY = ("logins", "login_count_7d")
TICKETS = ("tickets_30d",)
USE = (*DEPTH, *ACTIVITY, *TICKETS)  # whose course counts, beside the account's own time before
STATES = (
    *("nps", "csat", "sentiment_csm", "champion_left", "export_requested", "competitor_mentioned"),
    *("tickets_open", "urgent_tickets", "onboarding_step_done", "onboarding_total", "last_contact_at", "contract_end"),
)


@dataclass(frozen=True, slots=True)
class Course:
    """How one kind of use went: its mean over the last 28 days, and over the account's own time before."""

    name: str
    recent: Decimal
    before: Decimal


_EMPTY: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    """One for all: nothing is told of most accounts."""
    return _EMPTY


@dataclass(slots=True)
class Evidence:
    """All that rules look at of one account; `mrr` is in minor units by currency, `worth` the same in the base's.

    `worth` is None where a currency has no exchange rate, `ending` is that of subscriptions that are to end. `stale`
    names signals that are too old to say anything. `methods_known` is False where billing tells of no payment method
    of anybody: then that one is missing says nothing. `windows` are for how many days signs count.
    """

    account_id: str
    now: datetime
    today: date
    mrr: Mapping[str, int]
    worth: Decimal | None
    ending: Decimal = Decimal(0)
    leaving: Sequence[Leaving] = ()
    receivables: Sequence[Receivable] = ()
    running: Sequence[Running] = ()
    moved: Sequence[Moved] = ()
    discounts: Sequence[DiscountEnd] = ()
    disputes: Sequence[Returned] = ()
    refunds: Sequence[Returned] = ()
    metered: Sequence[Metered] = ()
    came: date | None = None
    clean: int = 0
    told: Mapping[str, Told] = field(default_factory=_nothing)
    courses: Mapping[str, Course] = field(default_factory=_nothing)
    stale: Sequence[str] = ()
    methods_known: bool = True
    windows: Windows = field(default_factory=lambda: WINDOWS)

    @property
    def contracted(self) -> Sequence[Moved]:
        """What moved, of an account that shrank at all: most did not, and need not be asked."""
        return self.moved if any(one.amount < 0 for one in self.moved) else ()

    @property
    def unsettled(self) -> Sequence[Running]:
        """The subscriptions whose payment may not come by itself; most will, and need no rule to look at them."""
        return [one for one in self.running if is_unsettled(one, methods_known=self.methods_known)]

    @property
    def days_left(self) -> int | None:
        """Until something ends, or a charge that failed is tried again; None when nothing has a day."""
        ends = [one.ends_at for one in self.leaving] + [one.next_attempt_at for one in self.receivables]
        return min(((at - self.now).days for at in ends if at is not None), default=None)


def moves_count_for(windows: Windows) -> timedelta:
    """How far back movements are looked at."""
    halves = max(windows["plan_downgrade"][0], windows["seats_cut"][0])
    return timedelta(days=max(HALF_LIVES * halves, windows["grew"][0]))


def days(windows: Windows, name: str) -> timedelta:
    """How long the first step of a window is."""
    return timedelta(days=windows[name][0])


def use_compared(windows: Windows) -> tuple[timedelta, timedelta]:
    """The last days of use, and how long before them is what they are compared with."""
    recent, before = windows[USE_WINDOW]
    return timedelta(days=recent), timedelta(days=before)


def is_unsettled(one: Running, *, methods_known: bool) -> bool:
    """Whether its payment may not come by itself."""
    return (
        (one.method_id is None and methods_known)
        or one.pause_kind is not None
        or one.status is Status.TRIALING
        or (one.exp_year is not None and one.period_end is not None and one.exp_year <= one.period_end.year)
    )
