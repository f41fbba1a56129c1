"""`/coffee` and its words."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from storage import audit, channels
from storage.channels import Channel
from tests.handlers.conftest import ELSEWHERE, HERE, PRIVATE, Stage, words

WEEKDAYS = {"type": "checkboxes", "selected_options": [{"value": str(day)} for day in (1, 2, 3, 4, 5)]}
NO_DAY = {"type": "checkboxes", "selected_options": []}
ALERTS = {"type": "checkboxes", "selected_options": [{"value": "yes"}]}


def at(value: str) -> dict[str, Any]:
    return {"type": "timepicker", "selected_time": value}


def zone(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


async def here(stage: Stage) -> Channel | None:
    return await stage.services.database.read(channels.find, stage.channel)


async def test_coffee_now_is_private(stage: Stage) -> None:
    await stage.types("/coffee")

    digest, *lists = await stage.sees()
    assert all(one["ephemeral"] for one in (digest, *lists))
    assert "Coffee stats" in words(digest)
    assert "MRR" in words(lists[-1])


async def test_the_form_sets_the_channel_up_and_says_when_it_posts_next(stage: Stage) -> None:
    await stage.types("/coffee here")
    blocks = {block["block_id"]: block["element"] for block in stage.view()["blocks"]}
    assert blocks["at"]["initial_time"] == "08:30"
    assert blocks["zone"]["initial_option"]["value"] == "Europe/Helsinki"

    answer = await stage.submits(at=at("09:15"), zone=zone("Asia/Tokyo"), weekdays=WEEKDAYS, alerts=ALERTS)

    assert answer == {"ok": True}
    said = stage.view()["blocks"][0]["text"]["text"]
    assert "The next coffee stats come on Tuesday 24 Nov 2026 at 09:15 (Asia/Tokyo)." in said
    channel = await here(stage)
    assert channel is not None
    assert (channel.at, channel.zone, channel.weekdays, channel.alerts) == (
        time(9, 15),
        ZoneInfo("Asia/Tokyo"),
        frozenset({1, 2, 3, 4, 5}),
        True,
    )


async def test_the_form_starts_from_the_present_set_up(stage: Stage) -> None:
    await test_the_form_sets_the_channel_up_and_says_when_it_posts_next(stage)
    await stage.types("/coffee here")

    blocks = {block["block_id"]: block["element"] for block in stage.view()["blocks"]}
    assert blocks["at"]["initial_time"] == "09:15"
    assert blocks["zone"]["initial_option"]["value"] == "Asia/Tokyo"


async def test_without_the_scope_the_form_starts_from_the_setting(stage: Stage) -> None:
    await stage.slack.scopes("commands", "chat:write", "channels:read")
    await stage.types("/coffee here")

    blocks = {block["block_id"]: block["element"] for block in stage.view()["blocks"]}
    assert blocks["zone"]["initial_option"]["value"] == "UTC"


async def test_a_form_without_days_says_so_under_them(stage: Stage) -> None:
    await stage.types("/coffee here")

    answer = await stage.submits(weekdays=NO_DAY, alerts=NO_DAY)

    assert list(answer["errors"]) == ["weekdays"]
    assert await here(stage) is None


@pytest.mark.parametrize("channel", [ELSEWHERE, PRIVATE])
async def test_where_kahvi_is_not_it_says_how_to_invite_it(stage: Stage, channel: str) -> None:
    stage.channel = channel

    await stage.types("/coffee here")

    assert "`/invite @Kahvi`" in words(await stage.last())


async def test_pause_and_resume(stage: Stage) -> None:
    await stage.types("/coffee pause")
    assert "not set up yet" in words(await stage.last())
    await test_the_form_sets_the_channel_up_and_says_when_it_posts_next(stage)

    await stage.types("/coffee  PAUSE ")
    assert words(await stage.last()) == "This channel is paused; `/coffee resume` starts it again."
    await stage.types("/coffee resume")
    assert words(await stage.last()).startswith("The next coffee stats come on Tuesday")


async def test_help_shows_how_the_channel_stands_and_its_problem(stage: Stage) -> None:
    await test_the_form_sets_the_channel_up_and_says_when_it_posts_next(stage)
    await stage.services.database.write(channels.note_problem, HERE, "I am not in this channel.")

    await stage.types("/coffee help")

    said = words(await stage.last())
    assert "`/coffee pause`" in said
    assert ":warning: I am not in this channel." in said


async def test_an_unknown_word_gets_help_with_the_nearest_one(stage: Stage) -> None:
    await stage.types("/coffee resum <!channel>")
    await stage.types("/coffee resum")

    assert words(await stage.last()).startswith("I do not know “resum”. Did you mean `/coffee resume`?")


async def test_alerts_may_come_alone(stage: Stage) -> None:
    await stage.types("/coffee here")
    days = next(block for block in stage.view()["blocks"] if block["block_id"] == "weekdays")
    assert days["optional"]  # else Slack itself refuses a form without them

    assert await stage.submits(at=at("08:30"), zone=zone("UTC"), weekdays=NO_DAY, alerts=ALERTS) == {"ok": True}

    said = stage.view()["blocks"][0]["text"]["text"]
    assert said == ":coffee: *Set up.* No coffee stats are posted. At-risk alerts come here."
    assert stage.view()["title"]["text"] == "Coffee and alerts here"
    await stage.types("/coffee help")
    assert words(await stage.last()).endswith("No coffee stats are posted. At-risk alerts come here.")


@pytest.mark.parametrize("typed", ["/coffee help", "/coffee resum", "/account", "/exit-interview", "/account help"])
async def test_no_guest_gets_an_answer_and_every_question_is_on_record(stage: Stage, typed: str) -> None:
    await stage.types("/coffee here")
    await stage.submits(at=at("08:30"), zone=zone("UTC"), weekdays=WEEKDAYS, alerts=ALERTS)
    stage.server.state.workspace.users[stage.server.state.me].is_restricted = True

    await stage.types(typed)

    assert words(await stage.last()).startswith("Customer figures are for full members")
    latest = (await stage.services.database.read(audit.found))[0]
    assert (latest.action, latest.granted) == ("ask for help", False)
