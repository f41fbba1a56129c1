"""`/at-risk` at the page of the local Slack."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.access import Asker
from bot.risk import learning, life, tuning
from bot.risk.assessing import keep_assessed
from bot.risk.calibration import Calibration, Model, Step
from bot.risk.settings import RiskSettings
from handlers import at_risk
from storage import audit, signals, syncs, tunings
from storage import facts as f
from storage.inputs import Signal
from tests.company import FAILED, READ_AS, fill, running
from tests.factories import account
from tests.handlers.conftest import Stage, words


async def assess(stage: Stage) -> None:
    await keep_assessed(stage.services.database, "usd", ZoneInfo("UTC"), stage.now)


async def test_the_list_says_who_and_why_and_what_is_at_stake(stage: Stage) -> None:
    await assess(stage)

    await stage.types("/at-risk")

    answer = await stage.last()
    assert answer["ephemeral"]
    said = words(answer)
    assert said.startswith("*2 accounts need a look, with $3,350.00 MRR*")
    for line in (
        "$1,350.00 ends by a cancellation that is scheduled; $2,000.00 waits for payments that failed or are late",
        "*Globex Corporation* · risk 85, at risk · $1,350.00 MRR",
        "+80 cancellation scheduled for 1 Dec 2026",
        "+5 they said why: switched to another service",
        "Points of signs, not likelihoods: uncalibrated",
    ):
        assert line in said


async def test_who_has_an_alert_is_on_the_list_whatever_the_score(stage: Stage) -> None:
    low = replace(tuning.UNTUNED, points={"payment_failing": (2, 5, 9), "card_expires": (1, 2)})
    await stage.services.database.write(tunings.choose, low.plain(), "U1", stage.now)
    await assess(stage)
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    await stage.services.database.write(life.run, settings, stage.now)

    await stage.types("/at-risk name:acme")

    said = words(await stage.last())
    assert "*Acme Robotics* · risk 6 · $2,000.00 MRR" in said
    assert "$2,000.00 waits for payments" in said


async def test_what_waits_for_payments_is_told_with_what_the_past_year_says_of_it(stage: Stage) -> None:
    await assess(stage)
    told = {"failures": 40, "rate": "0.75"}
    await stage.services.database.write(tunings.choose, told, "kahvi", stage.now, tunings.RECOVERY)

    await stage.types("/at-risk")

    line = "waits for payments that failed or are late, of which $500.00 is likely to be lost, going by the past year"
    assert line in words(await stage.last())


async def test_the_list_and_the_desk_say_how_their_sums_of_what_waits_go_together(stage: Stage) -> None:
    by_hand: dict[str, Any] = {
        "collection": f.Collection.INVOICE,
        "due_at": stage.now - timedelta(days=3),
        "attempt_count": 0,
    }
    late = replace(FAILED, id="in-labs", account_id="labs", subscription_id="sub-labs", payment_refs=(), **by_hand)
    await stage.services.database.write(fill, [late], stage.now)
    await assess(stage)
    told = {"failures": 40, "rate": "0.75"}
    await stage.services.database.write(tunings.choose, told, "kahvi", stage.now, tunings.RECOVERY)

    await stage.types("/at-risk")
    said = words(await stage.last())
    assert "$2,000.00 waits for payments that failed or are late, of which $500.00" in said
    assert (
        "from 30 points, with a hard reason or a card; payments of all others stand in `/at-risk dunning all`" in said
    )

    await stage.types("/at-risk dunning all")
    assert (
        "$2,100.00 MRR waits for payments that failed or are late, of which $525.00 is likely to be lost by that; "
        "$2,000.00 of it is in `/at-risk`: from 30 points or with a card"
    ) in words(await stage.last())

    await stage.types("/at-risk dunning")
    assert "$2,000.00 MRR of valuable accounts waits" in words(await stage.last())
    assert "`/at-risk` counts accounts of every size, from 30 points or with a card" in words(await stage.last())


async def test_a_quiet_morning_is_said_so(stage: Stage) -> None:
    await stage.types("/at-risk")

    assert "No account is at risk" in words(await stage.last())


async def test_people_see_their_own_accounts(stage: Stage) -> None:
    user = stage.server.state.workspace.users[await stage.is_now("ben")]
    user.email = "ann@we.com"
    await stage.services.database.write(
        fill,
        [
            account("acme", name="Acme Robotics", owner_email="ann@we.com"),
            running("acme", 40, status=f.Status.PAST_DUE, status_word="past_due", pause_kind="collection"),
        ],
        stage.now,
    )
    await assess(stage)

    await stage.types("/at-risk me")

    said = words(await stage.last())
    assert "1 account of yours needs a look" in said
    assert "Acme Robotics" in said
    assert "Globex" not in said


async def test_who_owns_no_account_has_none_at_risk(stage: Stage) -> None:
    user = stage.server.state.workspace.users[await stage.is_now("ben")]
    user.email = 'b"en@we.com'
    await assess(stage)

    await stage.types("/at-risk me")

    assert "No account of yours is at risk" in words(await stage.last())


async def test_a_page_behind_the_end_is_the_first_one(stage: Stage) -> None:
    await assess(stage)

    said = (await at_risk.show(stage.services, Asker(stage.server.state.me), "all", 500)).text

    assert said.startswith("*2 accounts need a look")
    assert "Globex" in said


async def test_an_export_says_what_it_left_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_risk, "ROWS", 1)
    await assess(stage)

    found = await at_risk.ask_for_csv(stage.services, Asker(stage.server.state.me), "all")

    assert isinstance(found, list)
    assert [one.text.split(".")[0] for one in found] == [
        "Accounts at risk as CSV: 1 row",
        "1 more row does not fit into a message",
    ]


async def test_without_an_address_of_their_own_people_are_told_what_to_type(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].email = ""

    await stage.types("/at-risk me")

    assert "/at-risk owner:you@company.com" in words(await stage.last())


async def test_a_filter_keeps_to_what_it_names_and_errors_point_at_the_word(stage: Stage) -> None:
    await assess(stage)

    await stage.types("/at-risk mrr<500")
    assert "No account with mrr" in words(await stage.last())
    await stage.types("/at-risk plan:pro")
    assert "Globex" in words(await stage.last())
    await stage.types("/at-risk colour:blue")
    assert "colour" in words(await stage.last())


async def test_pages_and_csv(stage: Stage) -> None:
    many = [
        fact
        for number in range(11)
        for fact in (account(f"n{number:02}", name=f'=Hostile "{number}"'), running(f"n{number:02}", 2, cancel_at=None))
    ]
    many = [
        running(one.account_id, 3, pause_kind="collection", status=f.Status.PAST_DUE, status_word="past_due")
        if isinstance(one, f.Subscription)
        else one
        for one in many
    ]
    ends = [
        running(f"n{number:02}", 3, cancel_at=stage.now.replace(month=12), status=f.Status.ACTIVE)
        for number in range(11)
    ]
    await stage.services.database.write(fill, [*many, *ends], stage.now)
    await assess(stage)
    await stage.types("/at-risk")
    first = await stage.last()
    assert "1 to 8 of 13" in words(first)

    await stage.presses(first, "More")
    second = await stage.last()
    assert "9 to 13 of 13" in words(second)
    await stage.presses(second, "CSV")

    told = json.dumps((await stage.last())["blocks"])
    assert "'=Hostile" in told
    assert told.count("(+80)") == 12


async def test_the_account_card_says_why_too(stage: Stage) -> None:
    await assess(stage)

    await stage.types("/account globex")

    said = words(await stage.last())
    assert "Risk 85, at risk: +80 cancellation scheduled for 1 Dec 2026" in said


async def test_every_look_is_recorded_and_guests_get_none(stage: Stage) -> None:
    await assess(stage)
    user = stage.server.state.workspace.users[await stage.is_now("ben")]
    user.is_restricted = True

    await stage.types("/at-risk")

    assert "full members" in words(await stage.last())
    entry = (await stage.services.database.read(audit.found))[0]
    assert (entry.action, entry.granted) == ("look at risk", False)


async def test_before_the_first_read_it_says_to_wait(stage: Stage) -> None:
    await stage.services.database.write(syncs.note, READ_AS, completed_at=None)

    await stage.types("/at-risk")

    assert "Reading your billing history" in words(await stage.last())


async def test_help(stage: Stage) -> None:
    await stage.types("/at-risk help")

    assert "/at-risk me" in words(await stage.last())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quite", "quiet"),
        ("quiet hier", "quiet here"),
        ("setings", "settings"),
        ("Dunnning", "dunning"),
        ("alll", "all"),
    ],
)
async def test_a_word_that_is_misspelt_is_asked_about(stage: Stage, typed: str, meant: str) -> None:
    await stage.types(f"/at-risk {typed}")

    said = words(await stage.last())
    assert said.startswith(f"I do not know “{typed}”. Did you mean `/at-risk {meant}`?")
    assert "`/at-risk saves 90d` says what came of alerts" in said


@pytest.mark.parametrize("typed", ["name:dunning", "setting:eu", "xyzzy", "mrr>5"])
async def test_a_filter_is_no_misspelt_word(stage: Stage, typed: str) -> None:
    await assess(stage)
    await stage.types(f"/at-risk {typed}")

    assert "Did you mean `/at-risk" not in words(await stage.last())


async def test_what_came_of_alerts_is_told_for_a_period(stage: Stage) -> None:
    await stage.types("/at-risk saves")
    assert words(await stage.last()).startswith("*Nothing was saved or lost after an alert in 90d")
    await stage.presses(await stage.last(), "12m")
    assert "in 12m (" in words(await stage.last())
    await stage.types("/at-risk saves someday")
    assert "I do not know the period “someday”" in words(await stage.last())


async def test_the_dunning_desk_tells_each_payment_and_what_comes_next(stage: Stage) -> None:
    await assess(stage)

    await stage.types("/at-risk dunning")

    said = words(await stage.last())
    assert said.startswith("*1 payment and 1 card that ends of valuable accounts: $2,000.00 to collect*")
    assert "Failed twice: card declined" in said
    assert "next try 25 Nov 2026 (in 2 days)" in said
    assert "how much of it will come is unknown" in said
    await stage.presses(await stage.last(), "All")
    assert words(await stage.last()).startswith("*1 payment and 1 card that ends: $2,000.00")
    await stage.presses(await stage.last(), "CSV")
    assert "account_id,account,owner,stage" in str((await stage.last())["blocks"])
    await stage.types("/at-risk dunning where regoin:EU")
    assert "did you mean region?" in words(await stage.last())


async def test_the_onboarding_watch_is_asked_for_by_its_word(stage: Stage) -> None:
    await assess(stage)

    await stage.types("/at-risk onboarding")
    assert "in its first 90 days" in words(await stage.last())
    await stage.types("/at-risk onboarding where regoin:EU")
    assert "did you mean region?" in words(await stage.last())


async def test_likelihoods_are_told_where_the_past_taught_them(stage: Stage) -> None:
    likely = Calibration([Step(0, Decimal("0.02")), Step(30, Decimal("0.4"))], 5_000, 120, stage.now.date())
    await stage.services.database.write(learning.keep, Model(likely, None), stage.now)
    paused = running("labs", 40, pause_kind="collection")
    await stage.services.database.write(fill, [account("labs", name="Labs"), paused], stage.now)
    told = [Signal("labs", name, stage.now, Decimal(1)) for name in ("champion_left", "sentiment_csm")]
    await stage.services.database.write(signals.store, told, stage.now)
    await assess(stage)

    await stage.types("/at-risk")

    said = words(await stage.last())
    assert "of the other $2,000.00, $800.00 is likely to be lost in 30 days" in said
    labs = next(line for line in said.split("\n") if line.startswith("*Labs*"))
    assert labs.endswith("$2,000.00 MRR · 40% likely to leave")
    assert "Likelihoods of leaving in 30 days, by 120 losses of your own past" in said
