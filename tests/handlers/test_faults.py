"""When Slack or the database fails, the person is told, privately, and nothing is lost."""

import asyncio
from typing import Any, cast

import pytest
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.webhook import WebhookResponse

from bot import owed
from bot.access import Asker
from bot.messages.account import GONE
from bot.messages.blocks import Message, section
from bot.playground.slack.faults.faults import Fault
from handlers import account, exit_interview, windows
from handlers.answers import SORRY, outcome, send
from handlers.saving import not_saved
from storage import exit_interviews
from storage.accounts import search
from tests.handlers.conftest import Stage, words

CHECKED = {"type": "checkboxes", "selected_options": [{"value": "1"}]}


def broken(*_: object, **__: object) -> Any:
    raise OSError("disk full")


async def test_while_slack_cannot_tell_who_asks_nothing_is_shown(stage: Stage) -> None:
    await stage.slack.fault(Fault("users.info", "500"))

    await stage.types("/account acme robotics")

    assert "Please try again in a minute" in words(await stage.last())


async def test_a_failing_database_is_owned_up_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "with_ids", broken)

    for typed in ("/account acme robotics", "/exit-interview acme robotics"):
        await stage.types(typed)
        assert words(await stage.last()) == SORRY


async def test_a_window_that_slack_does_not_open_is_owned_up_to(stage: Stage) -> None:
    await stage.slack.fault(Fault("views.open", "drop_after_accept"))

    await stage.types("/exit-interview globex")

    assert words(await stage.last()) == SORRY


async def test_a_channel_that_could_not_be_set_up_keeps_the_form(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.types("/coffee here")
    monkeypatch.setattr(owed, "set_up", broken)

    assert await stage.submits(weekdays=CHECKED) == {"ok": False, "errors": {"at": not_saved("Set up")}}


async def test_a_person_who_may_no_longer_is_told_in_the_form(stage: Stage) -> None:
    await stage.types("/coffee here")
    await stage.slack.fault(Fault("users.info", "500"))
    answer = await stage.submits(weekdays=CHECKED)
    assert "try again in a minute" in answer["errors"]["at"]

    await stage.types("/exit-interview globex")
    await stage.slack.fault(Fault("users.info", "500"))
    answer = await stage.person.submits(stage.view(), {"What else did you learn?": "Keep me"})
    assert "try again in a minute" in next(iter(answer["errors"].values()))
    assert "Keep me" in str(stage.view()["state"]["values"])
    assert await stage.services.database.read(exit_interviews.of_account, "globex") == []


async def test_a_button_of_an_account_that_is_gone_says_so(stage: Stage) -> None:
    assert (await account.show_card(stage.services, _me(stage), "nobody")).text == GONE
    assert (await account.share_card(stage.services, _me(stage), "nobody", "1")).text == GONE


def _me(stage: Stage) -> Any:
    return Asker(stage.server.state.me, None, None, stage.channel)


async def test_refused_blocks_are_answered_without_charts_then_without_any() -> None:
    tried: list[list[str]] = []

    async def answered(*, text: str, blocks: list[dict[str, Any]], **_: Any) -> WebhookResponse:
        tried.append([block["type"] for block in blocks])
        status = 200 if not blocks else 400
        return WebhookResponse(url="", status_code=status, body="invalid_blocks", headers={})

    chart = {"type": "data_visualization"}
    await send(cast(AsyncRespond, answered), Message("words", [section("a"), chart]))

    assert tried == [["section", "data_visualization"], ["section"], []]


async def test_what_cannot_be_made_simpler_is_sent_once_and_then_bare() -> None:
    tried: list[int] = []

    async def answered(*, blocks: list[dict[str, Any]], **_: Any) -> WebhookResponse:
        tried.append(len(blocks))
        return WebhookResponse(url="", status_code=400, body="invalid_blocks", headers={})

    await send(cast(AsyncRespond, answered), Message("words", [section("a")]))

    assert tried == [1, 0]


@pytest.mark.parametrize("waits", [False, True])
async def test_a_form_that_slack_refuses_is_owned_up_to(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    found = exit_interview.form_for_text

    async def refused(*args: Any) -> Any:
        form: Any = await found(*args)
        if waits:
            await opened.wait()
        return {**form, "blocks": [{"type": "none such"}]}

    async def opening(**arguments: Any) -> Any:
        answer = await views_open(**arguments)
        opened.set()
        return answer

    opened, views_open = asyncio.Event(), stage.services.client.views_open
    if waits:
        monkeypatch.setattr(windows, "PATIENCE", 0)
    monkeypatch.setattr(exit_interview, "form_for_text", refused)
    monkeypatch.setattr(stage.services.client, "views_open", opening)
    await stage.types("/exit-interview globex")

    shown = stage.view()["blocks"][0]["text"]["text"] if waits else words(await stage.last())
    assert shown == SORRY


async def test_work_that_breaks_becomes_an_apology() -> None:
    async def work() -> Message:
        return broken()

    result = await outcome(work())

    assert result.text == SORRY
