"""Alerts of the small company of `tests.company`, as tests run them: at once and without quiet times."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from bot import owed
from bot.business_days import BusinessDays
from bot.messages.alert_words import outcome
from bot.risk import life
from bot.risk.calm import Calm
from bot.risk.settings import RiskSettings
from storage import alert_cards, alerts
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.tables import OutboxRow
from storage.upsert import table_of
from tests.company import FAILED
from tests.factories import at

AT_ONCE = Calm(timedelta(0), 1_000, None, BusinessDays("none"))
SETTINGS = RiskSettings("usd", Decimal(100_000), ZoneInfo("UTC"), lambda _: None, AT_ONCE)


async def run(database: Database, now: datetime, settings: RiskSettings = SETTINGS) -> list[Alert]:
    await database.write(life.run, settings, now)
    return await database.read(alerts.live)


async def outcomes(database: Database, *keys: str) -> list[str | None]:
    known = await database.read(alerts.with_causes, keys)
    return [outcome(known[key], SETTINGS.zone) if known[key].outcome else None for key in keys]


def keys(found: Sequence[Alert]) -> list[str]:
    return sorted(alert.cause_key for alert in found)


def cards(session: Session) -> list[str]:
    return sorted(session.connection().execute(select(table_of(OutboxRow).c.key)).scalars())


def set_up(session: Session, channel_id: str, now: datetime, *, wanted: bool = True) -> None:
    owed.set_up(
        session,
        channel_id,
        at=time(8),
        zone=ZoneInfo("UTC"),
        weekdays=frozenset({1}),
        alerts=wanted,
        user="U1",
        now=now,
    )


def unpaid(count: int, account_id: str = "acme") -> list[f.Fact]:
    """That many failed invoices of 10.00 each, newest last."""
    return [
        replace(
            FAILED,
            id=f"in-{account_id}-{number:04}",
            account_id=account_id,
            subscription_id=f"sub-{account_id}",
            amount_due=1_000,
            payment_refs=(),
            issued_at=at(21, 11) + timedelta(minutes=number),
        )
        for number in range(count)
    ]


async def told(database: Database, key: str) -> str | None:
    return await database.read(alert_cards.text_under, key)
