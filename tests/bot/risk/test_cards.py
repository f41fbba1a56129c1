"""Which alerts get a card, where and when, on both engines."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.business_days import BusinessDays
from storage import channels
from storage import facts as f
from storage.engine import Database
from storage.fact_store import store
from tests.bot.risk.alerting import AT_ONCE, SETTINGS, cards, keys, run, set_up, told, unpaid
from tests.company import DECLINED, FAILED, LEAVING, fill, running, stored
from tests.factories import account, at


async def test_cards_go_where_alerts_are_wanted_also_later(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    await database.write(set_up, "C2", morning, wanted=False)
    await run(database, morning)
    first = ["alert:cancel_scheduled:sub-globex:2026-12-01:C1", "alert:payment_failed:in-acme:C1"]
    assert await database.read(cards) == first

    await database.write(set_up, "C2", morning)
    await database.write(channels.pause, "C1")
    await run(database, morning + timedelta(days=5))

    assert await database.read(cards) == sorted([*first, *(key.replace("C1", "C2") for key in first)])


async def test_news_older_than_two_weeks_opens_no_card(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)

    assert len(await run(database, morning + timedelta(days=6))) == 2
    assert len(await database.read(cards)) == 2
    await database.write(set_up, "C2", morning)
    await run(database, morning + timedelta(days=30))
    assert len(await database.read(cards)) == 2


async def test_who_leaves_within_a_month_gets_a_card_however_old_the_news(
    database: Database, morning: datetime
) -> None:
    old = replace(LEAVING, cancel_requested_at=at(1, 3), cancel_at=at(15, 1, 2027))
    await stored(database, morning, old)
    await database.write(set_up, "C1", morning)
    key = "alert:cancel_scheduled:sub-globex:2027-01-15:C1"

    await run(database, at(15, 12))
    assert key not in await database.read(cards)
    await run(database, at(17, 12))
    assert key in await database.read(cards)


async def test_a_debit_that_the_bank_returns_weeks_later_gets_a_card(database: Database, morning: datetime) -> None:
    began, later = replace(DECLINED, at=morning - timedelta(days=1), status=f.PaymentStatus.PENDING), timedelta(days=19)
    await stored(database, morning, began)
    await database.write(set_up, "C1", morning)
    await run(database, morning)

    await database.write(store, [replace(began, status=f.PaymentStatus.FAILED)], morning + later)
    await run(database, morning + later)

    assert "alert:payment_failed:in-acme:C1" in await database.read(cards)


@pytest.mark.parametrize(("seen", "news"), [(timedelta(0), False), (timedelta(hours=1), True)])
async def test_a_cancellation_without_a_date_is_news_when_it_was_first_seen_later(
    database: Database, morning: datetime, seen: timedelta, news: bool
) -> None:
    undated = replace(LEAVING, cancel_at=at(1, 2, 2027), cancel_requested_at=None)
    key = "cancel_scheduled:sub-globex:2027-02-01"
    await stored(database, morning, replace(undated, cancel_at=None))
    await database.write(set_up, "C1", morning)
    await database.write(store, [undated], morning + seen)

    assert key in keys(await run(database, morning + seen))
    assert (f"alert:{key}:C1" in await database.read(cards)) == news


async def test_a_channel_gets_some_cards_a_day_and_is_told_of_the_others(database: Database, morning: datetime) -> None:
    for number in range(14):
        rich = running(f"a{number:02}", 100 + number)
        await database.write(store, [account(f"a{number:02}"), rich, *unpaid(1, f"a{number:02}")], morning)
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    settings = replace(SETTINGS, calm=replace(AT_ONCE, per_day=7))
    written = []

    for day in (0, 0, 1, 2):
        now = morning + timedelta(days=day)
        await run(database, now, settings)
        line = await told(database, f"alerts_waiting:C1:{now.date()}")
        written.append((len([key for key in await database.read(cards) if key.startswith("alert:")]), line))

    rest = "need a look: `/at-risk` lists them, and their cards follow on the next days."
    assert written == [
        (7, f"And 9 more accounts {rest}"),
        (7, f"And 9 more accounts {rest}"),
        (14, f"And 2 more accounts {rest}"),
        (16, None),
    ]


async def test_a_burst_becomes_one_card_and_what_ends_within_it_none(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    settings = replace(SETTINGS, calm=replace(AT_ONCE, settle=timedelta(minutes=10)))

    assert len(await run(database, morning, settings)) == 2
    assert await database.read(cards) == []
    paid, failed = replace(FAILED, status=f.InvoiceStatus.PAID), replace(FAILED, id="in-2", account_id="globex")
    await database.write(fill, [paid, failed], morning)
    await run(database, morning + timedelta(minutes=5), settings)
    await run(database, morning + timedelta(minutes=10), settings)

    (only,) = await database.read(cards)
    said = str(await told(database, only))
    assert "Cancellation scheduled" in said
    assert "Payment of $2,000.00 failed twice" in said


@pytest.mark.parametrize(
    ("now", "spoken"),
    [
        ("2026-11-23T19:59", True),
        ("2026-11-23T20:00", False),
        ("2026-11-24T06:59", False),
        ("2026-11-24T07:00", True),
        ("2026-11-28T12:00", False),  # a Saturday
    ],
)
async def test_nobody_is_called_at_night_or_at_a_weekend(
    database: Database, morning: datetime, now: str, *, spoken: bool
) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    calm = replace(AT_ONCE, quiet=(time(20), time(7)), days=BusinessDays("weekends"))

    await run(database, datetime.fromisoformat(now).replace(tzinfo=UTC), replace(SETTINGS, calm=calm))

    assert (await database.read(cards) != []) is spoken
