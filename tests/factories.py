"""Facts with sensible values where a test does not care."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from storage import facts as f

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def at(day: int, month: int = 1, year: int = 2026, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def account(id_: str = "acme", **values: Any) -> f.Account:
    return f.Account(**{"id": id_, "source": "test", "name": id_.title(), "created_at": JANUARY, **values})


def price(id_: str = "pro", amount: str | None = "5000", **values: Any) -> f.Price:
    """A monthly per-seat price of 50.00 in dollars, unless told otherwise."""
    given = {
        "id": id_,
        "source": "test",
        "product_id": f"product-{id_}",
        "nickname": None,
        "interval": f.Interval.MONTH,
        "interval_count": 1,
        "usage": f.Usage.LICENSED,
        "scheme": f.Scheme.PER_UNIT,
        "rates": {"usd": f.Rate(None if amount is None else Decimal(amount))},
    }
    return f.Price(**{**given, **values})


def item(price_id: str = "pro", quantity: int = 1, **values: Any) -> f.Item:
    return f.Item(**{"id": f"item-{price_id}", "price_id": price_id, "quantity": quantity, **values})


def subscription(id_: str = "sub", items: Sequence[f.Item] = (), **values: Any) -> f.Subscription:
    status = values.get("status", f.Status.ACTIVE)
    given = {
        "id": id_,
        "account_id": "acme",
        "source": "test",
        "status": status,
        "status_word": status.value,
        "currency": "usd",
        "started_at": JANUARY,
        "current_period_start": JANUARY,
        "current_period_end": JANUARY + timedelta(days=31),
        "items": tuple(items),
    }
    return f.Subscription(**{**given, **values})


def line(id_: str, amount: int, start: datetime, **values: Any) -> f.InvoiceLine:
    """A recurring line for a month from `start`, of one unit of "pro"."""
    given = {
        "id": id_,
        "kind": f.LineKind.RECURRING,
        "amount": amount,
        "quantity": Decimal(1),
        "period_start": start,
        "period_end": start + timedelta(days=30),
        "subscription_id": "sub",
        "item_id": "item-pro",
        "price_id": "pro",
    }
    return f.InvoiceLine(**{**given, **values})


def invoice(id_: str, lines: Sequence[f.InvoiceLine] = (), **values: Any) -> f.Invoice:
    total = sum(one.amount for one in lines)
    status = values.get("status", f.InvoiceStatus.PAID)
    given = {
        "id": id_,
        "account_id": "acme",
        "source": "test",
        "status": status,
        "status_word": status.value,
        "currency": "usd",
        "total": total,
        "tax": 0,
        "amount_due": total,
        "amount_paid": total,
        "issued_at": JANUARY,
        "lines": tuple(lines),
    }
    return f.Invoice(**{**given, **values})


def payment(id_: str = "py", amount: int = 5_000, **values: Any) -> f.Payment:
    """A payment of 50.00 in dollars that succeeded, unless told otherwise."""
    given = {
        "id": id_,
        "account_id": "acme",
        "source": "test",
        "at": JANUARY,
        "amount": amount,
        "currency": "usd",
        "status": f.PaymentStatus.SUCCEEDED,
    }
    return f.Payment(**{**given, **values})


def refund(id_: str = "re", amount: int = 5_000, **values: Any) -> f.Refund:
    """A refund of the payment "py" that went through."""
    given = _of_payment(id_, amount) | {"status": "succeeded"}
    return f.Refund(**{**given, **values})


def dispute(id_: str = "dp", amount: int = 5_000, **values: Any) -> f.Dispute:
    """A dispute of the payment "py" that asks for an answer."""
    given = _of_payment(id_, amount) | {"status": "needs_response"}
    return f.Dispute(**{**given, **values})


def _of_payment(id_: str, amount: int) -> dict[str, Any]:
    return {
        "id": id_,
        "account_id": "acme",
        "source": "test",
        "payment_id": "py",
        "amount": amount,
        "currency": "usd",
        "reason": None,
        "created_at": JANUARY,
    }
