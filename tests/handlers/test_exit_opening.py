"""The ways to the exit interview's form, also when Slack or the look-up is slow."""

import asyncio
from typing import Any

import pytest

from bot.accounts.search import find
from bot.messages import exit_form
from handlers import exit_interview, resolving, windows
from tests.handlers.conftest import UNHURRIED, Stage, words
from tests.handlers.test_exit_interview import (
    NOTED,
    opens,
    shown,
    stands,
    types,
)


async def test_several_accounts_are_offered_first(stage: Stage) -> None:
    await stage.types("/exit-interview acm")
    offer = await stage.last()
    assert "2 accounts match" in words(offer)

    await stage.presses(offer, "Choose")

    assert "*Acme Robotics*" in shown(stage.view())


async def test_the_button_of_a_card_opens_the_form(stage: Stage) -> None:
    await stage.types("/account labs")

    await stage.presses(await stage.last(), "Log exit note")

    assert "*Acme Labs*" in shown(stage.view())


@pytest.mark.parametrize(("typed", "seen"), [("globex", "*Globex"), ("zzzqqq", "I know no account like")])
async def test_a_slow_look_up_waits_in_a_window(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, typed: str, seen: str
) -> None:
    opened, found, read = asyncio.Event(), find, stage.services.client.views_open

    async def slowly(*args: Any) -> Any:
        await opened.wait()
        return await found(*args)

    async def opening(**arguments: Any) -> Any:
        answer = await read(**arguments)
        waiting.append(shown(answer["view"]))
        opened.set()
        return answer

    waiting: list[str] = []
    monkeypatch.setattr(windows, "PATIENCE", 0)
    monkeypatch.setattr(resolving, "find", slowly)
    monkeypatch.setattr(stage.services.client, "views_open", opening)
    await stage.types(f"/exit-interview {typed}")

    assert waiting == ["One moment …"]
    assert seen in shown(stage.view())


async def test_a_choice_inside_the_waiting_window_becomes_the_form(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await test_a_slow_look_up_waits_in_a_window(stage, monkeypatch, "acm", "2 accounts match")

    await stage.presses_in_view("Choose")

    assert "*Acme Robotics*" in shown(stage.view())
    assert stage.view()["callback_id"] == exit_form.CALLBACK


async def test_a_waiting_window_that_the_person_closed_stays_closed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await stage.sees()
    opening, found = stage.services.client.views_open, find
    closed = asyncio.Event()

    async def slowly(*args: Any) -> Any:
        await closed.wait()
        return await found(*args)

    async def open_and_close(**arguments: Any) -> Any:
        answer = await opening(**arguments)
        await stage.person.closes(answer["view"])
        closed.set()
        return answer

    monkeypatch.setattr(windows, "PATIENCE", 0)
    monkeypatch.setattr(resolving, "find", slowly)
    monkeypatch.setattr(stage.services.client, "views_open", open_and_close)
    await stage.types("/exit-interview globex")

    assert stage.server.state.views.stack(stage.server.state.me) == []
    assert await stage.sees() == before


async def test_a_press_that_slack_no_longer_takes_can_be_repeated(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opens(stage)
    await types(stage, NOTED, "Typed before")
    found = exit_interview.form_for_text

    async def late(*args: Any) -> Any:
        await stage.slack.advance(UNHURRIED + 1)
        return await found(*args)

    monkeypatch.setattr(exit_interview, "form_for_text", late)
    await stage.types("/exit-interview globex")
    offer = await stage.last()
    assert words(offer).startswith("Slack did not wait for the form.")

    await stage.presses(offer, "Open the form")

    assert "*Globex Corporation*" in shown(stage.view())
    assert stands(stage.view(), NOTED) == "Typed before"


async def test_without_a_name_there_is_help(stage: Stage) -> None:
    await stage.types("/exit-interview")

    assert words(await stage.last()).startswith("Which account?")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("reason", "reasons"),
        ("features", "report 12m features"),
        ("fixed SSO", "winback"),
        ("ideal", "icp"),
        ("reasns", "reasons"),
    ],
)
async def test_another_word_for_what_it_does_is_understood(stage: Stage, typed: str, meant: str) -> None:
    await stage.types(f"/exit-interview {typed}")

    assert words(await stage.last()).endswith(f"Did you mean `/exit-interview {meant}`?")
