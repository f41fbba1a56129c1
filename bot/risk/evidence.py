"""What is known of an account that may tell of trouble, gathered for many accounts in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.metrics.rates import Rates
from bot.risk.windows import STATE_LASTS, WINDOWS, Windows
from bot.risk.windows import USE as USE_WINDOW
from storage import cancellations, departures, receivables, signs
from storage.cancellations import Leaving
from storage.departures import Notice
from storage.fact_reader import exchange_rates
from storage.facts import Status
from storage.receivables import Receivable
from storage.signs import DiscountEnd, Metered, Moved, Returned, Running, Told

HALF_LIVES = 4  # after which nothing is left of a contraction
METERED = timedelta(days=100)  # two billed months and the wait for the second bill
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

One = TypeVar("One", Leaving, Receivable, Running, Moved, DiscountEnd, Returned, Metered, Told)


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
        return [
            one
            for one in self.running
            if (one.method_id is None and self.methods_known)
            or one.pause_kind is not None
            or one.status is Status.TRIALING
            or (one.exp_year is not None and one.period_end is not None and one.exp_year <= one.period_end.year)
        ]


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


def gather(
    session: Session,
    base: str,
    zone: ZoneInfo,
    now: datetime,
    among: Collection[str] | None = None,
    *,
    windows: Windows = WINDOWS,
) -> dict[str, Evidence]:
    """By account id, of those that run or pay; `among` keeps it to some accounts, `windows` to what counts."""
    today = local_day(now, zone)
    rates = Rates(base, exchange_rates(session, base))
    noticed = departures.on_notice(session, now, among)
    found = _accounts(session, rates, now, today, among=among, noticed=noticed)
    for one in found.values():
        one.windows = windows
    leaving = cancellations.leaving_subscriptions(session, now, among)
    _put(found, "leaving", leaving)
    paying = signs.levels_of(session, [one.subscription_id for one in leaving])
    _end(found, rates, [*paying, *((one.account_id, one.currency, one.amount) for one in noticed)])
    _put(found, "receivables", receivables.missing(session, now, among))
    _put(found, "moved", signs.moved(session, today - moves_count_for(windows), among))
    _put(found, "discounts", signs.discount_ends(session, now, now + days(windows, "discount_ends"), among))
    _put(found, "metered", signs.metered(session, now - METERED, now, among))
    _put(found, "disputes", signs.disputed(session, now - days(windows, "disputed"), among))
    _put(found, "refunds", signs.refunded(session, now - days(windows, "refunded"), among))
    for account_id, day in signs.first_days(session, today - days(windows, "early"), among).items():
        if account_id in found:
            found[account_id].came = day
    for account_id, count in signs.clean_payers(session, now - CLEAN_DAYS, CLEAN, among).items():
        if account_id in found:
            found[account_id].clean = count
    _listen(session, found, now, among, windows)
    return found


def _accounts(
    session: Session,
    rates: Rates,
    now: datetime,
    today: date,
    *,
    among: Collection[str] | None,
    noticed: Iterable[Notice],
) -> dict[str, Evidence]:
    """Those that run or pay, and have not left."""
    levels = departures.with_notices(signs.levels(session, among), noticed)
    running: defaultdict[str, list[Running]] = defaultdict(list)
    for one in signs.running(session, among):
        running[one.account_id].append(one)
    known = signs.knows_methods(session)
    gone = departures.gone(session, running.keys() - levels.keys(), now)
    found = {}
    for account_id in sorted((levels.keys() | running.keys()) - gone.keys()):
        mrr = levels.get(account_id, {})
        made = Evidence(account_id, now, today, mrr, rates.total(mrr, today))
        made.running, made.methods_known = running.get(account_id, ()), known
        found[account_id] = made
    return found


def _end(found: Mapping[str, Evidence], rates: Rates, ending: Iterable[tuple[str, str, int]]) -> None:
    for account_id, currency, amount in ending:
        if account_id in found:
            found[account_id].ending += rates.convert(amount, currency, found[account_id].today) or 0


def _put(found: Mapping[str, Evidence], name: str, rows: Iterable[One]) -> None:
    by_account: defaultdict[str, list[One]] = defaultdict(list)
    for row in rows:
        if row.account_id in found:
            by_account[row.account_id].append(row)
    for account_id, same in by_account.items():
        setattr(found[account_id], name, same)


def _listen(
    session: Session, found: Mapping[str, Evidence], now: datetime, among: Collection[str] | None, windows: Windows
) -> None:
    """What was told beside billing: the newest states, and use beside the account's own time before."""
    told: defaultdict[str, dict[str, Told]] = defaultdict(dict)
    courses: defaultdict[str, dict[str, Course]] = defaultdict(dict)
    stale: defaultdict[str, list[str]] = defaultdict(list)
    for one in signs.told(session, STATES, now - REMEMBERED, among):
        if one.at < now - LASTING:
            stale[one.account_id].append(one.name)
        else:
            told[one.account_id][one.name] = one
    lately, earlier = use_compared(windows)
    recent, since = signs.means(session, USE, now - lately, now, among), now - earlier - lately
    for (account_id, name), before in signs.means(session, USE, since, now - lately, among).items():
        if (account_id, name) not in recent:
            stale[account_id].append(name)
        elif before:
            courses[account_id][name] = Course(name, recent[account_id, name], before)
    for name, heard in (("told", told), ("courses", courses), ("stale", stale)):
        for account_id in heard.keys() & found.keys():
            setattr(found[account_id], name, heard[account_id])
