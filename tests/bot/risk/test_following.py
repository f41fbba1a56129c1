"""What each change of the facts does to a standing alert, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from bot.risk import handling
from bot.risk.assessing import keep_assessed
from storage import facts as f
from storage import risks
from storage.engine import Database
from storage.risks import Assessed
from tests.bot.risk.alerting import SETTINGS, cards, keys, outcomes, run, set_up, told, unpaid
from tests.company import ACME, DECLINED, FAILED, LEAVING, fill, running, stored
from tests.factories import at


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


async def test_all_unpaid_invoices_of_an_account_share_one_card(database: Database, morning: datetime) -> None:
    many, key = unpaid(1_000), "alert:payment_failed:in-acme:C1"
    await stored(database, morning, *many)
    await database.write(set_up, "C1", morning)
    found = await run(database, morning)
    assert keys(found) == ["cancel_scheduled:sub-globex:2026-12-01", "payment_failed:in-acme"]
    assert "and 1,000 more invoices, $10,000.00 together" in str(await told(database, key))
    await database.write(
        handling.claim, next(one.id for one in found if one.rule == "payment_failed"), "U1", SETTINGS, morning
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


async def test_leaving_for_good_closes_its_alert(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await run(database, morning)
    december = at(1, 12, hour=13)
    left = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=at(1, 12))

    assert len(await run(database, december)) == 2  # the day has come, and billing has not ended it yet
    await database.write(fill, [left], december)
    await run(database, december)

    assert await outcomes(database, "cancel_scheduled:sub-globex:2026-12-01") == ["They left on 1 Dec 2026"]


async def test_whom_billing_ended_over_an_unpaid_invoice_has_left(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await run(database, morning)
    acme = running("acme", 40, status=f.Status.ENDED, status_word="canceled", ended_at=at(5, 12))
    given_up = replace(FAILED, attempt_count=4, next_attempt_at=None)
    later = at(5, 12, hour=13)

    second = replace(running("labs", 2), id="sub-second", account_id="acme")
    await database.write(fill, [acme, second, given_up], later)
    assert "payment_failed:in-acme" in keys(await run(database, later))  # another subscription goes on
    await database.write(fill, [replace(second, status=f.Status.ENDED, ended_at=at(5, 12))], later)

    assert "payment_failed:in-acme" not in keys(await run(database, later))
    assert await outcomes(database, "payment_failed:in-acme") == ["They left on 5 Dec 2026"]
    assert "payment_failed:in-acme" not in keys(await run(database, later))  # nor does it come again
    await database.write(fill, [running("acme", 40, at(6, 12))], later + timedelta(days=2))
    assert "payment_failed:in-acme" in keys(await run(database, later + timedelta(days=2)))  # they came back, with it


UNPAID = running("acme", 40, status=f.Status.UNPAID, status_word="unpaid")
GIVEN_UP = replace(FAILED, attempt_count=4, next_attempt_at=None)
LAST_TRY = replace(DECLINED, id="py-4", at=at(5, 12))


async def assess(database: Database, now: datetime) -> dict[str, Assessed]:
    await keep_assessed(database, "usd", ZoneInfo("UTC"), now)
    return await database.read(risks.with_ids, ["acme", "globex"])


async def test_whose_subscription_is_given_up_as_unpaid_has_left_as_the_ledger_says(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    await database.write(set_up, "C1", morning)
    await assess(database, morning)
    await run(database, morning)
    later = at(5, 12, hour=13)

    await database.write(fill, [UNPAID, GIVEN_UP, LAST_TRY], later)
    assert "acme" not in await assess(database, later)
    assert "payment_failed:in-acme" not in keys(await run(database, later))

    assert await outcomes(database, "payment_failed:in-acme") == ["They left on 5 Dec 2026"]
    assert "Closed: They left on 5 Dec 2026" in str(await told(database, "alert:payment_failed:in-acme:C1"))
    await run(database, later + timedelta(days=40))
    assert await outcomes(database, "payment_failed:in-acme") == ["They left on 5 Dec 2026"]


@pytest.mark.parametrize("policy", ["kahvi unpaid=in", "kahvi past_due=in_days(31) unpaid=in"])
async def test_where_the_policy_keeps_what_is_unpaid_its_card_stays(
    database: Database, morning: datetime, policy: str
) -> None:
    await stored(database, morning)
    await run(database, morning)
    later = at(5, 12, hour=13)

    await database.write(partial(fill, policy=policy), [UNPAID, GIVEN_UP, LAST_TRY], later)
    assert (await assess(database, later))["acme"].worth == 200_000

    assert "payment_failed:in-acme" in keys(await run(database, later))


async def test_another_subscription_that_pays_keeps_an_account_with_an_unpaid_one(
    database: Database, morning: datetime
) -> None:
    second = replace(running("labs", 20), id="sub-second", account_id="acme")
    await stored(database, morning, second)
    await run(database, morning)
    later = at(5, 12, hour=13)

    await database.write(fill, [UNPAID, GIVEN_UP, LAST_TRY], later)

    assert "payment_failed:in-acme" in keys(await run(database, later))


async def test_a_cancellation_calls_until_it_takes_effect_where_the_policy_counts_it_from_the_request_on(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    await database.write(partial(fill, policy="stripe"), [], morning)  # globex asked on 18 November, and is counted out
    await database.write(set_up, "C1", morning)

    globex = (await assess(database, morning))["globex"]
    assert (globex.worth, globex.committed) == (135_000, 135_000)
    key = "cancel_scheduled:sub-globex:2026-12-01"
    assert key in keys(await run(database, morning))
    assert "$1,350.00 MRR" in str(await told(database, f"alert:{key}:C1"))
    left = replace(LEAVING, status=f.Status.ENDED, status_word="canceled", ended_at=at(1, 12))
    await database.write(partial(fill, policy="stripe"), [left], at(1, 12, hour=13))
    await run(database, at(1, 12, hour=13))
    assert await outcomes(database, key) == ["They left on 1 Dec 2026"]


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
