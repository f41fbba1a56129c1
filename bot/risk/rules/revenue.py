"""What became of the revenue: smaller plans, fewer seats, money that went back, a price that is to rise."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from bot.risk.evidence import Evidence
from bot.risk.rules.rule import Family, Finding, faded, iso, rule, step, whole
from storage.signs import Moved, Returned
from storage.states import Cause

EIGHT_WEEKS = 56  # days
FRESH_BILL, TOUCHING = timedelta(days=45), timedelta(days=2)


def _shrunk(account: Evidence, cause: Cause) -> tuple[str, Decimal, int, date] | None:
    """Currency, lost percentage, lost minor units and last day, of what one cause took in the currency of most MRR.

    What the same cause gave back since counts, and so does a price that rose to offset it.
    """
    by_currency: dict[str, list[Moved]] = {}
    for one in account.moved:
        by_currency.setdefault(one.currency, []).append(one)
    worst = None
    for currency, moves in by_currency.items():
        days = [one.day for one in moves if one.cause is cause and one.amount < 0]
        if not days:
            continue
        since = min(days)
        later = [one for one in moves if one.day >= since]
        lost = -sum(one.amount for one in later if one.cause in (cause, Cause.PRICE))
        lost = min(lost, -sum(one.amount for one in later if one.cause is cause))
        before = account.mrr.get(currency, 0) - sum(one.amount for one in later)
        if lost > 0 and before > 0:
            share = Decimal(100) * lost / before
            if worst is None or share > worst[1]:
                worst = currency, min(share, Decimal(100)), lost, max(days)
    return worst


@rule(
    "plan_downgrade",
    "contracted",
    Family.CONTRACTION,
    (8, 18, 30),
    "a smaller plan took 5, 25 or 50 % of MRR; half of it counts after {0} days",
)
def _plan_downgrade(account: Evidence, points: Sequence[int]) -> Finding | None:
    return _contraction(account, Cause.PLAN, (5, 25, 50), points, account.windows["plan_downgrade"][0])


@rule(
    "seats_cut",
    "contracted",
    Family.CONTRACTION,
    (6, 12, 20),
    "fewer seats took 10, 25 or 50 % of MRR; half of it counts after {0} days",
)
def _seats_cut(account: Evidence, points: Sequence[int]) -> Finding | None:
    return _contraction(account, Cause.SEATS, (10, 25, 50), points, account.windows["seats_cut"][0])


@lru_cache(1024)
def _left(days: int, halves: int) -> Decimal:
    """What of a contraction still counts after so many days; a power takes long, and accounts shrink on few days."""
    return Decimal(2) ** (Decimal(-days) / halves)


def _contraction(
    account: Evidence, cause: Cause, steps: Sequence[int], points: Sequence[int], halves: int
) -> Finding | None:
    """`halves` is in how many days half of it is forgotten."""
    if not any(one.cause is cause and one.amount < 0 for one in account.moved):
        return None
    shrunk = _shrunk(account, cause)
    fresh = step(shrunk[1], steps, points) if shrunk else 0
    if shrunk is None or not fresh:
        return None
    currency, share, lost, last = shrunk
    found = whole(fresh * _left((account.today - last).days, halves))
    told = {"percent": whole(share), "amount": lost, "currency": currency, "day": iso(last)}
    return Finding(found, told, (f"{account.account_id}:{last.isoformat()}",)) if found else None


@rule(
    "discount_ends",
    "discounts",
    Family.PRICE,
    (6, 12, 18),
    "a discount ends within {0} days: the price rises by 15, 30, 50 %",
)
def _discount_ends(account: Evidence, points: Sequence[int]) -> Finding | None:
    worst = None
    for one in account.discounts:
        paid = account.mrr.get(one.currency or "", 0) if one.amount_off else 0
        if one.percent_off is not None and one.percent_off < 100:
            rise = 100 * one.percent_off / (100 - one.percent_off)
        elif one.amount_off and paid:
            rise = Decimal(100) * one.amount_off / paid
        else:
            continue
        if worst is None or rise > worst[0]:
            worst = rise, one
    found = step(worst[0], (15, 30, 50), points) if worst else 0
    if worst is None or not found:
        return None
    told = {"percent": whole(worst[0]), "ends_at": iso(worst[1].ends_at)}
    return Finding(found, told, (worst[1].discount_id,))


@rule(
    "metered_falls",
    "metered",
    Family.USE,
    (6, 12, 20),
    "metered use was billed 20, 40 or 60 % lower than in the period before",
)
def _metered_falls(account: Evidence, points: Sequence[int]) -> Finding | None:
    """By day, of two periods one after the other that make up eight weeks."""
    if len(account.metered) < 2 or account.now - account.metered[-1].end > FRESH_BILL:
        return None
    before, last = account.metered[-2:]
    follows = before.currency == last.currency and abs(last.start - before.end) <= TOUCHING
    days = [Decimal((one.end - one.start) // timedelta(hours=1)) / 24 for one in (before, last)]
    if not follows or sum(days) < EIGHT_WEEKS or min(days) <= 0 or before.amount <= 0:
        return None
    fall = 100 * (1 - (last.amount / days[1]) / (before.amount / days[0]))
    found = step(fall, (20, 40, 60), points)
    told = {"percent": whole(fall), "amount": last.amount, "before": before.amount, "currency": last.currency}
    return Finding(found, told, (f"{account.account_id}:{iso(last.end)}",)) if found else None


@rule("disputed", "disputes", Family.TROUBLE, (30,), "a payment is or was disputed, in {0} days", hard=True)
def _disputed(account: Evidence, points: Sequence[int]) -> Finding | None:
    worst: tuple[int, Returned] | None = None
    ends = account.windows["disputed"][0]
    for one in account.disputes:
        found = points[0] if one.open else faded(points[0], (account.now - one.at).days, ends)
        if found and (worst is None or found > worst[0]):
            worst = found, one
    if worst is None:
        return None
    found, one = worst
    told = {"amount": one.amount, "currency": one.currency, "at": iso(one.at), "open": one.open}
    return Finding(found, told, tuple(each.id for each in account.disputes), hard=one.open)


@rule("refunded", "refunds", Family.TROUBLE, (10, 18), "a payment went back, whole or again, in {0} days")
def _refunded(account: Evidence, points: Sequence[int]) -> Finding | None:
    count = len(account.refunds)
    if not count or (count == 1 and not account.refunds[0].whole):
        return None
    last = account.refunds[-1]
    ends = account.windows["refunded"][0]
    found = faded(points[1] if count > 1 else points[0], (account.now - last.at).days, ends)
    told = {"amount": last.amount, "currency": last.currency, "at": iso(last.at), "count": count, "days": ends}
    return Finding(found, told, tuple(one.id for one in account.refunds)) if found else None
