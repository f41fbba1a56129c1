"""A small company in a database: accounts with movements, and what billing says about them this Monday."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.digest import Digest, compose
from storage import fact_store, ledger, syncs
from storage import facts as f
from storage.movements import Movement
from storage.states import Cause, MovementKind
from tests import factories

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
NEW, BACK, GREW, SHRANK, LEFT = (
    MovementKind.NEW,
    MovementKind.REACTIVATION,
    MovementKind.EXPANSION,
    MovementKind.CONTRACTION,
    MovementKind.CHURN,
)


def movement(account_id: str, day: date, kind: MovementKind, amount: int, **values: Any) -> Movement:
    causes = {NEW: Cause.STARTED, BACK: Cause.STARTED, LEFT: Cause.CANCELLED}
    given = {
        "subscription_id": f"sub-{account_id}",
        "price_id": "team",
        "product_id": "product-team",
        "currency": "usd",
        "accounts": 1,
        "cause": causes.get(kind, Cause.SEATS),
    }
    return Movement(**{"account_id": account_id, "day": day, "kind": kind, "amount": amount, **given, **values})


def read(session: Session, **values: Any) -> None:
    """Note that the source was read four minutes ago."""
    ago = NOW - timedelta(minutes=4)
    syncs.note(session, "stripe", **{"completed_at": ago, "succeeded_at": ago, **values})


def hold(session: Session, movements: Sequence[Movement], facts: Sequence[f.Fact] = ()) -> None:
    """Store movements, an account named after its id for each that has none, and the facts."""
    named = {fact.id for fact in facts if isinstance(fact, f.Account)}
    missing = sorted({one.account_id for one in movements} - named)
    accounts = [factories.account(id_) for id_ in missing]
    fact_store.store(session, [f.Product(id="product-team", source="test", name="Team"), *accounts, *facts], NOW)
    ledger.append(session, movements)


def steady(count: int, amount: int = 10_000, start: date = date(2025, 6, 2)) -> list[Movement]:
    """Accounts that have paid the same since a long time ago."""
    return [movement(f"steady{number:03}", start, NEW, amount) for number in range(count)]


def morning(session: Session, **values: Any) -> Digest:
    """The digest of the Monday since Friday."""
    given = {
        "day": MONDAY,
        "since": FRIDAY,
        "now": NOW,
        "base": "usd",
        "zone": ZoneInfo("UTC"),
        "source": "stripe",
    }
    return compose(session, **{**given, **values})


def busy(session: Session) -> None:
    """A Monday on which every section has something to say."""
    saturday = date(2026, 11, 21)
    movements = [
        *steady(30),
        movement("nordlys", date(2026, 1, 5), NEW, 60_000, currency="eur"),
        movement("nordlys", saturday, GREW, 83_000, currency="eur"),
        movement("acme", date(2026, 2, 2), NEW, 42_000),
        movement("acme", FRIDAY, LEFT, -42_000),
        movement("team1", FRIDAY, NEW, 20_000),
        movement("team2", saturday, NEW, 14_000),
        movement("tiny", FRIDAY, NEW, 300),
        movement("less", date(2026, 3, 2), NEW, 90_000),
        movement("less", saturday, SHRANK, -10_000),
        movement("again", date(2026, 1, 2), NEW, 9_000),
        movement("again", date(2026, 5, 2), LEFT, -9_000),
        movement("again", saturday, BACK, 9_000),
        movement("gone", date(2026, 1, 2), NEW, 5_000),
        movement("gone", date(2026, 11, 5), LEFT, -5_000, cause=Cause.PAYMENT_FAILED),
        movement("kronor", date(2026, 1, 2), NEW, 1_200_000, currency="sek"),
    ]
    day = factories.at
    facts: list[f.Fact] = [
        factories.account("nordlys", name="Nordlys ApS"),
        factories.account("acme", name="Acme Corp"),
        factories.account("late", name="Late & Sons"),
        factories.account("less", name="Lessard"),
        factories.account("try", name="Tryout Ltd"),
        factories.account("steady001", name="Steady One", default_method_id="pm1"),
        f.PaymentMethod(
            id="pm1", account_id="steady001", source="test", kind="card", last4="4242", exp_month=11, exp_year=2026
        ),
        factories.price("team", "4900", product_id="product-team"),
        factories.subscription(
            "sub-acme",
            account_id="acme",
            status=f.Status.ENDED,
            ended_at=day(20, 11),
            cancel_kind=f.CancelKind.VOLUNTARY,
            cancel_reason="too_expensive",
        ),
        factories.subscription(
            "sub-less",
            account_id="less",
            cancel_at=day(3, 12),
            cancel_requested_at=day(21, 11),
            cancel_reason="missing_features",
        ),
        factories.subscription(
            "sub-nordlys",
            account_id="nordlys",
            currency="eur",
            current_period_start=day(1, 12, 2025),
            current_period_end=day(1, 12),
        ),
        factories.subscription(
            "sub-try",
            [factories.item("team", 3)],
            account_id="try",
            status=f.Status.TRIALING,
            trial_start=day(12, 11),
            trial_end=day(26, 11),
        ),
        factories.invoice(
            "in1",
            account_id="steady002",
            status=f.InvoiceStatus.OPEN,
            amount_due=10_000,
            amount_paid=0,
            issued_at=day(12, 11),
            attempt_count=2,
            next_attempt_at=day(26, 11),
        ),
        factories.payment(
            "py1",
            10_000,
            account_id="steady002",
            at=day(19, 11),
            status=f.PaymentStatus.FAILED,
            intent_ref="in1",
            failure_code="insufficient_funds",
        ),
        f.ExchangeRate(day=date(2025, 1, 1), currency="eur", base="usd", rate=Decimal("1.08")),
        f.ExchangeRate(day=date(2026, 11, 22), currency="eur", base="usd", rate=Decimal("1.10")),
    ]
    hold(session, movements, facts)
    read(session)
