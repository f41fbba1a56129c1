"""`/at-risk settings`: what a tuning would do is shown before it is done, and comes true."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.inputs.keeping import keep
from bot.risk import tuning
from storage import risks, tunings
from storage.inputs import Signal
from tests.company import fill, running
from tests.factories import at
from tests.handlers.conftest import Stage, words
from tests.handlers.test_alerts import assessed, card_of, set_up
from tests.handlers.test_at_risk import assess
from tests.handlers.test_quiet_alerts import DAY, dismiss, heard, standing
from tests.storage.test_risks import find


async def tuned(stage: Stage, **typed: str) -> dict[str, Any]:
    """Open the settings, type, and press Try; what the form then says."""
    await stage.types("/at-risk settings")
    view = await stage.person.view()
    labels = {
        "alert": "A card from this score on",
        "close": "Closed again below",
        "mrr": "For accounts with an MRR from (USD)",
        "named": "or that a filter names",
        "points": "Points of each sign",
        "windows": "Windows: for how many days each sign counts",
    }
    answer = await stage.person.submits(view, {labels[name]: value for name, value in typed.items()})
    await stage.services.tasks.drain(20)
    return answer


async def carded_by_a_lower_threshold(stage: Stage) -> None:
    """Labs, whom one sign puts at 40 points, gets a card a day after that."""
    await set_up(stage)
    await stage.services.database.write(fill, [running("labs", 30)], stage.now)
    await heard(stage, "labs", "champion_left")
    await assessed(stage)
    stage.now += DAY
    lower = replace(tuning.UNTUNED, alert_from=40, close_below=30)
    await stage.services.database.write(tunings.choose, lower.plain(), "U1", stage.now)
    await stage.services.database.write(risks.touch_all)
    await assessed(stage)


async def test_settings_show_what_they_would_do_before_they_do_it(stage: Stage) -> None:
    await assess(stage)

    await tuned(stage, mrr="9000", named="mrr>500", points="payment_failing 15 60 70")
    view = await stage.person.view()
    assert "With these settings *2 accounts would have a card* today, *2* of them new" in str(view["blocks"])
    read = stage.services.database.read
    assert await read(tuning.in_force) == tuning.UNTUNED  # nothing has changed yet

    await stage.person.submits(view, {})
    await assess(stage)

    assert (await read(tuning.in_force)).points == {"payment_failing": (15, 60, 70)}
    acme = await read(find, "acme")
    assert acme is not None
    assert acme.score == 55  # payments are capped
    await stage.types("/at-risk settings")
    assert "payment_failing 15 60 70" in str((await stage.person.view())["blocks"])


async def test_windows_are_tried_and_used(stage: Stage) -> None:
    await assess(stage)
    asked = [Signal("acme", "export_requested", stage.now - timedelta(days=30), Decimal(1), "", "pushed")]
    await stage.services.database.write(keep, asked, stage.now)
    await assess(stage)
    acme = await stage.services.database.read(find, "acme")
    assert acme is not None

    assert "disputid is no window; did you mean disputed?" in str(await tuned(stage, windows="disputid 9"))
    await tuned(stage, windows="export_requested 29")
    await stage.person.submits(await stage.person.view(), {})
    await stage.services.tasks.drain(20)
    await assess(stage)

    shorter = await stage.services.database.read(find, "acme")
    assert shorter is not None
    assert shorter.score == acme.score - 25
    await stage.types("/at-risk settings")
    shown = str((await stage.person.view())["blocks"])
    assert "export_requested 29" in shown
    assert "disputed 90" in shown


async def test_what_another_set_meanwhile_is_not_undone_unseen(stage: Stage) -> None:
    await assess(stage)
    await tuned(stage, alert="70")
    mine = await stage.person.view()
    await stage.is_now("ben")
    stage.now += timedelta(minutes=1)
    await tuned(stage, alert="80")
    await stage.person.submits(await stage.person.view(), {})
    await stage.services.tasks.drain(20)
    assert "Done" in str((await stage.person.view())["blocks"])
    await stage.is_now("aino")

    for _ in range(2):
        await stage.person.submits(mine, {})
        await stage.services.tasks.drain(20)
        assert str((await stage.person.view())["blocks"]).count("Somebody else changed these settings meanwhile") == 1
    assert (await stage.services.database.read(tuning.in_force)).alert_from == 80


async def test_a_setting_out_of_range_is_told_at_its_field(stage: Stage) -> None:
    assert "did you mean region?" in str(await tuned(stage, named="regoin:EU"))
    answer = await tuned(stage, alert="101", points="cancel_sheduled 80")

    assert "1 to 100" in str(answer)
    assert "did you mean cancel_scheduled?" in str(answer)


async def test_guests_tune_nothing(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].is_restricted = True

    await stage.types("/at-risk settings")

    assert "full members" in words(await stage.last())


async def test_a_lower_threshold_brings_the_cards_that_its_preview_told_of(stage: Stage) -> None:
    await carded_by_a_lower_threshold(stage)

    assert "risk 40 of 100" in words(await card_of(stage, "Labs"))


async def test_a_preview_tells_of_the_cards_that_a_lower_threshold_brings(stage: Stage) -> None:
    await set_up(stage)
    await stage.services.database.write(fill, [running("labs", 30)], stage.now)
    await heard(stage, "labs", "champion_left")
    await assessed(stage)
    stage.now += DAY

    assert "3 accounts would have a card* today, *1* of them new" in await previewed(stage, alert="40", close="30")
    await stage.submits()
    await assessed(stage)
    assert "risk 40 of 100" in words(await card_of(stage, "Labs"))


async def test_a_sign_without_points_calls_nobody_and_closes_its_cards(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    off = replace(tuning.UNTUNED, points={"cancel_scheduled": (0,), "cancel_feedback": (0,)})
    await stage.services.database.write(tunings.choose, off.plain(), "U1", stage.now)
    await stage.services.database.write(risks.touch_all)
    await assessed(stage)

    assert await standing(stage) == {"acme"}
    assert "Closed: This sign no longer counts, by the settings" in words(await card_of(stage, "Globex"))


async def previewed(stage: Stage, **typed: str) -> str:
    """What the settings say of a try."""
    await tuned(stage, **typed)
    return str((await stage.person.view())["blocks"])


async def test_a_preview_does_not_count_what_was_called_no_risk(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    assert "2 accounts would have a card* today, *0* of them new; 0 of" in await previewed(stage)
    await dismiss(stage, "Globex")

    assert "1 account would have a card* today, *0* of them new; 0 of" in await previewed(stage)
    heavier = "payment_failing 70 70 70\nhard_decline 0\ncard_expires 0 0"
    assert "1 account would have a card* today, *0* of them new" in await previewed(stage, points=heavier)


async def test_a_preview_counts_what_was_called_no_risk_and_gets_worse(stage: Stage) -> None:
    await carded_by_a_lower_threshold(stage)
    await dismiss(stage, "Labs")

    assert "2 accounts would have a card* today, *0* of them new" in await previewed(stage)
    grave = await previewed(stage, points="no_method 50")
    assert "3 accounts would have a card* today, *1* of them new" in grave


async def test_a_preview_counts_the_cards_that_it_would_close(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)

    off = "cancel_scheduled 0\ncancel_feedback 0"

    assert "1 account would have a card* today, *0* of them new; 1 of" in await previewed(stage, points=off)


async def test_a_preview_counts_cards_and_not_what_is_old_news_or_below_high_value(stage: Stage) -> None:
    old = {"cancel_at": at(1, 12, year=2027), "cancel_requested_at": at(1, 9)}
    await stage.services.database.write(fill, [running("labs", 2, **old)], stage.now)
    await set_up(stage)
    await assessed(stage)

    lower = await previewed(stage, mrr="10")
    assert "2 accounts would have a card* today, *0* of them new; 0 of" in lower
    assert "1 more account has been in trouble for long" in lower
    higher = await previewed(stage, mrr="1500")
    assert "2 accounts would have a card* today, *0* of them new; 0 of" in higher
    assert "1 of these would get none, but keeps the one it has" in higher
    await stage.submits()  # the higher one
    await assessed(stage)
    assert await standing(stage) == {"acme", "globex"}
