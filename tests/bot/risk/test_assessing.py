"""Which accounts are assessed, when, and by what stored facts; on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.risk import life
from bot.risk.assessing import assessed, keep_assessed
from storage import alerts, risks
from storage import facts as f
from storage.engine import Database
from storage.inputs import Signal
from storage.risks import Assessed
from storage.signals import store as store_signals
from storage.tables import MovementRow
from storage.upsert import table_of
from tests.bot.risk.alerting import SETTINGS
from tests.company import FAILED, LEAVING, fill, running, stored
from tests.factories import account, at, price
from tests.storage.test_risks import find

UTC = ZoneInfo("UTC")


async def keep(database: Database, now: datetime) -> int:
    return await keep_assessed(database, "usd", UTC, now)


async def of(database: Database, account_id: str) -> Assessed:
    found = await database.read(find, account_id)
    assert found is not None
    return found


def rules(found: Assessed) -> dict[str, int]:
    return {reason["rule"]: reason["points"] for reason in found.reasons}


async def test_all_accounts_are_assessed_once_a_day_and_those_that_changed_at_once(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)

    assert await keep(database, morning) == 5  # who runs or pays
    assert await keep(database, morning + timedelta(minutes=1)) == 0
    await database.write(risks.touch, ["acme", "labs"])
    assert await keep(database, morning + timedelta(minutes=2)) == 2
    assert await keep(database, morning + timedelta(days=1)) == 5


async def test_what_the_facts_show_is_found(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await keep(database, morning)

    acme, globex = await of(database, "acme"), await of(database, "globex")

    assert rules(acme) == {"payment_failing": 25, "card_expires": 10}
    assert (acme.score, acme.hard, acme.worth, acme.overdue, acme.committed) == (35, False, 200_000, 200_000, 0)
    assert rules(globex) == {"cancel_scheduled": 80, "cancel_feedback": 5}
    assert (globex.score, globex.hard, globex.worth, globex.overdue) == (85, True, 135_000, 0)
    assert globex.committed == 135_000
    assert globex.reasons[0]["objects"] == ["sub-globex"]
    assert rules(await of(database, "labs")) == {"no_method": 15}


async def test_a_score_remembers_that_of_the_day_before(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await keep(database, morning)
    assert (await of(database, "acme")).before is None

    tomorrow = morning + timedelta(days=1)
    await database.write(fill, [replace(FAILED, attempt_count=3)], tomorrow)
    await keep(database, tomorrow)
    assert ((await of(database, "acme")).before, (await of(database, "acme")).score) == (35, 55)
    await database.write(fill, [replace(FAILED, status=f.InvoiceStatus.PAID, status_word="paid")], tomorrow)
    await database.write(risks.touch, ["acme"])
    await keep(database, tomorrow)

    assert ((await of(database, "acme")).before, (await of(database, "acme")).score) == (35, 20)


async def test_who_left_is_no_risk_any_more(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await keep(database, morning)
    left = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=morning)
    await database.write(fill, [left], morning)
    await database.write(risks.touch, ["globex"])

    assert await keep(database, morning + timedelta(hours=1)) == 0
    assert await database.read(find, "globex") is None


async def test_some_accounts_are_assessed_as_all_of_them_are(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    told = [
        Signal("acme", "active_users", morning - timedelta(days=days), Decimal(100 - days)) for days in (1, 5, 40, 80)
    ]
    await database.write(store_signals, [*told, Signal("labs", "champion_left", morning, Decimal(1))], morning)

    whole = await database.read(assessed, "usd", UTC, morning)
    for one in whole:
        assert await database.read(assessed, "usd", UTC, morning, [one.account_id]) == [one]
    assert rules(next(one for one in whole if one.account_id == "labs")) == {"champion_left": 25, "no_method": 15}


async def test_a_touch_during_an_assessment_is_not_lost(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await keep(database, morning)
    seen = await database.read(risks.due)
    await database.write(risks.touch, ["acme"])
    seen = await database.read(risks.due)
    found = await database.read(assessed, "usd", UTC, morning, ["acme"])
    await database.write(risks.touch, ["acme"])  # a change that this assessment has not seen
    await database.write(risks.store, found, seen, morning, morning.date())

    assert set(await database.read(risks.due)) == {"acme"}


async def test_an_account_without_an_exchange_rate_is_assessed_and_adds_nothing(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    krona = running("krona", 9, currency="sek", cancel_at=at(1, 12))
    krona = replace(krona, items=(replace(krona.items[0], price_id="krona"),))
    sek = price("krona", rates={"sek": f.Rate(Decimal(5000))})
    await database.write(fill, [sek, account("krona"), krona], morning)
    await keep(database, morning)

    totals = await database.read(risks.totals, 30)

    assert (totals.accounts, totals.worth, totals.committed, totals.unrated) == (3, 335_000, 135_000, 1)


@pytest.mark.parametrize("before", [None, 10])
async def test_several_signs_together_open_a_card_only_when_that_is_news(
    database: Database, morning: datetime, before: int | None
) -> None:
    await stored(database, morning)
    signals = [Signal("oneill", name, morning, Decimal(1)) for name in ("champion_left", "export_requested")]
    rich = [Signal("oneill", "sentiment_csm", morning, Decimal(1)), Signal("oneill", "csat", morning, Decimal(1))]
    if before is not None:
        await keep(database, morning - timedelta(days=1))
    await database.write(store_signals, [*signals, *rich], morning)
    await keep(database, morning)
    settings = replace(SETTINGS, high_value=Decimal(0))

    await database.write(life.run, settings, morning)

    (found,) = [one for one in await database.read(alerts.live) if one.rule == "at_risk"]
    assert found.evidence["risk"]["score"] == 75
    assert (found.since > morning - timedelta(days=14)) is (before is not None)

    later = morning + timedelta(days=100)
    await keep(database, later)
    await database.write(life.run, settings, later)
    assert [one for one in await database.read(alerts.live) if one.rule == "at_risk"] == []


async def test_the_card_keeps_its_score_true(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await keep(database, morning)
    await database.write(life.run, SETTINGS, morning)
    await database.write(fill, [replace(FAILED, attempt_count=3)], morning)
    await database.write(risks.touch, ["acme"])
    await keep(database, morning)
    await database.write(life.run, SETTINGS, morning)

    (acme,) = await database.read(alerts.live_of_account, "acme")

    assert acme.evidence["risk"]["score"] == 50
    assert at(1) < acme.since


@pytest.mark.parametrize(("amount", "worth", "unrated"), [(-500, 0, 0), (500, None, 1)])
async def test_what_has_no_exchange_rate_is_worth_nothing_known(
    database: Database, morning: datetime, amount: int, worth: int | None, unrated: int
) -> None:
    """A credit below nothing, or MRR, in a currency without a rate: no sum is made up, and nothing is ranked by it."""
    odd = running("odd", 1)
    owes = replace(FAILED, id="in-odd", account_id="odd", subscription_id=odd.id, payment_refs=(), currency="xaf")
    await stored(database, morning, account("odd", name="Odd"), odd, owes)
    with database.writing() as session:
        movements = table_of(MovementRow)
        theirs = movements.update().where(movements.c.account_id == "odd")
        assert session.connection().execute(theirs.values(currency="xaf", amount=amount)).rowcount == 1
    await keep(database, morning)
    await database.write(life.run, SETTINGS, morning)

    found = await of(database, "odd")
    assert (found.worth, found.overdue, found.committed, found.stake) == (worth, 0, 0, 0)
    assert found.score > 0
    totals = await database.read(risks.totals, 0, ["odd"])
    assert (totals.worth, totals.overdue, totals.unrated) == (0, 0, unrated)
    assert "odd" not in {one.account_id for one in await database.read(alerts.live)}


async def test_a_day_that_began_earlier_writes_nothing_over_what_was_found_since(
    database: Database, morning: datetime
) -> None:
    """As two replicas would: one looks at all accounts, and is slow; the other at one that changed meanwhile."""
    await stored(database, morning)
    early = await database.read(assessed, "usd", UTC, morning)
    later = morning + timedelta(minutes=1)
    await database.write(fill, [replace(FAILED, attempt_count=3)], later)
    await database.write(risks.touch, ["acme"])
    await keep(database, later)
    before = await of(database, "acme")

    await database.write(risks.store, early, {}, morning, morning.date())

    assert await of(database, "acme") == before
