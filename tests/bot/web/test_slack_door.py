"""Slack's HTTP mode: the same bot without a socket."""

import asyncio
from datetime import UTC, datetime

import pytest
from slack_sdk.signature import SignatureVerifier

from bot import app as application
from bot.errors import SettingsError
from bot.playground.slack.client import Control
from bot.playground.slack.faults.faults import Fault
from tests.bot.web.opened import CS, Open
from tests.waiting import HANGS


async def test_a_person_asks_presses_and_sends_a_form_over_http(http_doors: Open) -> None:
    slack = http_doors.slack
    http_doors.kettle.now = datetime.fromtimestamp(slack.state.clock.now(), UTC)
    async with Control(slack.url) as control:
        await control.http_mode(f"{http_doors.url}/slack/events")
        person = control.person("aino", CS)
        slack.state.faults.order(Fault("slash_commands", "duplicate"))
        await person.types("/coffee here")
        async with asyncio.timeout(HANGS):
            while not (views := await person.views()):  # noqa: ASYNC110 - the page is asked
                await asyncio.sleep(0.02)
        answer = await person.sends(views[-1], {})
        await http_doors.bot.services.tasks.drain(10)

    assert slack.state.sockets.count == 0
    assert answer.get("ok") is True
    assert (await http_doors.get("/ready"))[0] == 200


async def command(doors: Open) -> tuple[int, str]:
    """What `/coffee help`, signed as Slack does it, is answered with."""
    body, stamp = "command=%2Fcoffee&text=help&trigger_id=1.1.a", str(int(doors.kettle.now.timestamp()))
    signer = SignatureVerifier(doors.slack.config.signing_secret)
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(signer.generate_signature(timestamp=stamp, body=body)),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with doors.http.post(f"{doors.url}/slack/events", data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_an_unsigned_request_is_refused(http_doors: Open) -> None:
    async with http_doors.http.post(f"{http_doors.url}/slack/events", json={"type": "url_verification"}) as answer:
        assert (answer.status, await answer.text()) == (401, "Not signed by Slack")


async def test_http_mode_needs_its_secret_and_a_port(http_doors: Open) -> None:
    bare = http_doors.bot._settings.model_copy(
        update={"slack_signing_secret": None, "http_port": 0, "slack_app_token": None}
    )

    with pytest.raises(SettingsError) as error:
        application.build(bare)
    assert [line.split()[0] for line in str(error.value).splitlines()] == ["SLACK_SIGNING_SECRET", "KAHVI_HTTP_PORT"]


async def test_a_taken_port_ends_the_start_where_a_door_is_wanted(http_doors: Open) -> None:
    url = http_doors.bot._settings.database_url + "2"
    other = application.build(http_doors.bot._settings.model_copy(update={"database_url": url}))

    with pytest.raises(SettingsError, match="where nothing can listen"):
        await other.start()


async def test_nothing_is_taken_once_the_stop_has_begun(http_doors: Open) -> None:
    """Whoever is told 503 is told so by Slack; what is taken now would be cut off."""
    assert (await command(http_doors))[0] == 200
    http_doors.bot._shutdown.begin()

    assert (await http_doors.get("/ready"))[0] == 503
    assert await command(http_doors) == (503, "Not ready yet")
