"""Loading how paying accounts and subscriptions stand at a window's end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from heapq import nlargest

from bot.figures.asked import Asked
from bot.figures.loaders import Key, loads
from bot.figures.scheduled import scheduled_changes
from bot.ledger import LedgerRules
from bot.metrics.standing import ZERO, AtRisk, FirstMrr, Largest, Planned, Renewing, Scheduled, Subscribed
from bot.metrics.windows import Window
from storage import standing
from storage.movements import WHOLE
from storage.standing import Level
from storage.states import Cause

TEN = 10
TERM = timedelta(days=180)  # a monthly term renews every month, which is no news
YESTERDAY = timedelta(days=1)


@loads(Subscribed)
def _subscribed(asked: Asked) -> dict[Key, Subscribed]:
    return {
        (label, at): Subscribed(count)
        for at, window in enumerate(asked.windows)
        for label, count in standing.subscribed(asked.session, window.end, asked.part).items()
    }


@loads(FirstMrr)
def _first_mrr(asked: Asked) -> dict[Key, FirstMrr]:
    found: defaultdict[Key, FirstMrr] = defaultdict(FirstMrr)
    for at, window in enumerate(asked.windows):
        rows = standing.first_amounts(asked.session, window.start, window.end, asked.part)
        for label, currency, day, amount, accounts in rows:
            worth = asked.worth(amount, currency, day)
            if worth is not None:
                before = found[label, at]
                found[label, at] = FirstMrr(before.amount + worth, before.accounts + accounts)
    return dict(found)


@loads(Largest)
def _largest(asked: Asked) -> dict[Key, Largest]:
    found: dict[Key, Largest] = {}
    for at, window in enumerate(asked.windows):
        paying = _paying(asked, window.end)
        for label, worth in _worths(asked, window.end, TEN).items():
            mrr = worth.pop(None)
            found[label, at] = Largest(
                sum(nlargest(TEN, (one for one in worth.values() if one > 0)), ZERO), mrr, paying.get(label, 0)
            )
    return found


def largest_accounts(asked: Asked, day: date, most: int) -> dict[str, Decimal]:
    """The accounts with most MRR at the start of a day, with it in the base, the largest first."""
    found = _worths(asked, day, most).get(WHOLE, {})
    paying = ((account_id, worth) for account_id, worth in found.items() if account_id is not None and worth > 0)
    return dict(sorted(paying, key=lambda one: (-one[1], one[0]))[:most])


def _worths(asked: Asked, day: date, count: int) -> dict[str, dict[str | None, Decimal]]:
    """MRR in the base by label and account; under None that of all. See `storage.standing.largest`."""
    known = sorted(asked.currencies - asked.unrated)
    factors = {one: asked.rates.factor(one, day - YESTERDAY) or ZERO for one in known}
    return {
        label: {
            account_id: sum((factors[one] * amount for one, amount in amounts.items() if one in factors), ZERO)
            for account_id, amounts in accounts.items()
        }
        for label, accounts in standing.largest(asked.session, day, asked.part, factors, count).items()
    }


def _paying(asked: Asked, day: date) -> Mapping[str, int]:
    """How many accounts have MRR at the start of a day."""
    if asked.part.splits_accounts:  # only the rows of those that are split tell under which label each counts
        return {label: book.customers(day) for label, book in asked.books.items()}
    return standing.customers(asked.session, day, asked.part)


@loads(AtRisk)
def _at_risk(asked: Asked) -> dict[Key, AtRisk]:
    found: dict[Key, AtRisk] = {}
    for at, window in enumerate(asked.windows):
        levels = standing.at_risk(asked.session, window.end, asked.instant(window.end), asked.part)
        found.update(((label, at), AtRisk(amount)) for label, amount in _worth(asked, window, levels).items())
    return found


@loads(Scheduled)
def _scheduled(asked: Asked) -> dict[Key, Scheduled]:
    found: dict[Key, Scheduled] = {}
    for at, window in enumerate(asked.windows):
        if asked.is_past(window.end):
            found[None, at] = Scheduled(known=False)
            continue
        levels = standing.ending(asked.session, window.end, asked.instant(window.end), asked.part)
        found.update(((label, at), Scheduled(amount)) for label, amount in _worth(asked, window, levels).items())
    return found


@loads(Planned)
def _planned(asked: Asked) -> dict[Key, Planned]:
    found: defaultdict[Key, Decimal] = defaultdict(Decimal)
    past: dict[Key, Planned] = {}
    for at, window in enumerate(asked.windows):
        if asked.is_past(window.end):
            past[None, at] = Planned(known=False)
            continue
        rules = LedgerRules(asked.grounds.zone, asked.grounds.base, asked.grounds.policy)
        changes = scheduled_changes(asked.session, rules, asked.instant(window.end))
        labels = standing.labels_of(asked.session, {one.account_id for one in changes}, asked.part)
        for one in changes:
            if one.account_id in labels and one.cause is not Cause.CANCELLED:
                worth = asked.worth(one.amount, one.currency, window.end - YESTERDAY)
                found[labels[one.account_id], at] += worth or ZERO
    return {**past, **{key: Planned(change) for key, change in found.items()}}


@loads(Renewing)
def _renewing(asked: Asked) -> dict[Key, Renewing]:
    found: dict[Key, Renewing] = {}
    for at, window in enumerate(asked.windows):
        if asked.is_past(window.end):
            found[None, at] = Renewing(known=False)
            continue
        soon, later = (_renewing_in(asked, window, *days) for days in ((0, 30), (30, 90)))
        for label in soon.keys() | later.keys():
            in_30_days = soon.get(label, ZERO)
            found[label, at] = Renewing(in_30_days, in_30_days + later.get(label, ZERO))
    return found


def _renewing_in(asked: Asked, window: Window, first: int, last: int) -> dict[str, Decimal]:
    start, end = (asked.instant(window.end + timedelta(days=days)) for days in (first, last))
    return _worth(asked, window, standing.renewing(asked.session, window.end, start, end, asked.part, term=TERM))


def _worth(asked: Asked, window: Window, levels: Iterable[Level]) -> dict[str, Decimal]:
    """Levels at the window's end in the base, by label, at the rates of the day before."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in levels:
        found[one.label] += asked.worth(one.amount, one.currency, window.end - YESTERDAY) or ZERO
    return dict(found)
