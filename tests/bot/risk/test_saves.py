"""What came of alerts: saved, lost, or not known yet, by the ledger, on both engines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from bot.messages import saves as messages
from bot.metrics.periods import span
from bot.playground.slack.validate import check_message_blocks
from bot.risk import handling
from bot.risk.quiet import Dismissal, NoRisk
from bot.risk.saves import Fate, Save, Saves, saves
from storage import alerts, ledger
from storage import facts as f
from storage.engine import Database
from storage.states import MovementKind
from tests.bot.messages.hostile import alive
from tests.bot.risk.alerting import SETTINGS, run
from tests.company import DECLINED, FAILED, LEAVING, fill, running, stored

ZONE = ZoneInfo("UTC")
DAY = timedelta(days=1)
PAID = replace(FAILED, status=f.InvoiceStatus.PAID, status_word="paid")
STAYS = replace(LEAVING, cancel_at=None, cancel_requested_at=None)


async def found(database: Database, now: datetime, period: str = "12m") -> Saves:
    asked = span(period, now.date())
    assert asked
    return await database.read(saves, asked, "usd", ZONE, now)


def told(found: Saves) -> Sequence[tuple[str, Fate, Decimal | None, date]]:
    return [(one.account_id, one.fate, one.mrr, one.day) for one in found.found]


async def opened(database: Database, morning: datetime) -> None:
    """Two alerts: a failed payment of Acme (2,000 USD) and a cancellation of Globex (1,350 USD)."""
    await stored(database, morning)
    assert len(await run(database, morning)) == 2
    (acme,) = await database.read(alerts.live_of_account, "acme")
    await database.write(handling.claim, acme.id, "U1", SETTINGS, morning)


async def test_who_pays_thirty_days_after_an_alert_ended_is_saved(database: Database, morning: datetime) -> None:
    await opened(database, morning)
    await database.write(fill, [PAID, STAYS], morning)
    await run(database, morning + 2 * DAY)
    known = date(2026, 12, 25)

    before = await found(database, morning + 31 * DAY)
    assert told(before) == [
        ("acme", Fate.PENDING, Decimal(200_000), known),
        ("globex", Fate.PENDING, Decimal(135_000), known),
    ]
    after = await found(database, morning + 33 * DAY)
    assert told(after) == [
        ("acme", Fate.SAVED, Decimal(200_000), known),
        ("globex", Fate.SAVED, Decimal(135_000), known),
    ]
    assert after.worth(Fate.SAVED) == 335_000
    assert after.found[0].by == "U1"
    assert told(await found(database, morning + 200 * DAY, "30d")) == []  # known in another period


def another(one: f.Subscription, mark: str) -> f.Subscription:
    return replace(one, id=f"sub-{mark}", items=tuple(replace(item, id=f"i-{mark}") for item in one.items))


async def test_what_an_account_grew_or_shrank_by_was_not_saved(database: Database, morning: datetime) -> None:
    second = another(running("globex", 10, morning - 100 * DAY), "2")
    await database.write(fill, [second], morning)
    await opened(database, morning)
    await database.write(fill, [PAID, STAYS], morning)
    await run(database, morning)
    later = morning + 5 * DAY
    grown = another(running("acme", 20, later), "3")
    shrunk = replace(second, status=f.Status.ENDED, status_word="canceled", ended_at=later)
    await database.write(fill, [grown, shrunk], later)

    after = await found(database, morning + 40 * DAY)

    assert [(one.account_id, one.fate, one.mrr) for one in after.found] == [
        ("acme", Fate.SAVED, Decimal(200_000)),
        ("globex", Fate.SAVED, Decimal(135_000)),
    ]


async def test_a_currency_that_moved_is_no_loss(database: Database, morning: datetime) -> None:
    rates = [
        f.ExchangeRate(day=day, currency="usd", base="eur", rate=Decimal(rate))
        for day, rate in ((date(2026, 1, 1), "0.9"), (date(2026, 12, 1), "0.5"))
    ]
    await database.write(fill, rates, morning)
    await opened(database, morning)
    await database.write(fill, [PAID, STAYS], morning)
    await run(database, morning + 2 * DAY)
    asked = span("12m", (morning + 33 * DAY).date())
    assert asked

    after = await database.read(saves, asked, "eur", ZONE, morning + 33 * DAY)

    assert [(one.account_id, one.fate, one.mrr) for one in after.found] == [
        ("acme", Fate.SAVED, Decimal(180_000)),
        ("globex", Fate.SAVED, Decimal(121_500)),
    ]


async def test_who_leaves_after_an_alert_is_lost_with_what_it_paid(database: Database, morning: datetime) -> None:
    await opened(database, morning)
    left = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=morning + 8 * DAY)
    await database.write(fill, [left], morning + 9 * DAY)
    await run(database, morning + 9 * DAY)

    lost = await found(database, morning + 10 * DAY)

    assert told(lost) == [("globex", Fate.LOST, Decimal(135_000), (morning + 8 * DAY).date())]


async def test_who_is_ended_over_an_unpaid_invoice_is_lost_although_the_invoice_stays_open(
    database: Database, morning: datetime
) -> None:
    await opened(database, morning)
    ended = running("acme", 40, status=f.Status.ENDED, status_word="canceled", ended_at=morning + 9 * DAY)
    await database.write(fill, [ended, replace(FAILED, attempt_count=4, next_attempt_at=None)], morning + 10 * DAY)
    await run(database, morning + 10 * DAY)

    after = await found(database, morning + 11 * DAY)

    assert ("acme", Fate.LOST, Decimal(200_000), date(2026, 12, 2)) in told(after)


async def test_who_is_given_up_as_unpaid_is_lost_on_the_day_on_which_the_ledger_ends_it(
    database: Database, morning: datetime
) -> None:
    await opened(database, morning)
    unpaid = running("acme", 40, status=f.Status.UNPAID, status_word="unpaid")
    last_try = replace(DECLINED, id="py-4", at=morning + 9 * DAY)
    given_up = replace(FAILED, attempt_count=4, next_attempt_at=None)
    await database.write(fill, [unpaid, given_up, last_try], morning + 10 * DAY)
    await run(database, morning + 10 * DAY)

    lost = ("acme", Fate.LOST, Decimal(200_000), date(2026, 12, 2))
    assert lost in told(await found(database, morning + 11 * DAY))
    paid = replace(given_up, status=f.InvoiceStatus.PAID, status_word="paid", paid_at=morning + 20 * DAY)
    await database.write(fill, [running("acme", 40), paid], morning + 20 * DAY)
    await run(database, morning + 20 * DAY)

    assert lost in told(await found(database, morning + 50 * DAY))  # that they came back is a reactivation
    came = [(one.day, one.kind) for one in await database.read(ledger.story, "acme")]
    assert came[1:] == [(date(2026, 12, 2), MovementKind.CHURN), (date(2026, 12, 13), MovementKind.REACTIVATION)]


async def test_who_is_counted_out_from_the_request_on_was_lost_though_the_alert_came_later(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    await database.write(partial(fill, policy="stripe"), [], morning)
    await run(database, morning)
    left = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=morning + 8 * DAY)
    await database.write(partial(fill, policy="stripe"), [left], morning + 9 * DAY)
    await run(database, morning + 9 * DAY)

    after = await found(database, morning + 10 * DAY)

    assert told(after) == [("globex", Fate.LOST, Decimal(135_000), date(2026, 11, 18))]


async def test_what_was_called_no_risk_counts_for_nothing(database: Database, morning: datetime) -> None:
    await opened(database, morning)
    for alert in await database.read(alerts.live):
        await database.write(handling.dismiss, alert.id, Dismissal("U1", NoRisk.KNOWN), SETTINGS, morning)

    assert told(await found(database, morning + 40 * DAY)) == []


def test_any_name_fits_slack() -> None:
    asked = span("90d", date(2026, 12, 1))
    assert asked
    hostile = "<!channel> *x* " * 40
    many = [
        Save(str(n), hostile, fate, None if n % 3 else Decimal(n), date(2026, 11, 1), "U1")
        for fate in Fate
        for n in range(60)
    ]
    message = messages.told(Saves(asked, "usd", many), ZONE)

    assert check_message_blocks(message.blocks) == []
    assert alive(message) == ""
    assert message.text.startswith("*60 accounts saved in 90d (2 Sep 2026 to 30 Nov 2026)")
    assert messages.told(Saves(asked, "usd", []), ZONE).text.startswith(
        "*Nothing was saved or lost after an alert in 90d"
    )
