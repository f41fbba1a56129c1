"""What people quietened speaks up again for what is new, and only for that."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from bot.inputs.keeping import keep
from bot.risk import life
from bot.risk.labels import Label, labels
from bot.risk.settings import RiskSettings
from storage import facts as f
from storage import risks
from storage.alerts import live
from storage.inputs import Signal
from tests.company import DECLINED, FAILED, LEAVING, fill, running, seats
from tests.factories import at, dispute, payment
from tests.handlers.conftest import Stage, words
from tests.handlers.test_alerts import assessed, card_of, cards, set_up
from tests.handlers.test_routing import filled, opened

STAYS = replace(
    LEAVING, cancel_at=None, cancel_requested_at=None, cancel_kind=None, cancel_reason=None, cancel_comment=None
)
DAY = timedelta(days=1)


def leaves(subscription: f.Subscription, stage: Stage, days: int = 20) -> f.Subscription:
    """It is asked to end now, so many days from now."""
    return replace(
        subscription,
        cancel_at=stage.now + days * DAY,
        cancel_requested_at=stage.now,
        cancel_kind=f.CancelKind.VOLUNTARY,
    )


def addon(stage: Stage) -> f.Subscription:
    return leaves(replace(running("globex", 1), id="sub-addon", items=(seats(1, at(1, 3), "i-addon"),)), stage, 8)


async def told(stage: Stage, *facts: f.Fact, of: str) -> None:
    """Billing tells of something new, and the rules look at it."""
    await stage.services.database.write(fill, facts, stage.now)
    await stage.services.database.write(risks.touch, [of])
    await assessed(stage)


async def dismiss(stage: Stage, name: str) -> None:
    await stage.presses(await card_of(stage, name), "Not a risk…")
    await stage.person.submits(await stage.person.view(), {"Why is it no risk?": "We know, and it is in hand"})
    await stage.services.tasks.drain(20)
    await assessed(stage)


async def thread(stage: Stage, name: str) -> list[str]:
    card = await card_of(stage, name)
    return [words(one) for one in await stage.person.sees(card["ts"])][1:]


async def standing(stage: Stage) -> set[str]:
    return {one.account_id for one in await stage.services.database.read(live)}


async def heard(stage: Stage, account_id: str, *names: str) -> None:
    rows = [Signal(account_id, name, stage.now - timedelta(hours=1), Decimal(1), "", "pushed") for name in names]
    await stage.services.database.write(keep, rows, stage.now)


async def test_what_people_call_no_risk_is_counted_against_its_signs(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await dismiss(stage, "Acme")  # known, and worth the call
    await stage.presses(await card_of(stage, "Globex"), "Not a risk…")
    await stage.person.submits(await stage.person.view(), {"Why is it no risk?": "The data is wrong"})
    await stage.services.tasks.drain(20)

    found = await stage.services.database.read(labels)

    assert found["cancel_scheduled"] == Label(1, 1)
    assert found["payment_failing"] == Label(1, 0)
    assert Label(20, 13).weighs_too_much
    assert not Label(20, 12).weighs_too_much
    assert not Label(19, 19).weighs_too_much


async def test_another_cancellation_after_one_that_was_no_risk_calls_again(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await dismiss(stage, "Globex")
    stage.now += 2 * DAY
    await told(stage, STAYS, of="globex")
    stage.now += 56 * DAY
    await told(stage, leaves(LEAVING, stage), of="globex")

    assert "globex" in await standing(stage)
    assert sum("Globex" in words(card) for card in await cards(stage)) == 2


async def test_another_invoice_after_one_that_was_no_risk_calls_again(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await dismiss(stage, "Acme")
    paid = replace(FAILED, status=f.InvoiceStatus.PAID, status_word="paid", paid_at=stage.now)
    await told(stage, paid, of="acme")
    stage.now += 98 * DAY
    await told(stage, replace(FAILED, id="in-2", issued_at=stage.now, payment_refs=()), of="acme")

    assert "acme" in await standing(stage)


@pytest.mark.parametrize("how", ["snoozed", "no risk"])
async def test_the_rest_of_an_account_is_another_matter_than_an_add_on(stage: Stage, how: str) -> None:
    await set_up(stage)
    await told(stage, STAYS, addon(stage), of="globex")
    if how == "snoozed":
        await stage.person.chooses(await card_of(stage, "Globex"), "Snooze", "Until it gets worse")
        await stage.deliver()
    else:
        await dismiss(stage, "Globex")
    stage.now += DAY
    await told(stage, leaves(STAYS, stage), of="globex")

    card = words(await card_of(stage, "Globex"))
    assert ("Nobody is on it yet" in card, "snoozed" in card) == (True, False)
    assert await thread(stage, "Globex")


async def test_a_high_score_that_was_no_risk_is_asked_about_again_once_it_fell_and_rose(stage: Stage) -> None:
    flags = ("champion_left", "export_requested", "competitor_mentioned", "sentiment_csm")
    await set_up(stage)
    await told(stage, running("labs", 30), of="labs")
    stage.now += DAY
    await heard(stage, "labs", *flags)
    await assessed(stage)
    await dismiss(stage, "Labs")
    stage.now += 30 * DAY
    await assessed(stage)
    assert "labs" not in await standing(stage)

    stage.now += 65 * DAY  # the flags say nothing any more
    await assessed(stage)
    stage.now += DAY
    await heard(stage, "labs", *flags)
    await assessed(stage)

    assert "labs" in await standing(stage)


async def test_who_was_at_risk_from_the_first_look_on_calls_once_it_gets_worse(stage: Stage) -> None:
    await set_up(stage)
    await stage.services.database.write(fill, [running("labs", 30)], stage.now)
    await heard(stage, "labs", "champion_left", "export_requested", "competitor_mentioned", "sentiment_csm")
    await assessed(stage)
    assert not any("Labs" in words(card) for card in await cards(stage))
    stage.now += 21 * DAY
    paid = payment("py-labs", 150_000, account_id="labs", at=at(1, 12))
    disputed = dispute("dp", 150_000, account_id="labs", payment_id=paid.id, reason="fraudulent", created_at=stage.now)
    await told(stage, paid, disputed, of="labs")

    assert "disputes a payment of $1,500.00" in words(await card_of(stage, "Labs"))


async def test_another_cause_of_the_same_kind_and_the_end_of_the_first_are_news(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    second = replace(FAILED, id="in-2", payment_refs=(), issued_at=at(21, 11), total=900_000, amount_due=900_000)
    await told(stage, second, of="acme")
    paid = replace(FAILED, status=f.InvoiceStatus.PAID, status_word="paid", paid_at=stage.now, amount_paid=200_000)
    await told(stage, paid, of="acme")

    joined, ended, *_ = await thread(stage, "Acme")
    assert joined.startswith("That too: Payment of $9,000.00 failed twice")
    assert ended == "Paid on 23 Nov 2026."
    assert "Payment of $9,000.00" in words(await card_of(stage, "Acme"))


async def test_a_try_that_is_under_way_for_a_moment_costs_nobody_their_claim_or_snooze(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    card = await card_of(stage, "Acme")
    await stage.presses(card, "I'm on it")
    await stage.person.chooses(card, "Snooze", "For a week")
    await stage.deliver()
    for status in (f.PaymentStatus.PENDING, f.PaymentStatus.FAILED) * 3:
        stage.now += timedelta(minutes=5)
        await told(stage, replace(DECLINED, status=status), of="acme")

    assert "is on it since" in words(await card_of(stage, "Acme"))
    assert "snoozed it until" in words(await card_of(stage, "Acme"))
    assert await thread(stage, "Acme") == []


@pytest.mark.parametrize("how", ["taken on", "snoozed"])
async def test_the_lead_is_not_told_that_nobody_was_on_what_somebody_had_in_hand(stage: Stage, how: str) -> None:
    await set_up(stage)
    lead = await stage.is_now("ben")
    await stage.is_now("aino")
    await opened(stage)
    await stage.submits(**filled("", "", None, lead))
    await assessed(stage)
    card = await card_of(stage, "Acme")
    if how == "taken on":
        await stage.presses(card, "I'm on it")
    else:
        await stage.person.chooses(card, "Snooze", "For a week")
    await dismiss(stage, "Globex")
    stage.now += 7 * DAY + timedelta(minutes=5)
    for _ in range(2):
        await assessed(stage)

    there = stage.server.state.workspace.direct_message(lead).id
    assert [one.text for one in stage.server.state.messages.timeline(there)] == []


async def use(stage: Stage, value: int, days: range) -> None:
    rows = [
        Signal("labs", name, stage.now - day * DAY, Decimal(value), "", "pushed")
        for name in ("active_users", "logins")
        for day in days
    ]
    await stage.services.database.write(keep, rows, stage.now)


async def test_a_feed_that_stops_is_no_end_of_the_risk_that_it_told_of(stage: Stage) -> None:
    await set_up(stage)
    await told(stage, running("labs", 30), of="labs")
    stage.now += DAY
    await use(stage, 100, range(29, 100))
    await use(stage, 5, range(28))
    await heard(stage, "labs", "sentiment_csm", "csat", "nps")
    await assessed(stage)
    assert "labs" in await standing(stage)
    stage.now += 29 * DAY  # nothing more comes
    for _ in range(2):
        await stage.services.database.write(risks.touch_all)
        await assessed(stage)

    card = words(await card_of(stage, "Labs"))
    assert "Nobody is on it yet" in card
    assert "too old to count: active_users" in card

    await use(stage, 100, range(28))
    await stage.services.database.write(risks.touch_all)
    await assessed(stage)
    assert "labs" not in await standing(stage)


async def test_what_eased_by_what_was_told_closes_although_something_else_is_old(stage: Stage) -> None:
    await set_up(stage)
    await told(stage, running("labs", 30), of="labs")
    old = Signal("labs", "csat", stage.now - 300 * DAY, Decimal(5), "", "pushed")
    await stage.services.database.write(keep, [old], stage.now)
    stage.now += DAY
    await heard(stage, "labs", "champion_left", "sentiment_csm", "export_requested")
    await assessed(stage)
    assert "labs" in await standing(stage)
    stage.now += DAY
    better = [
        Signal("labs", name, stage.now, Decimal(value), "", "pushed")
        for name, value in (("champion_left", 0), ("sentiment_csm", 5), ("export_requested", 0))
    ]
    await stage.services.database.write(keep, better, stage.now)
    await assessed(stage)

    assert "labs" not in await standing(stage)


async def test_a_card_that_was_deleted_comes_again_with_its_next_news(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    there = stage.server.state.messages
    (posted,) = [one for one in there.timeline(stage.channel) if "Acme" in one.text]
    there.delete(posted)
    await told(stage, replace(FAILED, attempt_count=4, next_attempt_at=None), of="acme")
    for _ in range(2):
        stage.now += timedelta(hours=1)
        await assessed(stage)

    assert "failed 4 times" in words(await card_of(stage, "Acme"))
    assert any("Risk rose" in one for one in await thread(stage, "Acme"))


async def test_what_is_noted_before_a_card_comes_stands_in_its_thread(stage: Stage) -> None:
    await set_up(stage)
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    waiting = replace(settings, calm=replace(settings.calm, settle=timedelta(minutes=10)))
    await stage.services.database.write(life.run, waiting, stage.now)
    await stage.types("/account acme robotics note They call back on Monday")
    await stage.services.tasks.drain(20)
    stage.now += timedelta(minutes=15)
    await stage.services.database.write(life.run, waiting, stage.now)
    await stage.deliver()

    assert any("They call back on Monday" in one for one in await thread(stage, "Acme"))


async def test_nobody_is_asked_at_night_whether_they_are_still_on_it(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await stage.presses(await card_of(stage, "Acme"), "I'm on it")
    await stage.deliver()
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    night = replace(settings, calm=replace(settings.calm, quiet=(time(20), time(7))))
    asked = stage.server.state.workspace.direct_message(stage.server.state.me).id
    seen = []
    for now in (datetime(2026, 12, 1, 0, 5, tzinfo=UTC), datetime(2026, 12, 1, 8, 0, tzinfo=UTC)):
        stage.now = now
        await stage.services.database.write(life.run, night, now)
        await stage.deliver()
        seen.append(len(stage.server.state.messages.timeline(asked)))

    assert seen == [0, 1]


@pytest.mark.parametrize("mark", ["deleted", "is_restricted", "is_bot"])
async def test_accounts_are_given_to_colleagues_only(stage: Stage, mark: str) -> None:
    await set_up(stage)
    await assessed(stage)
    gone = await stage.is_now("ben")
    user = stage.server.state.workspace.users[gone]
    user.email = "ben@we.com"
    setattr(user, mark, True)
    await stage.is_now("aino")
    await stage.person.chooses(await card_of(stage, "Acme"), "Assign", gone)
    await stage.services.tasks.drain(20)

    assert "gets no accounts; choose a colleague" in words(await stage.last())
    assert "Owner: ann@we.com" in words(await card_of(stage, "Acme"))
