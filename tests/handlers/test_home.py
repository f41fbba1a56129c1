"""The Home tab at the page of the local Slack, and what is pressed there and in the windows that it opens."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.messages import home as messages
from bot.playground.slack.client import Unseen
from bot.playground.slack.faults.faults import Fault
from bot.risk import life
from bot.risk.assessing import keep_assessed
from bot.risk.settings import RiskSettings
from handlers import at_risk
from handlers.account import NO_CHANNEL
from storage import alerts, audit, people
from storage import facts as f
from storage.people import Person
from tests.bot.exits.test_prompts import read_since
from tests.bot.risk.alerting import set_up
from tests.company import fill, running
from tests.factories import account
from tests.handlers.conftest import UNHURRIED, Stage, words

DAY = timedelta(days=1)


async def assess(stage: Stage) -> None:
    await keep_assessed(stage.services.database, "usd", ZoneInfo("UTC"), stage.now)
    settings = RiskSettings.of(stage.services.settings, stage.services.source)
    await stage.services.database.write(life.run, settings, stage.now)


async def home(stage: Stage) -> dict[str, Any]:
    """What the person sees who opens the tab, once Kahvi has called Slack for it."""
    before = len(await stage.slack.calls("views.publish"))
    await stage.person.opens_home()
    async with asyncio.timeout(UNHURRIED):
        while len(await stage.slack.calls("views.publish")) == before:  # noqa: ASYNC110 - a call that fails tells nobody
            await asyncio.sleep(0.01)
    await stage.services.tasks.drain(20)
    return await stage.person.home()


def read(view: dict[str, Any]) -> str:
    """All the text of a view, a line for each."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("text"), str):
                found.append(value["text"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(view["blocks"])
    return "\n".join(found)


async def ann(stage: Stage) -> str:
    """The person at the page is Ann, who looks after Acme."""
    user = stage.server.state.workspace.users[await stage.is_now("ben")]
    user.email = "Ann@we.com"
    return user.id


async def test_it_tells_the_business_in_short_and_a_persons_own_accounts(stage: Stage) -> None:
    await ann(stage)
    await assess(stage)

    view = await home(stage)

    said = read(view)
    for line in (
        "Today · Monday 23 November",
        "*MRR is ",
        "Net new MRR, 30 days",
        "You look after 1 account with $2,000.00 MRR.",
        "*1 account of yours needs a look, with $2,000.00 MRR*",
        "*Acme Robotics* · risk ",
        "Of all accounts, 2 need a look, with $3,350.00 MRR.",
        "`/exit-interview acme` when a customer leaves",
    ):
        assert line in said
    assert "*Globex" not in said
    assert "exit interview to come" not in said


async def test_each_opening_is_made_anew_and_on_record(stage: Stage) -> None:
    user = await ann(stage)
    assert "You look after no account." in read(await home(stage))  # nothing is assessed yet
    await assess(stage)

    assert "1 account of yours needs a look" in read(await home(stage))
    assert len(await stage.slack.calls("views.publish")) == 2
    looked = [one for one in await stage.services.database.read(audit.found, audit.Asked(most=10)) if one.user == user]
    assert [(one.action, one.granted) for one in looked] == [("look at home", True)] * 2


async def test_the_tab_of_messages_publishes_nothing(stage: Stage) -> None:
    state = stage.server.state
    event = {"type": "app_home_opened", "user": state.me, "tab": "messages", "channel": "D1", "event_ts": "1.1"}
    state.events.emit("app_home_opened", event)
    await home(stage)

    assert len(await stage.slack.calls("views.publish")) == 1


async def test_guests_get_a_sentence_and_nothing_of_what_stood_there(stage: Stage) -> None:
    user = await ann(stage)
    await assess(stage)
    await home(stage)
    await stage.slack.user(user, is_restricted=True)

    view = await home(stage)

    assert read(view) == "Customer figures are for full members of this workspace. Please ask a colleague who is one."


async def test_during_the_first_read_it_says_how_far_it_is(stage: Stage) -> None:
    await stage.services.database.write(read_since, None)

    view = await home(stage)

    assert "Reading your billing history: " in read(view)
    assert "`/account acme`" in read(view)


async def test_without_an_address_the_accounts_of_all_are_still_told(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].email = ""
    await assess(stage)

    said = read(await home(stage))

    assert "Slack does not give me your e-mail address" in said
    assert "Of all accounts, 2 need a look" in said


async def test_who_looks_after_nothing_is_told_how_accounts_are_given(stage: Stage) -> None:
    assert "You look after no account." in read(await home(stage))


async def test_what_a_person_took_on_stands_there_until_it_is_over(stage: Stage) -> None:
    user = await ann(stage)
    await stage.services.database.write(set_up, "C1", stage.now - DAY)
    await assess(stage)
    (alert,) = await stage.services.database.read(alerts.live_of_account, "acme")
    assert "You are on" not in read(await home(stage))
    await stage.services.database.write(alerts.claim, alert.id, user, stage.now)

    said = read(await home(stage))

    assert "*You are on 1 account*" in said
    assert "*Acme Robotics* · since 23 Nov 2026\nPayment of $2,000.00 failed twice" in said
    assert "*Next:* send them" in said
    await stage.services.database.write(alerts.close, alert.id, {"ending": "paid"}, stage.now)
    assert "You are on" not in read(await home(stage))


async def test_exit_interviews_that_wait_open_their_form(stage: Stage) -> None:
    user = await ann(stage)
    database, gone = stage.services.database, stage.now - DAY
    ended = running("labs", 10, ended_at=gone, status=f.Status.ENDED, status_word="canceled")
    await database.write(fill, [account("labs", name="Labs <3", owner_email="ann@we.com"), ended], stage.now)
    await database.write(people.keep, Person("ann@we.com", user, "D2", "UTC"), stage.now)
    await database.write(read_since, stage.now - 21 * DAY)

    view = await home(stage)

    assert "*1 exit interview to come from you*" in read(view)
    assert "*Labs &lt;3* left on 22 Nov 2026, with $500.00 MRR. Why?" in read(view)
    await stage.presses(view, "Log exit note")
    assert stage.view()["title"]["text"] == "Exit interview"
    assert "*Labs &lt;3*" in read(stage.view())


async def test_many_of_a_kind_are_cut_with_their_number(stage: Stage) -> None:
    user = await ann(stage)
    database, gone = stage.services.database, stage.now - DAY
    for number in range(7):
        key = f"labs{number}"
        ended = running(key, 10, ended_at=gone, status=f.Status.ENDED, status_word="canceled")
        await database.write(fill, [account(key, name=key, owner_email="ann@we.com"), ended], stage.now)
    await database.write(people.keep, Person("ann@we.com", user, "D2", "UTC"), stage.now)
    await database.write(read_since, stage.now - 21 * DAY)

    said = read(await home(stage))

    assert "*7 exit interviews to come from you*" in said
    assert "and 2 more: `/exit-interview` and the name does it too" in said


async def test_a_press_in_the_tab_is_answered_in_a_window_and_there_again(stage: Stage) -> None:
    await ann(stage)
    await assess(stage)
    view = await home(stage)

    await stage.presses(view, "All at risk")

    assert stage.view()["title"]["text"] == "Kahvi"
    assert "*2 accounts need a look, with $3,350.00 MRR*" in read(stage.view())
    await stage.presses_in_view("CSV")
    assert "*Accounts at risk as CSV*" in read(stage.view())
    assert "2 accounts need" not in read(stage.view())
    assert len(await stage.person.views()) == 1


async def test_a_card_in_a_window_has_no_channel_to_be_shared_in(stage: Stage) -> None:
    await ann(stage)
    await assess(stage)
    await stage.presses(await home(stage), "Look up")
    assert "Acme Robotics" in read(stage.view())

    await stage.presses_in_view("Share here")

    assert read(stage.view()).startswith(NO_CHANNEL)
    assert len(await stage.person.views()) == 1


async def test_an_account_is_found_from_the_tab(stage: Stage) -> None:
    view = await home(stage)

    wanted = "Globex Corporation · globex.example · $1,350.00 MRR"
    await stage.person.chooses(view, "Find an account", wanted, typed="glob")
    await stage.services.tasks.drain(20)

    assert "Globex Corporation" in read(stage.view())


async def test_several_answers_stand_below_each_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await ann(stage)
    await assess(stage)
    view = await home(stage)
    monkeypatch.setattr(at_risk, "ROWS", 1)
    await stage.presses(view, "All at risk")

    await stage.presses_in_view("CSV")

    said = read(stage.view())
    assert said.index("*Accounts at risk as CSV*") < said.index("1 more row does not fit into a message")


async def test_an_answer_that_comes_too_late_for_a_window_is_a_direct_message(stage: Stage) -> None:
    user = await ann(stage)
    await assess(stage)
    view = await home(stage)
    await stage.slack.fault(Fault("views.open", "error", error="expired_trigger_id"))

    await stage.presses(view, "My accounts at risk")
    await stage.deliver()

    direct = stage.server.state.workspace.direct_message(user).id
    (message,) = await stage.slack.messages(direct)
    assert "*1 account of yours needs a look" in words(message)
    assert await stage.person.views() == []


async def test_a_window_that_slack_refuses_is_tried_without_blocks(stage: Stage) -> None:
    await ann(stage)
    await assess(stage)
    view = await home(stage)
    await stage.slack.fault(Fault("views.open", "error", error="invalid_arguments"))

    await stage.presses(view, "All at risk")

    assert [block["type"] for block in stage.view()["blocks"]] == ["section"]
    assert "*2 accounts need a look" in read(stage.view())


async def test_a_tab_that_cannot_be_shown_is_logged_and_comes_with_the_next_opening(stage: Stage) -> None:
    for fault in (Fault("views.publish", "error", error="not_enabled"), Fault("views.publish", "drop_after_accept")):
        await stage.slack.reset_faults()
        await stage.slack.fault(fault)
        with suppress(Unseen):
            await home(stage)

    assert "Today · " in read(await home(stage))


def test_a_view_never_outgrows_what_slack_takes() -> None:
    shown = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 120

    assert len(json.dumps(messages.sentence(shown))) < 250_000
    assert len(messages.sentence(shown)["blocks"]) <= 100
