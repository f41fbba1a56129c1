"""What people do to cards that they should not: wrong people, cards of elsewhere, presses twice, hostile words."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.messages import alerts as messages
from bot.roles import EVERYONE, Grant, Role
from handlers.answers import SORRY
from storage import alert_cards, alerts, journal, outbox, owners
from storage.alerts import Alert
from storage.states import AlertState
from tests.handlers.conftest import HERE, Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_alerts import card_of, cards, run, set_up

HOSTILE = "<!channel> <https://evil.example|your bank> *bold* `code` <@U00000002> \u202egnp.exe"
PRESSES = ("I'm on it", "Not a risk…", "Log note", "Look up")


async def stored(stage: Stage) -> list[Alert]:
    return await stage.services.database.read(alerts.live)


async def of_elsewhere(stage: Stage) -> dict[str, Any]:
    """A card that Kahvi posted before its database was put back to an older state: nothing here knows its alert."""
    await set_up(stage)
    await run(stage)
    known = next(one for one in await stored(stage) if one.account_id == "acme")
    lost = replace(known, id="f" * 32, account_id="lost-co", cause_key="payment_failed:in-lost", object_id="in-lost")
    card = messages.card(lost, None, stage.services.settings.timezone, None)
    key = alert_cards.card_key(lost, HERE)
    await stage.services.database.write(outbox.put, key, HERE, card.text, card.blocks, now=stage.now)
    await stage.deliver()
    return await card_of(stage, "lost-co")


async def test_every_button_of_a_card_that_nobody_knows_is_answered(stage: Stage) -> None:
    card = await of_elsewhere(stage)
    before = await stored(stage)

    for label in PRESSES:
        await stage.presses(card, label)
        said = words(await stage.last())
        assert ("no longer know" in said or "I know no account" in said, SORRY in said) == (True, False), (label, said)
    await stage.person.chooses(card, "Snooze", "Until it gets worse")
    await stage.services.tasks.drain(20)
    assert "no longer know" in words(await stage.last())
    await stage.person.chooses(card, "Assign", stage.server.state.me)
    await stage.services.tasks.drain(20)
    assert "no longer know" in words(await stage.last())
    assert await stored(stage) == before


async def test_who_may_only_look_changes_nothing_on_a_card(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    before, card = await stored(stage), await card_of(stage, "Acme")
    ben = await stage.is_now("ben")
    await give(stage, Grant(ben, Role.VIEWER))

    for label in PRESSES[:3]:
        await stage.presses(card, label)
        assert "yours is viewer" in words(await stage.last())
    for menu, choice in (("Snooze", "For a week"), ("Assign", ben)):
        await stage.person.chooses(card, menu, choice)
        await stage.services.tasks.drain(20)
        assert "yours is viewer" in words(await stage.last())
    assert await stored(stage) == before
    assert (await stage.services.database.read(owners.emails, ["acme"])) == {"acme": "ann@we.com"}


async def test_of_two_who_press_at_once_one_is_on_it_and_the_other_is_told(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    await give(stage, Grant(EVERYONE, Role.CSM))
    card, aino = await card_of(stage, "Acme"), stage.person
    ben = stage.slack.person("ben", HERE)

    await asyncio.gather(*(who.presses(card, "I'm on it") for who in (aino, ben, aino, ben)))
    await stage.services.tasks.drain(20)
    await stage.deliver()

    acme = next(one for one in await stored(stage) if one.account_id == "acme")
    assert acme.state is AlertState.CLAIMED
    assert f"<@{acme.claimed_by}> is on it since" in words(await card_of(stage, "Acme"))
    told = [words(one) for who in (aino, ben) for one in await who.sees() if one.get("ephemeral")]
    assert sum("on it already" in one for one in told) == 3
    assert len([one for one in await cards(stage) if "Acme" in words(one)]) == 1


async def test_of_two_who_call_it_no_risk_the_second_is_told(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    await give(stage, Grant(EVERYONE, Role.CSM))
    card, people = await card_of(stage, "Acme"), [stage.person, stage.slack.person("ben", HERE)]
    forms = []
    for who in people:
        await who.presses(card, "Not a risk…")
        await stage.services.tasks.drain(20)
        forms.append(await who.view())

    for who, form in zip(people, forms, strict=True):
        await who.submits(form, {"Why is it no risk?": "The data is wrong"})
        await stage.services.tasks.drain(20)

    assert "settled already" in str((await people[1].view())["blocks"])
    assert await people[0].views() == []
    (acme,) = await stage.services.database.read(alerts.of_account, "acme")
    assert (acme.outcome or {})["by"] == stage.server.state.me


async def test_what_people_write_on_a_card_stays_what_it_is(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    card = await card_of(stage, "Acme")
    await stage.presses(card, "Log note")
    await stage.person.submits(await stage.person.view(), {"What was it?": "Call", "What should others know?": HOSTILE})
    await stage.services.tasks.drain(20)
    await stage.deliver()
    thread = "".join(str(one["blocks"]) for one in (await stage.person.sees(card["ts"]))[1:])
    await stage.presses(card, "Not a risk…")
    form = await stage.person.view()
    await stage.person.submits(form, {"Why is it no risk?": "Another reason", "What should others know?": HOSTILE})
    await stage.services.tasks.drain(20)
    await stage.deliver()

    shown = thread + str(await card_of(stage, "Acme"))
    assert [one.text for one in await stage.services.database.read(journal.of_account, "acme")] == [HOSTILE]
    for alive in ("<!channel>", "<https://evil", "<@U00000002>", "\u202e"):
        assert alive not in shown


async def test_to_wake_what_sleeps_no_more_puts_off_nobody(stage: Stage) -> None:
    """From the end of a snooze on days count again until the lead is told: a second press must not begin anew."""
    await set_up(stage)
    await run(stage)
    card = await card_of(stage, "Acme")
    await stage.person.chooses(card, "Snooze", "For a week")
    await stage.services.tasks.drain(20)
    await stage.deliver()
    asleep = await card_of(stage, "Acme")
    await stage.presses(asleep, "Wake up")
    woken = next(one for one in await stored(stage) if one.account_id == "acme")
    stage.now += timedelta(hours=1)

    await stage.presses(asleep, "Wake up")

    assert next(one for one in await stored(stage) if one.account_id == "acme") == woken


async def test_a_press_is_seen_on_the_card_by_one_update(stage: Stage) -> None:
    await set_up(stage)
    await run(stage)
    card = await card_of(stage, "Acme")
    before = len(await stage.slack.calls("chat.update")), len(await stage.slack.calls("chat.postMessage"))

    await stage.presses(card, "I'm on it")
    await stage.deliver()

    after = len(await stage.slack.calls("chat.update")), len(await stage.slack.calls("chat.postMessage"))
    assert after == (before[0] + 1, before[1])
