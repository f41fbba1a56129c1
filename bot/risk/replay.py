"""What the rules would have looked at on an earlier day: only what was known before it began.

The rules of subscriptions' present state (cards, methods, pauses, trials, terms) are not replayed, for that state has
no past; nor are metered use and cancellations that were withdrawn. A failed charge is taken to be tried again for
three weeks, four times in all, a dispute to be open for sixty days, and an invoice that was voided to be waited for as
long as it was tried: what billing did then, nobody kept. A signal counts from the day on which Kahvi was told of it.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.clock import start_of_day
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
    moves_count_for,
    use_compared,
)
from bot.risk.score import LEAST, MOST, Risk
from bot.risk.windows import RENEWAL, WINDOWS, Windows
from storage.cancellations import Leaving
from storage.facts import Collection, PaymentStatus
from storage.past import Bill, Past
from storage.receivables import Collecting, Receivable
from storage.signs import DiscountEnd, Moved, Returned, Told
from storage.states import Cause, MovementKind

NOT_REPLAYED = frozenset(
    ("card_expires", "no_method", "collection_paused", "trial_unpayable", "long_term", "metered_falls")
)
TRIED_FOR, TRIES = timedelta(days=21), 4
OPEN_FOR = timedelta(days=60)  # a dispute
OWED_FOR = timedelta(days=120)  # after which an invoice is no longer waited for
DAY = timedelta(days=1)


def evidence_on(past: Past, day: date, rates: Rates, zone: ZoneInfo, windows: Windows = WINDOWS) -> Evidence:
    """What was known of an account when a local day began."""
    now = start_of_day(day, zone)
    mrr = levels(past, day)
    found = Evidence(past.account_id, now, day, mrr, rates.total(mrr, day), windows=windows)
    found.leaving = [
        Leaving(one.subscription_id, past.account_id, one.ends_at, one.at, one.reason, one.kind, one.comment)
        for one in past.notices
        if one.at < now < one.ends_at
    ]
    ending = {one.subscription_id for one in found.leaving}
    found.ending = rates.total(levels(past, day, ending), day) or Decimal(0)
    found.receivables = [owed for bill in past.bills if (owed := _owed(past.account_id, bill, now))]
    found.moved = _moved(past, day - moves_count_for(windows), day)
    found.discounts = [
        DiscountEnd(past.account_id, one.id, one.ends_at, one.percent_off, one.amount_off, one.currency)
        for one in past.discounts
        if (one.starts_at is None or one.starts_at < now) and now <= one.ends_at < now + days(windows, "discount_ends")
    ]
    found.disputes = [
        Returned(past.account_id, one.id, one.at, one.amount, one.currency, now - one.at < OPEN_FOR)
        for one in past.disputes
        if now - days(windows, "disputed") <= one.at < now
    ]
    found.refunds = [
        Returned(past.account_id, one.id, one.at, one.amount, one.currency, open=False, whole=one.whole)
        for one in past.refunds
        if now - days(windows, "refunded") <= one.at < now
    ]
    stays = [one.stay_start for one in past.moves if one.day < day]
    found.came = max(stays) if stays and max(stays) >= day - days(windows, "early") else None
    found.clean = _clean(past, now)
    _listen(found, past, now)
    return found


def replayed(risk: Risk) -> int:
    """The score without what a replay cannot see: likelihoods were learned from scores like this."""
    beyond = sum(one.points for one in risk.reasons if one.rule in NOT_REPLAYED or one.rule == RENEWAL)
    return min(max(risk.score - beyond, LEAST), MOST)


def levels(past: Past, day: date, subscriptions: set[str] | None = None) -> dict[str, int]:
    """MRR at the start of a day by currency, of all subscriptions or of some; zeros are left out."""
    sums: defaultdict[str, int] = defaultdict(int)
    for one in past.moves:
        if one.day < day and (subscriptions is None or one.subscription_id in subscriptions):
            sums[one.currency] += one.amount
    return {currency: amount for currency, amount in sums.items() if amount}


def _owed(account_id: str, bill: Bill, now: datetime) -> Receivable | None:
    """What had failed or was late."""
    if not (bill.issued_at < now <= bill.issued_at + OWED_FOR) or (bill.paid_at is not None and bill.paid_at < now):
        return None
    tries = [one for one in bill.tries if one.at < now]
    if bill.voided and now > max((one.at for one in tries), default=bill.issued_at) + TRIED_FOR:
        return None
    if bill.collection is Collection.INVOICE:
        if bill.due_at is None or bill.due_at >= now:
            return None
        return Receivable(
            bill.id, account_id, "", bill.currency, bill.total, Collecting.OVERDUE, bill.due_at, 0, None, None
        )
    failed = [one for one in tries if one.status is PaymentStatus.FAILED]
    if not failed or tries[-1].status is not PaymentStatus.FAILED:
        return None
    again = len(failed) < TRIES and now - failed[0].at <= TRIED_FOR
    following = now + DAY if again else None
    last = failed[-1]
    return Receivable(
        bill.id,
        account_id,
        "",
        bill.currency,
        bill.total,
        Collecting.FAILED,
        last.at,
        len(failed),
        following,
        last.code,
    )


def _moved(past: Past, since: date, day: date) -> list[Moved]:
    sums: defaultdict[tuple[date, Cause, str], int] = defaultdict(int)
    for one in past.moves:
        if since <= one.day < day and one.kind in (MovementKind.EXPANSION, MovementKind.CONTRACTION):
            sums[one.day, one.cause, one.currency] += one.amount
    return [Moved(past.account_id, at, cause, currency, amount) for (at, cause, currency), amount in sums.items()]


def _clean(past: Past, now: datetime) -> int:
    since = now - CLEAN_DAYS
    tried = (one for bill in past.bills for one in bill.tries)
    if any(since <= one.at < now and one.status is PaymentStatus.FAILED for one in tried):
        return 0
    paid = sum(since <= one.issued_at < now and one.paid_at is not None and one.paid_at < now for one in past.bills)
    return paid if paid >= CLEAN else 0


def _listen(found: Evidence, past: Past, now: datetime) -> None:
    """Signals as they stood: the newest states, and use beside the account's own time before."""
    told: dict[str, Told] = {}
    stale: list[str] = []
    recent: defaultdict[str, list[Decimal]] = defaultdict(list)
    before: defaultdict[str, list[Decimal]] = defaultdict(list)
    lately, earlier = use_compared(found.windows)
    for one in past.seen:
        if one.at >= now:
            break  # they are in order of time
        if one.known_at >= now:
            continue
        if one.name in STATES and one.at >= now - REMEMBERED:
            told[one.name] = Told(past.account_id, one.name, one.at, one.value)
        if one.name in USE and one.at >= now - lately:
            recent[one.name].append(one.value)
        elif one.name in USE and one.at >= now - earlier - lately:
            before[one.name].append(one.value)
    stale += [name for name, one in told.items() if one.at < now - LASTING]
    stale += [name for name in before if name not in recent]
    found.told = {name: one for name, one in told.items() if name not in stale}
    found.courses = {
        name: Course(name, sum(recent[name], Decimal(0)) / len(recent[name]), sum(values, Decimal(0)) / len(values))
        for name, values in before.items()
        if name in recent and any(values)
    }
    found.stale = stale
