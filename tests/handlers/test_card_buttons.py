"""What people do with cards: take them on, snooze them, give accounts away, and say what is no risk."""

from dataclasses import replace
from datetime import timedelta

from bot.playground.slack.client.elements import has_button
from bot.risk import life
from bot.risk.settings import RiskSettings
from storage import facts as f
from storage import risks
from tests.company import FAILED, fill
from tests.factories import account
from tests.handlers.conftest import Stage, words
from tests.handlers.test_alerts import assessed, card_of, run, set_up


async def test_the_first_to_press_is_on_it_and_the_second_is_told(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    card = await card_of(stage, "Acme")
    first = stage.server.state.me

    await stage.presses(card, "I'm on it")
    await stage.is_now("ben")
    await stage.presses(card, "I'm on it")
    assert f"<@{first}> is on it already, since" in words(await stage.last())
    await stage.deliver()

    taken = await card_of(stage, "Acme")
    assert f"<@{first}> is on it since" in words(taken)
    assert "I'm on it" not in str(taken["blocks"])


async def test_look_up_on_a_card_shows_the_account_privately(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)

    await stage.presses(await card_of(stage, "Acme"), "Look up")

    card = await stage.last()
    assert card["ephemeral"]
    assert "Alerts: Payment of $2,000.00 failed" in words(card)


async def test_an_alert_is_taken_on_from_the_account_card_too(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    assert "I'm on it" not in str((await stage.last())["blocks"])
    await set_up(stage)
    await run(stage)
    first = stage.server.state.me
    await stage.is_now("ben")
    await stage.types("/account acme robotics")
    of_ben = await stage.last()
    await stage.is_now(first)
    await stage.types("/account acme robotics")
    assert "; nobody is on it yet" in words(await stage.last())

    await stage.presses(await stage.last(), "I'm on it")
    assert words(await stage.last()).startswith("You are on it: Payment of $2,000.00 failed twice")
    await stage.deliver()
    assert f"<@{first}> is on it since" in words(await card_of(stage, "Acme"))

    await stage.is_now("ben")
    await stage.presses(of_ben, "I'm on it")
    assert f"<@{first}> is on it already, since" in words(await stage.last())


async def test_nobody_is_missed_on_an_alert_that_no_channel_was_told_of(stage: Stage) -> None:
    await run(stage)

    await stage.types("/account acme robotics")

    said = words(await stage.last())
    assert "Alerts: Payment of $2,000.00 failed" in said
    assert "nobody is on it" not in said


async def test_a_press_on_a_settled_card_gets_a_friendly_answer(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    card = await card_of(stage, "Acme")
    paid = replace(FAILED, status=f.InvoiceStatus.PAID, status_word="paid", paid_at=stage.now, amount_paid=200_000)
    await stage.services.database.write(fill, [paid], stage.now)
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    await stage.services.database.write(life.run, settings, stage.now)

    await stage.presses(card, "I'm on it")

    assert words(await stage.last()) == "This one is settled already: Paid on 23 Nov 2026."


async def test_a_snooze_lasts_as_long_as_was_wished_and_its_end_is_told_in_the_thread(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    card = await card_of(stage, "Acme")

    await stage.person.chooses(card, "Snooze", "For 3 days")
    await stage.deliver()
    card = await card_of(stage, "Acme")
    assert "snoozed it until" in words(card)
    assert has_button(card["blocks"], "Wake up")
    assert has_button(card["blocks"], "I'm on it")

    stage.now += timedelta(days=3)
    await run(stage)
    card = await card_of(stage, "Acme")
    assert "snoozed" not in words(card)
    assert [words(reply) for reply in await stage.person.sees(card["ts"])][-1].endswith("its time is over.")


async def test_a_snooze_ends_at_once_when_things_get_worse(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await stage.person.chooses(await card_of(stage, "Acme"), "Snooze", "Until it gets worse")
    await stage.deliver()
    assert "until it gets worse" in words(await card_of(stage, "Acme"))

    await stage.services.database.write(fill, [replace(FAILED, attempt_count=4, next_attempt_at=None)], stage.now)
    await stage.services.database.write(risks.touch, ["acme"])
    await assessed(stage)

    card = await card_of(stage, "Acme")
    assert "snoozed" not in words(card)
    assert "+50 payment of $2,000.00 failed 4 times" in words(card)
    thread = [words(reply) for reply in await stage.person.sees(card["ts"])]
    assert any("snoozed this; it got worse. Risk rose from 35 to 55." in one for one in thread)
    assert any("+50 payment of $2,000.00 failed 4 times" in one for one in thread)


async def test_a_snooze_is_ended_by_hand(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await stage.person.chooses(await card_of(stage, "Acme"), "Snooze", "For a day")
    await stage.deliver()

    await stage.presses(await card_of(stage, "Acme"), "Wake up")
    await stage.deliver()

    assert "snoozed" not in words(await card_of(stage, "Acme"))


async def test_a_card_gives_the_account_to_a_person_who_is_told(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = "Ben@we.com"
    await stage.is_now("aino")

    await stage.person.chooses(await card_of(stage, "Acme"), "Assign", ben)
    await stage.services.tasks.drain(20)
    await stage.deliver()

    assert f"Owner: <@{ben}>" in words(await card_of(stage, "Acme"))
    direct = stage.server.state.workspace.direct_message(ben).id
    told = [one.text for one in stage.server.state.messages.timeline(direct)]
    assert [one.split(":")[0] for one in told] == [f"<@{stage.server.state.me}> gave you *Acme Robotics*"]
    await stage.is_now("ben")
    await stage.types("/at-risk me")
    assert "1 account of yours needs a look" in words(await stage.last())
    await stage.services.database.write(
        fill, [account("acme", name="Acme Robotics", owner_email="ann@we.com")], stage.now
    )
    await assessed(stage)
    assert f"Owner: <@{ben}>" in words(await card_of(stage, "Acme"))  # billing still names another


async def test_whoever_has_no_address_gets_no_account(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = ""

    await stage.person.chooses(await card_of(stage, "Acme"), "Assign", ben)
    await stage.services.tasks.drain(20)

    assert f"I cannot give <@{ben}> an account" in words(await stage.last())


async def test_what_is_no_risk_is_closed_with_the_reason_and_comes_back_only_when_worse(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await stage.presses(await card_of(stage, "Acme"), "Not a risk…")
    view = await stage.person.view()

    await stage.person.submits(
        view, {"Why is it no risk?": "We know, and it is in hand", "What should others know?": "Paid by wire"}
    )
    await stage.services.tasks.drain(20)
    await assessed(stage)

    card = await card_of(stage, "Acme")
    assert "sees no risk. We know, and it is in hand (“Paid by wire”)" in words(card)
    assert not has_button(card["blocks"], "I'm on it")
    await stage.services.database.write(fill, [replace(FAILED, attempt_count=4, next_attempt_at=None)], stage.now)
    await stage.services.database.write(risks.touch, ["acme"])
    await assessed(stage)
    assert "Nobody is on it yet" in words(await card_of(stage, "Acme"))


async def test_who_comes_too_late_is_told(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    card = await card_of(stage, "Acme")
    await stage.services.database.write(fill, [replace(FAILED, status=f.InvoiceStatus.PAID)], stage.now)
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    await stage.services.database.write(life.run, settings, stage.now)  # the card itself is about to be updated

    await stage.person.chooses(card, "Snooze", "For a day")
    await stage.services.tasks.drain(20)
    assert "settled already" in words(await stage.last())
    await stage.presses(card, "Not a risk…")
    assert "settled already" in words(await stage.last())


async def test_a_form_without_a_reason_stays_open(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await stage.presses(await card_of(stage, "Acme"), "Not a risk…")

    answer = await stage.submits(note={"type": "plain_text_input", "value": "typed"})

    assert "why" in str(answer)
    assert "Nobody is on it yet" in words(await card_of(stage, "Acme"))


async def test_who_took_it_on_is_asked_after_five_business_days(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    await stage.presses(await card_of(stage, "Acme"), "I'm on it")
    await stage.deliver()
    claimer, channel = stage.server.state.me, stage.channel
    stage.now += timedelta(days=6)  # Monday to Sunday: four business days
    await run(stage)
    assert "is on it since" in words(await card_of(stage, "Acme"))

    stage.now += timedelta(days=1)
    for _ in range(2):
        await run(stage)

    assert "Nobody is on it yet" in words(await card_of(stage, "Acme"))
    stage.channel = stage.server.state.workspace.direct_message(claimer).id
    (asked,) = [message for message in await stage.sees() if "5 business days ago" in words(message)]
    assert "Acme Robotics" in words(asked)
    await stage.presses(asked, "I'm on it")
    await stage.deliver()
    stage.channel = channel
    assert f"<@{claimer}> is on it since" in words(await card_of(stage, "Acme"))
