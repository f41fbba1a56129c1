"""A database full of accounts, subscriptions, bills and movements, written straight into the tables."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from storage import ledger
from storage import tables as t
from storage.engine import Database
from storage.facts import Collection, InvoiceStatus, LineKind, PaymentStatus, Scheme, Status, Usage
from storage.facts import Interval as Every
from storage.migrate import migrate
from storage.movements import Movement
from storage.states import Cause, MovementKind
from storage.upsert import Row, insert_all
from tests.bench.engines import settle

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
PORTION = 5_000  # accounts written at a time
PRODUCTS = ("starter", "team", "business", "enterprise")
MONTH = 30
SEAT = 5_000  # what a seat costs a month, in minor units


def fill(database: Database, accounts: int, months: int) -> int:
    """Accounts with a subscription each, an open invoice here and there, and `months` of movements; their number."""
    migrate(database)
    rng = random.Random(1)
    catalogue(database)
    written = 0
    for start in range(0, accounts, PORTION):
        numbers = range(start, min(start + PORTION, accounts))
        moved = [row for number in numbers for row in _movements(rng, number, months)]
        written += len(moved)
        with database.writing() as session:
            insert_all(session, t.AccountRow, [account(number) for number in numbers])
            insert_all(session, t.SubscriptionRow, [subscription(number, months * MONTH) for number in numbers])
            insert_all(session, t.PaymentMethodRow, [_card(number) for number in numbers])
            insert_all(session, t.InvoiceRow, [invoice(number, 0, paid=bool(number % 50)) for number in numbers])
            insert_all(session, t.PaymentRow, [_failure(number) for number in numbers if not number % 50])
            ledger.append(session, moved)
    settle(database)
    return written


def catalogue(database: Database) -> None:
    with database.writing() as session:
        insert_all(session, t.ProductRow, [{"id": n, "source": "stripe", "name": n, "read_at": NOW} for n in PRODUCTS])
        insert_all(session, t.PriceRow, [_price(name) for name in PRODUCTS])
        insert_all(session, t.ExchangeRateRow, [_rate(ago) for ago in range(3 * 365)])
        insert_all(session, t.SyncRow, [{"source": "stripe", "objects": 0, "completed_at": NOW, "succeeded_at": NOW}])


def account(number: int) -> Row:
    return {
        "id": f"cus_{number:08}",
        "source": "stripe",
        "name": f"Account {number}",
        "currency": "usd",
        "default_method_id": f"pm_{number:08}",
        "created_at": NOW,
        "search": f"account {number}",
        "read_at": NOW,
    }


def subscription(number: int, days: int) -> Row:
    """One in fifty is cancelled for a day to come; a third are yearly."""
    start = instant(TODAY - timedelta(days=days - number % 20))
    end = instant(TODAY + timedelta(days=number % 365 + 1))
    return {
        "id": f"sub_{number:08}",
        "account_id": f"cus_{number:08}",
        "source": "stripe",
        "status": Status.ACTIVE,
        "status_word": "active",
        "currency": _currency(number),
        "started_at": start,
        "current_period_start": end - timedelta(days=30 if number % 3 else 365),
        "current_period_end": end,
        "cancel_at": end if number % 50 == 1 else None,
        "cancel_requested_at": NOW if number % 50 == 1 else None,
        "collection": Collection.CHARGE,
        "read_at": NOW,
    }


def invoice(number: int, place: int, *, paid: bool) -> Row:
    issued = instant(TODAY - timedelta(days=MONTH * place + number % MONTH))
    return {
        "id": f"in_{number:08}_{place:03}",
        "account_id": f"cus_{number:08}",
        "source": "stripe",
        "status": InvoiceStatus.PAID if paid else InvoiceStatus.OPEN,
        "status_word": "paid" if paid else "open",
        "currency": _currency(number),
        "total": SEAT,
        "tax": 0,
        "amount_due": SEAT,
        "amount_paid": SEAT if paid else 0,
        "credited": 0,
        "issued_at": issued,
        "subscription_id": f"sub_{number:08}",
        "attempt_count": 1,
        "collection": Collection.CHARGE,
        "read_at": NOW,
    }


def line(number: int, place: int, months: int) -> Row:
    """Each month's line; a seat more or less every fourth month."""
    start = instant(TODAY - timedelta(days=MONTH * (months - place) - number % 20))
    seats = 1 + (number + place // 4) % 7
    return {
        "id": f"il_{number:08}_{place:03}",
        "invoice_id": f"in_{number:08}_{place:03}",
        "account_id": f"cus_{number:08}",
        "kind": LineKind.RECURRING,
        "amount": SEAT * seats,
        "quantity": seats,
        "period_start": start,
        "period_end": start + timedelta(days=MONTH),
        "subscription_id": f"sub_{number:08}",
        "item_id": f"si_{number:08}",
        "price_id": PRODUCTS[number % len(PRODUCTS)],
        "proration": False,
        "discount_once": 0,
        "discount_repeating": 0,
        "discount_forever": 0,
        "tax_inside": 0,
    }


def item(number: int, months: int) -> Row:
    return {
        "subscription_id": f"sub_{number:08}",
        "id": f"si_{number:08}",
        "account_id": f"cus_{number:08}",
        "price_id": PRODUCTS[number % len(PRODUCTS)],
        "quantity": 1 + (number + (months - 1) // 4) % 7,
    }


def instant(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _currency(number: int) -> str:
    return "usd" if number % 5 else "eur"


def _rate(ago: int) -> Row:
    rate = Decimal(108 + ago % 7) / 100
    return {"currency": "eur", "base": "usd", "day": TODAY - timedelta(days=ago), "rate": rate, "read_at": NOW}


def yearly_price(name: str) -> Row:
    rates = {currency: [str(12 * SEAT), []] for currency in ("usd", "eur")}
    return {**_price(name), "id": f"{name}-yearly", "interval": Every.YEAR, "rates": rates}


def _price(name: str) -> Row:
    return {
        "id": name,
        "source": "stripe",
        "product_id": name,
        "interval": Every.MONTH,
        "interval_count": 1,
        "usage": Usage.LICENSED,
        "scheme": Scheme.PER_UNIT,
        "rates": {"usd": [str(SEAT), []], "eur": [str(SEAT), []]},
        "pack_size": 1,
        "pack_round_up": True,
        "tax_inclusive": False,
        "active": True,
        "read_at": NOW,
    }


def _card(number: int) -> Row:
    return {
        "id": f"pm_{number:08}",
        "account_id": f"cus_{number:08}",
        "source": "stripe",
        "kind": "card",
        "exp_month": number % 12 + 1,
        "exp_year": 2026 + number % 4,
        "read_at": NOW,
    }


def _failure(number: int) -> Row:
    return {
        "id": f"ch_{number:08}",
        "account_id": f"cus_{number:08}",
        "source": "stripe",
        "at": NOW - timedelta(days=number % MONTH),
        "amount": SEAT,
        "currency": _currency(number),
        "status": PaymentStatus.FAILED,
        "failure_code": "card_declined",
        "read_at": NOW,
    }


def _movements(rng: random.Random, number: int, months: int) -> Iterator[Movement]:
    """New on some day, then nine changes of seats on the average; one account in ten leaves."""
    first = rng.randrange(MONTH, months * MONTH)
    days = sorted(rng.sample(range(first), min(first, rng.randrange(19))), reverse=True)
    yield _movement(number, first, MovementKind.NEW, Cause.STARTED, SEAT * 20)
    seats = 20
    for place, ago in enumerate(days):
        if place == len(days) - 1 and number % 10 == 0:
            yield _movement(number, ago, MovementKind.CHURN, Cause.CANCELLED, -SEAT * seats)
            return
        change = rng.choice((-1, 1, 2)) if seats > 1 else 1
        seats += change
        kind = MovementKind.EXPANSION if change > 0 else MovementKind.CONTRACTION
        yield _movement(number, ago, kind, Cause.SEATS, SEAT * change)


def _movement(number: int, ago: int, kind: MovementKind, cause: Cause, amount: int) -> Movement:
    return Movement(
        account_id=f"cus_{number:08}",
        day=TODAY - timedelta(days=ago + 1),
        subscription_id=f"sub_{number:08}",
        price_id=PRODUCTS[number % len(PRODUCTS)],
        product_id=PRODUCTS[number % len(PRODUCTS)],
        currency=_currency(number),
        kind=kind,
        amount=amount,
        accounts=1,
        cause=cause,
    )
