"""Whether the money comes: failed charges, cards, overdue invoices, trials that nobody can charge."""

from collections.abc import Sequence
from datetime import datetime

from bot.risk.evidence import Evidence, days
from bot.risk.rules.rule import Family, Finding, iso, rule, step
from storage.facts import Collection, Status
from storage.receivables import Collecting, Receivable
from storage.signs import Running

HARD_DECLINES = frozenset(
    ("authentication_required", "expired_card", "invalid_account", "lost_card", "pickup_card", "stolen_card")
)


def _failed(account: Evidence) -> list[Receivable]:
    return [one for one in account.receivables if one.state is Collecting.FAILED]


def _given_up(account: Evidence) -> list[Receivable]:
    unpaid = any(one.status is Status.UNPAID for one in account.running)
    return [one for one in _failed(account) if one.next_attempt_at is None and (unpaid or one.attempts > 0)]


@rule(
    "payment_failing",
    "receivables",
    Family.PAYMENT,
    (15, 25, 40),
    "a charge failed once, twice, 3 times, and is tried again",
)
def _payment_failing(account: Evidence, points: Sequence[int]) -> Finding | None:
    open_ = [one for one in _failed(account) if one.next_attempt_at is not None]
    if not open_:
        return None
    worst = max(open_, key=lambda one: (one.attempts, one.amount))
    told = {
        "amount": worst.amount,
        "currency": worst.currency,
        "attempts": worst.attempts,
        "code": worst.code,
        "next_attempt_at": iso(worst.next_attempt_at),
        "count": len(open_),
    }
    return Finding(step(max(worst.attempts, 1), (1, 2, 3), points), told, tuple(one.invoice_id for one in open_))


@rule("retries_exhausted", "receivables", Family.PAYMENT, (50,), "a charge failed and is not tried any more", hard=True)
def _retries_exhausted(account: Evidence, points: Sequence[int]) -> Finding | None:
    over = _given_up(account)
    if not over:
        return None
    worst = max(over, key=lambda one: one.amount)
    told = {
        "amount": worst.amount,
        "currency": worst.currency,
        "attempts": worst.attempts,
        "code": worst.code,
        "count": len(over),
    }
    return Finding(points[0], told, tuple(one.invoice_id for one in over))


@rule("hard_decline", "receivables", Family.PAYMENT, (10,), "a charge failed, and trying again does not mend it")
def _hard_decline(account: Evidence, points: Sequence[int]) -> Finding | None:
    hard = [one for one in _failed(account) if one.code in HARD_DECLINES]
    return Finding(points[0], {"code": hard[0].code}, tuple(one.invoice_id for one in hard)) if hard else None


@rule("card_expires", "unsettled", Family.PAYMENT, (10, 20), "the card expires before its next charge; in {0} days")
def _card_expires(account: Evidence, points: Sequence[int]) -> Finding | None:
    ending = [one for one in account.unsettled if expires_before_charge(one) and charged_again(one, account.now)]
    if not ending:
        return None
    first = min(ending, key=_charge_at)
    left = (_charge_at(first) - account.now).days
    told = {
        "brand": first.brand,
        "last4": first.last4,
        "month": f"{first.exp_year}-{first.exp_month:02d}",
        "charge_at": iso(first.period_end),
    }
    soon = left <= account.windows["card_expires"][0]
    return Finding(points[1] if soon else points[0], told, tuple(one.subscription_id for one in ending))


def charged_again(one: Running, now: datetime) -> bool:
    """Whether a subscription charges a method by itself once more."""
    return (
        one.collection is Collection.CHARGE
        and one.status in (Status.ACTIVE, Status.PAST_DUE)
        and one.period_end is not None
        and one.period_end > now
        and (one.cancel_at is None or one.cancel_at > one.period_end)
        and one.pause_kind is None
    )


def _nothing_to_charge(one: Running) -> bool:
    return one.method_id is None and one.last_expiry is None and not one.lasting


def _charge_at(one: Running) -> datetime:
    assert one.period_end is not None  # noqa: S101 - `charged_again` leaves the others out
    return one.period_end


def expires_before_charge(one: Running) -> bool:
    """Whether its card ends before it is charged again, and no other method is there to be charged."""
    if one.exp_year is None or one.exp_month is None or one.period_end is None:
        return False
    due = one.period_end.year * 12 + one.period_end.month
    backup = one.lasting > 0 or (one.last_expiry or 0) >= due
    return one.exp_year * 12 + one.exp_month < due and not backup


@rule("no_method", "unsettled", Family.PAYMENT, (15,), "charges go to no method at all")
def _no_method(account: Evidence, points: Sequence[int]) -> Finding | None:
    if not account.mrr or not account.methods_known:
        return None
    without = [one for one in account.unsettled if _nothing_to_charge(one) and charged_again(one, account.now)]
    if not without:
        return None
    first = min(without, key=_charge_at)
    return Finding(points[0], {"charge_at": iso(first.period_end)}, tuple(one.subscription_id for one in without))


@rule(
    "invoice_overdue",
    "receivables",
    Family.PAYMENT,
    (8, 18, 30),
    "an invoice is overdue by {0}, {1}, {2} days",
)
def _invoice_overdue(account: Evidence, points: Sequence[int]) -> Finding | None:
    late = [one for one in account.receivables if one.state is Collecting.OVERDUE]
    if not late:
        return None
    oldest = min(late, key=lambda one: one.since)
    since = (account.now - oldest.since).days
    told = {"amount": oldest.amount, "currency": oldest.currency, "days": since, "count": len(late)}
    found = step(since, account.windows["invoice_overdue"], points)
    return Finding(found, told, tuple(one.invoice_id for one in late)) if found else None


@rule("collection_paused", "unsettled", Family.PAYMENT, (20,), "its collection is paused")
def _collection_paused(account: Evidence, points: Sequence[int]) -> Finding | None:
    paused = [one for one in account.unsettled if one.pause_kind == "collection"]
    if not paused:
        return None
    return Finding(points[0], {"since": iso(paused[0].paused_at)}, tuple(one.subscription_id for one in paused))


@rule("trial_unpayable", "unsettled", Family.TRIAL, (25,), "a trial ends in {0} days and no method is there to pay")
def _trial_unpayable(account: Evidence, points: Sequence[int]) -> Finding | None:
    ending = [
        one
        for one in account.unsettled
        if one.status is Status.TRIALING
        and one.cancel_at is None
        and one.collection is Collection.CHARGE
        and one.trial_end is not None
        and account.now < one.trial_end <= account.now + days(account.windows, "trial_unpayable")
        and _nothing_to_charge(one)
    ]
    if not ending or not account.methods_known:
        return None
    return Finding(points[0], {"ends_at": iso(ending[0].trial_end)}, tuple(one.subscription_id for one in ending))
