"""How long they have been here and how well it went: what speaks for an account, and what weighs the rest."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from bot.risk.evidence import Evidence, days
from bot.risk.rules.rule import Family, Finding, iso, rule, told_day, whole
from storage.signs import Running

LONG_TERM = timedelta(days=180)
YEARLY = timedelta(days=360)


@rule("early", "came", Family.TIME, (5,), "they came less than {0} days ago")
def _early(account: Evidence, points: Sequence[int]) -> Finding | None:
    if account.came is None or not account.mrr:
        return None
    return Finding(points[0], {"day": iso(account.came)}, (f"{account.account_id}:{account.came.isoformat()}",))


@rule("grew", "moved", Family.FAVOUR, (-8,), "MRR grew by 10 % in {0} days")
def _grew(account: Evidence, points: Sequence[int]) -> Finding | None:
    lately = account.windows["grew"][0]
    since = account.today - timedelta(days=lately)
    for currency, now in account.mrr.items():
        moves = [one for one in account.moved if one.day >= since and one.currency == currency]
        grown = sum(one.amount for one in moves)
        before = now - grown
        if before > 0 and grown * 10 >= before:
            told = {
                "percent": whole(Decimal(100) * grown / before),
                "amount": grown,
                "currency": currency,
                "days": lately,
            }
            return Finding(points[0], told, tuple(f"{account.account_id}:{one.day.isoformat()}" for one in moves))
    return None


@rule("pays_cleanly", "clean", Family.FAVOUR, (-5,), "twelve invoices and more were paid without a failed charge")
def _pays_cleanly(account: Evidence, points: Sequence[int]) -> Finding | None:
    if not account.clean or account.receivables:
        return None
    return Finding(points[0], {"count": account.clean}, (account.account_id,))


@rule("long_term", "running", Family.FAVOUR, (-5,), "a yearly term has more than {0} days to go")
def _long_term(account: Evidence, points: Sequence[int]) -> Finding | None:
    off = days(account.windows, "long_term")
    far = [one for one in account.running if _term(one) >= YEARLY and _left(account, one) > off]
    if not far or account.leaving:
        return None
    return Finding(points[0], {"ends_at": iso(far[0].period_end)}, tuple(one.subscription_id for one in far))


def _term(one: Running) -> timedelta:
    return one.period_end - one.period_start if one.period_end and one.period_start else timedelta(0)


def _left(account: Evidence, one: Running) -> timedelta:
    return one.period_end - account.now if one.period_end else timedelta(0)


def renewal(account: Evidence) -> tuple[datetime, str] | None:
    """The next end of a term of half a year or more, or of a contract, and whose: B17 weighs the rest by it."""
    ends = [
        (one.period_end, one.subscription_id)
        for one in account.running
        if one.period_end
        and one.period_end > account.now
        and _term(one) >= LONG_TERM
        and (one.cancel_at is None or one.cancel_at > one.period_end)  # what is to end is not renewed
    ]
    contract = told_day(account, "contract_end")
    if contract is not None and contract >= account.today:
        ends.append((datetime.combine(contract, time.min, UTC), account.account_id))
    return min(ends, default=None)
