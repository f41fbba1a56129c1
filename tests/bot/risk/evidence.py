"""Evidence of one account, with sensible values where a test does not care."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.risk.evidence import Evidence
from storage import facts as f
from storage.cancellations import Leaving
from storage.receivables import Collecting, Receivable
from storage.signs import DiscountEnd, Metered, Moved, Returned, Running, Told
from storage.states import Cause

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def evidence(**values: Any) -> Evidence:
    """An account that pays 1,000 dollars a month and about which nothing is wrong."""
    given = {"account_id": "acme", "now": NOW, "today": TODAY, "mrr": {"usd": 100_000}, "worth": Decimal(100_000)}
    return Evidence(**{**given, **values})


def ahead(days: float) -> datetime:
    return NOW + timedelta(days=days)


def running(**values: Any) -> Running:
    """A monthly subscription that charges a card in eight days."""
    given = {
        "account_id": "acme",
        "subscription_id": "sub",
        "status": f.Status.ACTIVE,
        "currency": "usd",
        "collection": f.Collection.CHARGE,
        "trial_end": None,
        "period_start": ahead(-22),
        "period_end": ahead(8),
        "cancel_at": None,
        "pause_kind": None,
        "paused_at": None,
        "method_id": "pm",
        "brand": "visa",
        "last4": "4242",
        "exp_year": 2030,
        "exp_month": 1,
        "last_expiry": 2030 * 12 + 1,
        "lasting": 0,
    }
    return Running(**{**given, **values})


def leaving(**values: Any) -> Leaving:
    given = {"account_id": "acme", "subscription_id": "sub", "ends_at": ahead(20), "since": ahead(-1)}
    return Leaving(**{**given, "reason": None, "kind": None, "comment": None, **values})


def owed(**values: Any) -> Receivable:
    """An invoice whose charge failed once and is tried again."""
    given = {
        "invoice_id": "in",
        "account_id": "acme",
        "account_name": "Acme",
        "currency": "usd",
        "amount": 100_000,
        "state": Collecting.FAILED,
        "since": ahead(-2),
        "attempts": 1,
        "next_attempt_at": ahead(2),
        "code": "card_declined",
    }
    return Receivable(**{**given, **values})


def metered(ended: int, amount: int, days: int = 30) -> Metered:
    """What was billed for so many days of use that ended so many days ago."""
    return Metered("acme", ahead(-ended - days), ahead(-ended), "usd", amount)


def moved(amount: int, cause: Cause = Cause.SEATS, days: int = 0, currency: str = "usd") -> Moved:
    return Moved("acme", TODAY - timedelta(days=days), cause, currency, amount)


def discount(**values: Any) -> DiscountEnd:
    given = {"account_id": "acme", "discount_id": "d", "ends_at": ahead(30), "percent_off": None, "amount_off": None}
    return DiscountEnd(**{**given, "currency": None, **values})


def returned(**values: Any) -> Returned:
    given = {"account_id": "acme", "id": "re", "at": ahead(-3), "amount": 5_000, "currency": "usd", "open": False}
    return Returned(**{**given, **values})


def told(name: str, value: int | str, days: float = 1) -> Told:
    return Told("acme", name, ahead(-days), Decimal(value))
