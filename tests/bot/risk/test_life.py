"""Which accounts get an alert, and when one that was closed comes back, on both engines."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from bot.messages.alert_words import REASONS
from bot.risk.assessing import keep_assessed
from bot.risk.triggers import TRIGGERS, Outlook
from bot.risk.tuning import UNTUNED, Latest, Tuning
from storage import alerts, tunings
from storage import facts as f
from storage.engine import Database
from storage.risks import Assessed
from tests.bot.risk.alerting import SETTINGS, keys, outcomes, run, set_up, told
from tests.company import DECLINED, FAILED, fill, running, stored
from tests.factories import account, price


async def test_only_high_value_accounts_in_trouble_get_one(database: Database, morning: datetime) -> None:
    small = replace(FAILED, id="in-labs", account_id="labs")
    await stored(database, morning, small)

    assert keys(await run(database, morning)) == ["cancel_scheduled:sub-globex:2026-12-01", "payment_failed:in-acme"]
    assert len(await run(database, morning)) == 2


async def test_an_account_is_of_high_value_by_its_share_or_because_a_filter_names_it(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    await keep_assessed(database, "usd", SETTINGS.zone, morning)
    high = replace(SETTINGS, high_value=Decimal(10**9))
    assert await run(database, morning, high) == []

    await database.write(tunings.choose, Tuning(top_share=50, high_value=Decimal(10**7)).plain(), "U1", morning)
    assert keys(await run(database, morning, high)) == ["payment_failed:in-acme"]
    named = Tuning(named="name:globex", high_value=Decimal(10**7))
    await database.write(tunings.choose, named.plain(), "U1", morning)
    assert len(await run(database, morning, high)) == 2
    await database.write(tunings.choose, replace(named, named="regoin:EU").plain(), "U1", morning)
    assert len(await run(database, morning, high)) == 2  # words that fit nothing any more stop no alert


async def test_the_line_of_high_value_is_drawn_in_the_reporting_currency(database: Database, morning: datetime) -> None:
    euro = price("euro", rates={"eur": f.Rate(Decimal(5000))})
    rich = running("rich", 19, currency="eur")
    rich = replace(rich, items=(replace(rich.items[0], price_id="euro"),))
    failed = replace(FAILED, id="in-rich", account_id="rich", currency="eur")
    rate = f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.10"))
    await database.write(fill, [euro, account("rich"), rich, failed], morning)
    assert keys(await run(database, morning)) == []  # 950 EUR without a rate: nobody knows

    await database.write(fill, [rate], morning)

    assert keys(await run(database, morning)) == ["payment_failed:in-rich"]  # 1,045 USD


@pytest.mark.parametrize(
    ("attempts", "code", "again", "alerted"),
    [
        (1, "insufficient_funds", True, False),  # most succeed at the next try
        (2, "insufficient_funds", True, True),
        (1, "stolen_card", True, True),
        (1, "insufficient_funds", False, True),  # nobody will try again
    ],
)
async def test_nobody_is_called_for_a_charge_that_may_well_succeed_by_itself(
    database: Database, morning: datetime, attempts: int, code: str, *, again: bool, alerted: bool
) -> None:
    tried = replace(FAILED, attempt_count=attempts, next_attempt_at=FAILED.next_attempt_at if again else None)
    await stored(database, morning, tried, replace(DECLINED, failure_code=code))

    assert ("payment_failed:in-acme" in keys(await run(database, morning))) is alerted


async def test_trouble_anew_gets_the_old_card_within_days_and_its_own_later(
    database: Database, morning: datetime
) -> None:
    paid, card = replace(FAILED, status=f.InvoiceStatus.PAID), "alert:payment_failed:in-acme:C1"
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    await run(database, morning)
    await database.write(fill, [paid], morning)
    await run(database, morning)
    days = morning + timedelta(days=2)

    await database.write(fill, [replace(FAILED, id="in-2")], days)
    assert "payment_failed:in-acme" in keys(await run(database, days))
    assert "Nobody is on it yet" in str(await told(database, card))
    again = str(await told(database, f"{card}:again:{days.isoformat()}"))
    assert again.startswith("It is open again: Payment of $2,000.00")

    await database.write(fill, [replace(paid, id="in-2")], days)
    await run(database, days)
    later = days + timedelta(days=4)
    await database.write(fill, [FAILED], later)
    assert f"payment_failed:in-acme:{later:%Y%m%dT%H%M%S}" in keys(await run(database, later))


async def test_what_an_earlier_version_kept_by_rule_becomes_one(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await run(database, morning)
    (first,) = await database.read(alerts.live_of_account, "acme")
    await database.write(alerts.add, replace(first, id="other", cause_key="payment_failed:in-old"))

    await run(database, morning)

    assert [alert.id for alert in await database.read(alerts.live_of_account, "acme")] == [first.id]
    assert await outcomes(database, "payment_failed:in-old") == ["Another card tells of it now"]


@pytest.mark.parametrize(
    ("score", "before", "turned", "days"),
    [
        (50, None, None, 3),  # below the threshold of old, and worth more since
        (50, 55, -9, 3),
        (70, None, None, 60),  # as high from the beginning
        (50, 70, 1, 60),  # so high when the threshold was lowered
        (50, 30, 1, 0),  # it rose
    ],
)
def test_a_lower_threshold_is_news_of_those_whom_it_reaches(
    score: int, before: int | None, turned: int | None, days: int, morning: datetime
) -> None:
    lowered = morning - timedelta(days=3)
    day = None if turned is None else (lowered + timedelta(days=turned)).date()
    kept = Assessed("acme", score, False, 100_000, 0, 0, 0, None, (), (), before, day, morning)
    by = Outlook(Latest(replace(UNTUNED, alert_from=40), lowered, UNTUNED), {"acme": kept})

    (cause,) = TRIGGERS["at_risk"].causes(Session(), morning, by)

    assert cause.since == morning - timedelta(days=days)


def test_each_trigger_is_known_by_its_id() -> None:
    ids = ["cancel_scheduled", "payment_failed", "at_risk"]
    assert list(TRIGGERS) == [trigger.id for trigger in TRIGGERS.values()] == ids
    assert set(REASONS) == set(TRIGGERS)
