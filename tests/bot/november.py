"""A company whose November has money of all kinds, and the values of metrics as tests ask for them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.figures import Asked, Grounds, load
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import number
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.windows import Window
from storage import facts as f
from storage.engine import Database
from storage.movements import WHOLE, Movement
from storage.slices import EVERYTHING, Label, Slice, movements
from storage.tables import AccountRow
from storage.upsert import table_of
from tests import factories
from tests.bot.digest.company import GREW, LEFT, MONDAY, NEW, hold, movement, read

OCTOBER, NOVEMBER = Window(date(2026, 10, 1), date(2026, 11, 1)), Window(date(2026, 11, 1), MONDAY)
day = factories.at
accounts = table_of(AccountRow)
COUNTRY = Label(
    movements.c.account_id,
    select(accounts.c.id.label("key"), accounts.c.country.label("label")).subquery(),
    "unknown",
)
BY_COUNTRY = Slice(by=COUNTRY)
BY_PRODUCT = Slice(by=movements.c.product_id)


def values(
    database: Database,
    names: Iterable[str],
    part: Slice = EVERYTHING,
    *,
    windows: Sequence[Window] = (NOVEMBER,),
    policy: MetricsPolicy = KAHVI,
    zone: str = "UTC",
) -> dict[str, list[dict[str, Decimal | None]]]:
    """The values of metrics by label and window."""
    wanted = [METRICS[name] for name in names]
    with database.reading() as session:
        asked = Asked(session, windows, Grounds("usd", ZoneInfo(zone), policy), part)
        found = load(asked, [need for one in wanted for need in one.needs])
    return {
        label: [{one.id: number(one.value(period)) for one in wanted} for period in periods]
        for label, periods in found.items()
    }


def whole(database: Database, *names: str, **given: Any) -> dict[str, Decimal | None]:
    return values(database, names, **given)[WHOLE][0]


def payment(id_: str, amount: int, at: int, account: str = "acme", **given: Any) -> f.Payment:
    return factories.payment(id_, amount, account_id=account, at=day(at, 11), **given)


def keep(database: Database, moves: Sequence[Movement], facts: Sequence[f.Fact] = ()) -> None:
    with database.writing() as session:
        hold(session, moves, facts)
        read(session)


def stored(database: Database) -> Database:
    """Two customers in Finland, one in Japan with two products, one on trial; all kinds of money in November."""
    failed, half = f.PaymentStatus.FAILED, {"interval": f.Interval.YEAR, "product_id": "half"}
    moves = [
        movement("acme", date(2026, 10, 5), NEW, 10_000),
        movement("acme", date(2026, 11, 10), GREW, 2_000),
        movement("bobs", date(2026, 10, 9), NEW, 5_000),
        movement("bobs", date(2026, 11, 12), LEFT, -5_000),
        movement("choo", date(2026, 11, 3), NEW, 3_000, product_id="one"),
        movement("choo", date(2026, 11, 3), NEW, 4_000, product_id="two", price_id="two", accounts=0),
        movement("kron", date(2026, 11, 3), NEW, 90_000, currency="sek"),
    ]
    facts: list[f.Fact] = [
        factories.account("acme", country="FI"),
        factories.account("bobs", country="FI"),
        factories.account("choo", country="JP"),
        factories.account("kron", country="SE"),
        factories.account("tryo"),
        factories.price("team", "4900", product_id="product-team"),
        factories.price("half", "120000", **half),
        factories.subscription("sub-acme", account_id="acme", cancel_at=day(3, 12), cancel_requested_at=day(20, 11)),
        factories.subscription(
            "sub-choo", account_id="choo", current_period_start=day(5, 1), current_period_end=day(5, 1, 2027)
        ),
        factories.subscription(
            "sub-tryo",
            [factories.item("team", 2)],
            account_id="tryo",
            status=f.Status.TRIALING,
            started_at=day(12, 11),
            trial_start=day(12, 11),
            trial_end=day(26, 11),
        ),
        factories.subscription(
            "sub-bobs",
            [factories.item("team")],
            account_id="bobs",
            status=f.Status.ENDED,
            started_at=day(25, 9),
            trial_start=day(25, 9),
            trial_end=day(9, 10),
            ended_at=day(12, 11),
        ),
        payment("p1", 12_000, 4),
        payment("p2", 5_000, 5, "bobs", status=failed, intent_ref="i2"),
        payment("p3", 5_000, 6, "bobs", intent_ref="i2"),
        payment("p4", 700, 7, "choo", currency="eur"),
        payment("p5", 90_000, 7, "kron", currency="sek"),
        payment("p6", 300, 8, "choo", status=failed),
        factories.refund("r1", 1_500, payment_id="p1", created_at=day(9, 11)),
        factories.refund("r2", 400, account_id=None, payment_id="p3", status="pending", created_at=day(9, 11)),
        factories.refund("r3", 999, payment_id="p1", status="failed", created_at=day(9, 11)),
        factories.dispute("d1", 700, account_id=None, payment_id="p4", currency="eur", created_at=day(20, 11)),
        factories.dispute("d2", 12_000, payment_id="p1", status="warning_closed", created_at=day(20, 11)),
        factories.invoice(
            "in1",
            [factories.line("l1", 12_000, day(4, 11), discount_once=500, discount_forever=1_000)],
            account_id="acme",
            total=10_500,
            amount_paid=10_500,
            issued_at=day(3, 11),
            paid_at=day(4, 11),
        ),
        factories.invoice(
            "in2",
            [factories.line("l2", 5_000, day(1, 11), discount_repeating=250)],
            account_id="bobs",
            subscription_id="sub-bobs",
            issued_at=day(9, 10),
            paid_at=day(6, 11),
        ),
        factories.invoice(
            "in3",
            [factories.line("l3", 9_000, day(1, 11), discount_repeating=9_000)],
            account_id="choo",
            status=f.InvoiceStatus.VOID,
            issued_at=day(9, 11),
        ),
        f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.10")),
        f.ExchangeRate(day=date(2026, 11, 20), currency="eur", base="usd", rate=Decimal("1.20")),
    ]
    keep(database, moves, facts)
    return database
