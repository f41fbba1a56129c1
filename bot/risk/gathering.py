"""Gathers what is known of many accounts in a fixed number of queries, of the most of whom nothing tells of trouble."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.metrics.rates import Rates
from bot.risk.evidence import (
    CLEAN,
    CLEAN_DAYS,
    LASTING,
    REMEMBERED,
    STATES,
    USE,
    Course,
    Evidence,
    days,
    is_unsettled,
    moves_count_for,
    use_compared,
)
from bot.risk.windows import WINDOWS, Windows
from storage import cancellations, departures, receivables, signs
from storage.cancellations import Leaving
from storage.departures import Notice
from storage.fact_reader import exchange_rates
from storage.receivables import Receivable
from storage.signs import DiscountEnd, Metered, Moved, Returned, Running, Told

METERED = timedelta(days=100)  # two billed months and the wait for the second bill
# The fields that rules against staying look at, and what was too old for them: most accounts have nothing there.
TELLING = (
    *("leaving", "receivables", "unsettled", "contracted", "discounts", "disputes", "refunds", "metered"),
    *("ending", "came", "told", "courses", "stale"),
)

One = TypeVar("One", Leaving, Receivable, Running, Moved, DiscountEnd, Returned, Metered)


class Gathered(NamedTuple):
    """All accounts that run or pay: what is known of those of whom anything tells, and what the quiet ones are worth.

    Both by account id; a worth is None where a currency has no exchange rate.
    """

    telling: dict[str, Evidence]
    quiet: dict[str, Decimal | None]


def gather(
    session: Session,
    base: str,
    zone: ZoneInfo,
    now: datetime,
    among: Collection[str] | None = None,
    *,
    windows: Windows = WINDOWS,
) -> Gathered:
    """What is known; `among` keeps it to some accounts, `windows` to what counts."""
    today = local_day(now, zone)
    rates = Rates(base, exchange_rates(session, base))
    noticed = departures.on_notice(session, now, among)
    levels = departures.with_notices(signs.levels(session, among), noticed)
    running = signs.running(session, among)
    runs = {one.account_id for one in running}
    here = (levels.keys() | runs) - departures.gone(session, runs - levels.keys(), now).keys()
    moved = signs.moved(session, today - moves_count_for(windows), among)
    methods_known = signs.knows_methods(session)
    leaving = cancellations.leaving_subscriptions(session, now, among)
    known = {
        "leaving": _by_account(leaving),
        "ending": _ending(session, rates, today, leaving, noticed),
        **_signs(session, now, today, among, windows),
        **_heard(session, now, among, windows),
    }
    unsettled = (one.account_id for one in running if is_unsettled(one, methods_known=methods_known))
    contracted = (one.account_id for one in moved if one.amount < 0)
    some = {**known, "unsettled": unsettled, "contracted": contracted}
    tells = set[str]().union(*(some[name] for name in TELLING))
    known["running"] = _by_account(one for one in running if one.account_id in tells)
    known["moved"] = _by_account(one for one in moved if one.account_id in tells)
    known["clean"] = signs.clean_payers(session, now - CLEAN_DAYS, CLEAN, None if among is None else tells)
    telling, quiet = {}, {}
    for account_id in sorted(here):
        mrr = levels.get(account_id, {})
        worth = rates.total(mrr, today)
        if account_id not in tells:
            quiet[account_id] = worth
            continue
        made = telling[account_id] = Evidence(account_id, now, today, mrr, worth)
        made.methods_known, made.windows = methods_known, windows
        for name, by in known.items():
            if account_id in by:
                setattr(made, name, by[account_id])
    return Gathered(telling, quiet)


def _signs(
    session: Session, now: datetime, today: date, among: Collection[str] | None, windows: Windows
) -> dict[str, Mapping[str, Any]]:
    """What billing tells that few accounts have, by field of `Evidence` and account."""
    return {
        "receivables": _by_account(receivables.missing(session, now, among)),
        "discounts": _by_account(signs.discount_ends(session, now, now + days(windows, "discount_ends"), among)),
        "metered": _by_account(signs.metered(session, now - METERED, now, among)),
        "disputes": _by_account(signs.disputed(session, now - days(windows, "disputed"), among)),
        "refunds": _by_account(signs.refunded(session, now - days(windows, "refunded"), among)),
        "came": signs.first_days(session, today - days(windows, "early"), among),
    }


def _ending(
    session: Session, rates: Rates, today: date, leaving: Sequence[Leaving], noticed: Iterable[Notice]
) -> Mapping[str, Decimal]:
    """What is to end of each account, in minor units of the base."""
    paying = signs.levels_of(session, [one.subscription_id for one in leaving])
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account_id, currency, amount in [*paying, *((one.account_id, one.currency, one.amount) for one in noticed)]:
        found[account_id] += rates.convert(amount, currency, today) or 0
    return found


def _by_account(rows: Iterable[One]) -> Mapping[str, Sequence[One]]:
    found: defaultdict[str, list[One]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


def _heard(
    session: Session, now: datetime, among: Collection[str] | None, windows: Windows
) -> dict[str, Mapping[str, Any]]:
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
    return {"told": told, "courses": courses, "stale": stale}
