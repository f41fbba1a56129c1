"""A handful of accounts in every state that look-ups and alerts tell apart, stored with their ledger."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import roles
from bot.ledger import LedgerRules, update
from bot.metrics.presets import policy_of
from bot.roles import EVERYONE, Grant, Role
from storage import facts as f
from storage import syncs, tunings
from storage.engine import Database
from storage.fact_reader import ids_with_subscriptions
from storage.fact_store import store
from storage.tunings import ACCESS
from tests.factories import account, at, invoice, item, payment, price, refund, subscription

SOURCE = "test"
OPEN = roles.plain([Grant(EVERYONE, Role.ADMIN)])  # all of the team may everything
READ_AS = "stripe"  # the name under which settings know the source
NOVEMBER = {
    "current_period_start": at(1, 11),
    "current_period_end": at(1, 12),
}


def seats(count: int, since: datetime, id_: str = "i", until: datetime | None = None) -> f.Item:
    return item("pro", count, id=f"{id_}-{count}", started_at=since, ended_at=until)


def running(account_id: str, count: int, since: datetime | None = None, **values: Any) -> f.Subscription:
    """An active subscription of so many seats of 50.00 dollars."""
    since = since or at(1, 3)
    given = {"account_id": account_id, "started_at": since, **NOVEMBER, **values}
    return subscription(f"sub-{account_id}", [seats(count, since, f"i-{account_id}", values.get("ended_at"))], **given)


PLAN: list[f.Fact] = [f.Product(id="product-pro", source=SOURCE, name="Pro"), price()]

FAILED = invoice(
    "in-acme",
    account_id="acme",
    status=f.InvoiceStatus.OPEN,
    number="AC-7",
    subscription_id="sub-acme",
    total=200_000,
    amount_due=200_000,
    amount_paid=0,
    issued_at=at(20, 11),
    attempt_count=2,
    next_attempt_at=at(25, 11),
    hosted_url="https://pay.example/in-acme",
    payment_refs=("pi-acme",),
)

DECLINED = payment(
    "py-2",
    200_000,
    at=at(20, 11),
    status=f.PaymentStatus.FAILED,
    intent_ref="pi-acme",
    failure_code="card_declined",
    failure_message="Your card was declined.",
)

ACME: list[f.Fact] = [
    account("acme", name="Acme Robotics", email="jane@acme.com", default_method_id="pm-acme", owner_email="ann@we.com"),
    running("acme", 40, status=f.Status.PAST_DUE, status_word="past_due"),
    f.PaymentMethod(
        id="pm-acme",
        account_id="acme",
        source=SOURCE,
        kind="card",
        brand="visa",
        last4="4242",
        exp_month=10,
        exp_year=2026,
    ),
    payment("py-1", 200_000, at=at(1, 10)),
    DECLINED,
    refund("re-1", 5_000, payment_id="py-1", created_at=at(2, 10)),
    FAILED,
]

LEAVING = running(
    "globex",
    30,
    cancel_at=at(1, 12),
    cancel_requested_at=at(18, 11),
    cancel_kind=f.CancelKind.VOLUNTARY,
    cancel_reason="switched_service",
    cancel_comment="Moving to <!channel> *Initech*",
    discounts=(f.Discount(id="d1", duration=f.Duration.FOREVER, percent_off=Decimal(10)),),
)

OTHERS: list[f.Fact] = [
    account("labs", name="Acme Labs", email="lab@acme-labs.io"),
    running("labs", 2),
    account("globex", name="Globex Corporation", email="hank@globex.example"),
    LEAVING,
    account("oneill", name="O’Neill & Søns GmbH", email="bo@oneill.example"),
    running("oneill", 1),
    account("gone", name="Gone Fishing Ltd"),
    running(
        "gone",
        3,
        status=f.Status.ENDED,
        status_word="canceled",
        ended_at=at(4, 10),
        cancel_kind=f.CancelKind.VOLUNTARY,
        cancel_reason="too_expensive",
        cancel_comment="Budget",
    ),
    account("trial", name="Trial Balloon"),
    running("trial", 5, at(15, 11), status=f.Status.TRIALING, status_word="trialing", trial_end=at(29, 11)),
    account("empty", name="Empty Shell"),
    account("deleted", name="Deleted Soda", deleted_at=at(5, 11)),
]


def fill(
    session: Session, found: Iterable[f.Fact], now: datetime, *, complete: bool = True, policy: str = "kahvi"
) -> None:
    """Store facts as a whole read of the source would, and make the ledger by a policy."""
    store(session, found, now)
    update(session, ids_with_subscriptions(session), LedgerRules(ZoneInfo("UTC"), "usd", policy_of(policy)), now)
    state = {"completed_at": now, "succeeded_at": now} if complete else {"objects": 12_400}
    for name in (SOURCE, READ_AS):
        syncs.note(session, name, **state)


async def stored(database: Database, now: datetime, *more: f.Fact) -> None:
    await database.write(tunings.choose, OPEN, "tests", now, ACCESS)
    await database.write(fill, [*PLAN, *ACME, *OTHERS, *more], now)
