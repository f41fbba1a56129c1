"""Which accounts get an alert, and what each change of the facts does to it, on both engines."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from bot import owed
from bot.business_days import BusinessDays
from bot.messages.alert_words import REASONS, outcome
from bot.risk import service as risk
from bot.risk.assessing import keep_assessed
from bot.risk.calm import Calm
from bot.risk.quiet import Dismissal, NoRisk, Snooze
from bot.risk.settings import RiskSettings
from bot.risk.triggers import TRIGGERS
from bot.risk.tuning import Tuning
from storage import alert_cards, alerts, channels, journal, risks, tunings
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.fact_store import store
from storage.owners import Owner
from storage.states import NoteKind
from storage.tables import AlertRow, OutboxRow
from storage.upsert import table_of
from tests.company import ACME, DECLINED, FAILED, LEAVING, fill, running, stored
from tests.factories import account, at, price

AT_ONCE = Calm(timedelta(0), 1_000, None, BusinessDays("none"))
SETTINGS = RiskSettings("usd", Decimal(100_000), ZoneInfo("UTC"), lambda _: None, AT_ONCE)


async def run(database: Database, now: datetime, settings: RiskSettings = SETTINGS) -> list[Alert]:
    await database.write(risk.run, settings, now)
    return await database.read(alerts.live)


async def outcomes(database: Database, *keys: str) -> list[str | None]:
    known = await database.read(alerts.with_causes, keys)
    return [outcome(known[key], SETTINGS.zone) if known[key].outcome else None for key in keys]


def keys(found: Sequence[Alert]) -> list[str]:
    return sorted(alert.cause_key for alert in found)


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
    ("status", "told"),
    [
        (f.InvoiceStatus.PAID, "Paid on 23 Nov 2026"),
        (f.InvoiceStatus.VOID, "The invoice was voided"),
        (f.InvoiceStatus.UNCOLLECTIBLE, "The invoice was given up as uncollectible"),
    ],
)
async def test_an_invoice_that_is_settled_closes_its_alert(
    database: Database, morning: datetime, status: f.InvoiceStatus, told: str
) -> None:
    await stored(database, morning)
    await run(database, morning)

    await database.write(fill, [replace(FAILED, status=status, status_word=status)], morning)

    assert keys(await run(database, morning)) == ["cancel_scheduled:sub-globex:2026-12-01"]
    assert await outcomes(database, "payment_failed:in-acme") == [told]


async def test_a_cancellation_that_is_moved_stays_on_its_card(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    await run(database, morning)

    await database.write(fill, [replace(LEAVING, cancel_at=at(1, 2, 2027))], morning)
    await run(database, morning)

    card = "alert:cancel_scheduled:sub-globex:2026-12-01:C1"
    assert "Cancellation scheduled for 1 Feb 2027" in str(await told(database, card))
    news = f"{card}:ended:cancel_scheduled:sub-globex:2026-12-01:2026-11-23"
    assert await told(database, news) == "The cancellation was moved to 1 Feb 2027."


async def test_an_account_with_several_causes_has_one_card_until_the_last_has_ended(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    await run(database, morning)
    card, failed = "alert:cancel_scheduled:sub-globex:2026-12-01:C1", replace(FAILED, id="in-2", account_id="globex")

    await database.write(fill, [failed], morning)
    assert len(await run(database, morning)) == 2

    said = str(await told(database, card))
    assert said.startswith("Globex Corporation: Cancellation scheduled for 1 Dec 2026")
    assert "Payment of $2,000.00 failed twice" in said
    joined = str(await told(database, f"{card}:joined:payment_failed:in-2:{morning.date()}"))
    assert joined.startswith("That too: Payment of $2,000.00 failed twice")

    stays = replace(LEAVING, cancel_at=None, cancel_requested_at=None)
    await database.write(fill, [stays], morning)
    assert len(await run(database, morning)) == 2
    said = str(await told(database, card))
    assert said.startswith("Globex Corporation: Payment of $2,000.00 failed twice")
    assert "Cancellation scheduled" not in said

    await database.write(fill, [replace(failed, status=f.InvoiceStatus.PAID)], morning)
    assert keys(await run(database, morning)) == ["payment_failed:in-acme"]
    assert "Closed: Paid" in str(await told(database, card))


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


async def test_leaving_for_good_closes_its_alert(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await run(database, morning)
    december = at(1, 12, hour=13)
    left = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=at(1, 12))

    assert len(await run(database, december)) == 2  # the day has come, and billing has not ended it yet
    await database.write(fill, [left], december)
    await run(database, december)

    assert await outcomes(database, "cancel_scheduled:sub-globex:2026-12-01") == ["They left on 1 Dec 2026"]


async def test_an_account_that_is_deleted_closes_its_alerts(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await run(database, morning)
    acme = next(fact for fact in ACME if isinstance(fact, f.Account))

    await database.write(fill, [replace(acme, deleted_at=morning)], morning)
    await run(database, morning)

    assert await outcomes(database, "payment_failed:in-acme") == ["The account was deleted in billing"]


async def test_falling_below_high_value_ends_no_worry(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await run(database, morning)
    higher = replace(SETTINGS, high_value=Decimal(10**9))

    assert len(await run(database, morning, higher)) == 2


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


async def test_a_debit_in_progress_is_no_worry_until_it_fails(database: Database, morning: datetime) -> None:
    key, trying = "payment_failed:in-acme", replace(DECLINED, status=f.PaymentStatus.PENDING)
    await stored(database, morning, trying)
    assert key not in keys(await run(database, morning))

    await database.write(fill, [DECLINED], morning)
    assert key in keys(await run(database, morning))

    await database.write(fill, [trying], morning)
    assert key not in keys(await run(database, morning))
    assert await outcomes(database, key) == ["Another payment is under way"]

    await database.write(fill, [DECLINED], morning)
    assert key in keys(await run(database, morning))


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


async def test_all_unpaid_invoices_of_an_account_share_one_card(database: Database, morning: datetime) -> None:
    many, key = unpaid(1_000), "alert:payment_failed:in-acme:C1"
    await stored(database, morning, *many)
    await database.write(set_up, "C1", morning)
    found = await run(database, morning)
    assert keys(found) == ["cancel_scheduled:sub-globex:2026-12-01", "payment_failed:in-acme"]
    assert "and 1,000 more invoices, $10,000.00 together" in str(await told(database, key))
    await database.write(
        risk.claim, next(one.id for one in found if one.rule == "payment_failed"), "U1", SETTINGS, morning
    )

    await database.write(fill, [replace(FAILED, status=f.InvoiceStatus.PAID)], morning)
    await run(database, morning)

    said = str(await told(database, key))
    assert "Payment of $10.00 failed" in said
    assert "and 999 more invoices, $9,990.00 together" in said
    assert "<@U1> is on it" in said

    paid = [replace(one, status=f.InvoiceStatus.PAID) for one in many if isinstance(one, f.Invoice)]
    await database.write(fill, paid, morning)
    assert keys(await run(database, morning)) == ["cancel_scheduled:sub-globex:2026-12-01"]
    assert "Closed: Paid" in str(await told(database, key))
    await database.write(fill, many[-1:], morning + timedelta(days=4))
    assert "payment_failed:in-acme-0999" in keys(await run(database, morning + timedelta(days=4)))
    assert len([one for one in await database.read(cards) if one.endswith(":C1")]) == 3  # worry anew is a new card


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


def test_each_trigger_is_known_by_its_id() -> None:
    ids = ["cancel_scheduled", "payment_failed", "at_risk"]
    assert list(TRIGGERS) == [trigger.id for trigger in TRIGGERS.values()] == ids
    assert set(REASONS) == set(TRIGGERS)


STEPS = (
    *("fail", "pay", "leave", "stay", "run", "day", "back", "restart"),
    *("claim", "snooze", "wake", "dismiss", "assign", "note"),
)


@example(steps=["run", "stay", "back"])  # what is withdrawn under a clock set back
@given(steps=st.lists(st.sampled_from(STEPS), max_size=16))
async def test_no_order_of_events_doubles_or_strands_an_alert(
    sqlite_template: Path, morning: datetime, steps: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        path = shutil.copy(sqlite_template, folder)
        with closing(Database(f"sqlite:///{path}")) as database:
            await stored(database, morning)
            await database.write(set_up, "C1", morning)
        failing, leaving, now = await played(path, morning, steps)
        with closing(Database(f"sqlite:///{path}")) as database:
            await database.write(risks.touch_all)
            await keep_assessed(database, "usd", SETTINGS.zone, now)
            live = [alert.account_id for alert in await run(database, now)]

            left, quiet = leaving and now < at(1, 12), "dismiss" in steps
            assert live.count("acme") <= failing
            assert quiet or live.count("acme") == failing
            assert live.count("globex") <= 1
            assert quiet or not left or live.count("globex") == 1
            assert leaving or "globex" not in live
            written = [key for key in await database.read(cards) if key.endswith(":C1")]  # others are news
            assert len(written) == len(await database.read(opened))
            assert len(await database.read(journal.of_account, "acme", "", 99)) == steps.count("note")
            assert [one for one in await run(database, now + timedelta(days=31)) if one.snoozed] == []  # none is stuck


def opened(session: Session) -> list[str]:
    return list(session.connection().execute(select(table_of(AlertRow).c.id)).scalars())


async def played(path: str, now: datetime, steps: Sequence[str]) -> tuple[bool, bool, datetime]:
    """What the steps leave behind: whether the payment fails, whether they leave, and the time."""
    failing, leaving = True, True
    database = Database(f"sqlite:///{path}")
    try:
        for number, step in enumerate(steps):
            if step == "restart":
                database.close()
                database = Database(f"sqlite:///{path}")
            elif step in ("fail", "pay"):
                failing = step == "fail"
                status = f.InvoiceStatus.OPEN if failing else f.InvoiceStatus.PAID
                await database.write(fill, [replace(FAILED, status=status)], now)
            elif step in ("leave", "stay"):
                leaving = step == "leave"
                await database.write(fill, [LEAVING if leaving else replace(LEAVING, cancel_at=None)], now)
            elif step in ("run", "day", "back"):
                now += {"day": timedelta(days=1), "back": timedelta(minutes=-20)}.get(step, timedelta(0))
                await keep_assessed(database, "usd", SETTINGS.zone, now)
                await run(database, now)
            elif step == "note":
                entry = journal.Entry(f"V{number}", "acme", NoteKind.CALL, "They call back", "U1", now)
                await database.write(journal.add, entry)
            else:
                for alert in await database.read(alerts.live):
                    await database.write(PRESSES[step], alert.id, now)
    finally:
        database.close()
    return failing, leaving, now


PRESSES: Mapping[str, Callable[[Session, str, datetime], object]] = {
    "claim": lambda session, id_, now: risk.claim(session, id_, "U1", SETTINGS, now),
    "snooze": lambda session, id_, now: risk.snooze(session, id_, Snooze("U1", "3"), SETTINGS, now),
    "wake": lambda session, id_, now: risk.wake(session, id_, SETTINGS, now),
    "dismiss": lambda session, id_, now: risk.dismiss(session, id_, Dismissal("U1", NoRisk.KNOWN), SETTINGS, now),
    "assign": lambda session, id_, now: risk.assign(session, id_, Owner("U2", "ben@we.com", "U1"), SETTINGS, now),
}
