"""One list of calls against the local Slack and against `emulate`, a stand-in nobody here made: they agree.

But for DIFFERENCES, each with its reason. Left out where emulate is not installed.
"""

import asyncio
import socket
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control
from tests.bot.playground.slack.node import MODULES, NODE, needs
from tests.bot.playground.slack.probe import Probe
from tests.waiting import HANGS

EMULATE = MODULES / "emulate" / "dist" / "index.js"
SEED = Path(__file__).parent / "javascript" / "emulate.yaml"

DIFFERENCES = {
    "ephemeral": ("user_not_in_channel", "ok"),  # its channels begin with one member, those here with everybody
    "upload of nothing": ("ok", "invalid_arguments"),  # it takes a file of no length
    "leave": ("cant_leave_general", "unknown_method"),  # of what Kahvi never asks the local Slack has no method
    "remove what is not": ("message_not_found", "unknown_method"),
    "blocks of no kind": ("ok", "invalid_blocks"),  # emulate does not check blocks
    "unknown method": (None, "unknown_method"),  # it answers 404 in a shape of its own
    "wrong token": ("ok", "invalid_auth"),  # it takes any token for its first user
}
FURTHER_KEYS = (  # what emulate tells besides; Kahvi reads none of it
    *(".creator", ".is_open", ".last_read"),  # of a channel: who made it, and how far somebody read
    *(".huddle_state", ".huddle_state_expiration_ts", ".status_emoji", ".status_expiration", ".status_text"),
    *(".display_name_normalized", ".real_name_normalized", ".phone", ".skype", ".image_48", ".image_192"),
    *(".event_type", ".event_payload.key"),  # metadata in a thread, which Slack tells only when asked to
    ".next_cursor",  # the empty one after the last page
    ".view.title",  # of a Home tab, which has none
    *(".comments_count", ".display_as_bot", ".editable", ".external_type", ".has_rich_preview", ".is_starred"),
    *(".permalink", ".pretty_type", ".public_url_shared", ".user_team"),  # of a file
    *(".count", ".page", ".pages", ".total"),  # of the comments on a file
    *(".channel_name", ".is_silent_share", ".reply_count", ".reply_users_count", ".share_user_id", ".source"),
    *("[].team_id", "[].ts"),  # of where a file was shared
)


@pytest.fixture
async def emulate() -> AsyncIterator[str]:
    """The address of emulate's Web API, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = (NODE, str(EMULATE), "start", "--service", "slack", "--port", str(port), "--seed", str(SEED))
    process = await asyncio.create_subprocess_exec(*started, stdout=DEVNULL, stderr=DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/api/"
        async with asyncio.timeout(HANGS), aiohttp.ClientSession() as http:
            while not await answers(http, url):
                assert process.returncode is None, "emulate has ended: it needs Node 24 or newer"
                await asyncio.sleep(0.1)  # a process of others tells nobody
        yield url
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.post(f"{url}auth.test") as answer:
            return answer.status < 500
    except aiohttp.ClientError:
        return False


async def generated(client: AsyncWebClient) -> str:
    """A trigger id by emulate's own method for it."""
    return str((await client.api_call("views.generateTriggerId"))["trigger_id"])


@needs("emulate")
async def test_another_stand_in_answers_the_same(server: SlackServer, emulate: str) -> None:
    async def issued(_: AsyncWebClient) -> str:
        return server.state.triggers.issue("U00000001")

    async with Control(server.url) as slack:  # emulate knows no scopes unless asked to
        await slack.scopes(*server.state.config.scopes, "files:write", "files:read")
    own = await Probe(server.api_url, server.bot_token, issued).run()
    other = await Probe(emulate, "xoxb-probe", generated).run()

    outcomes = {name: (other.outcomes[name], outcome) for name, outcome in own.outcomes.items()}
    assert {name: both for name, both in outcomes.items() if both[0] != both[1]} == DIFFERENCES
    shapes = {name: (other.shapes[name], found) for name, found in own.shapes.items() if name in other.shapes}
    further = {(name, path) for name, (theirs, ours) in shapes.items() for path in theirs.keys() - ours.keys()}
    assert {path for _, path in further if not path.endswith(FURTHER_KEYS)} == set()
    assert [key for key in FURTHER_KEYS if not any(path.endswith(key) for _, path in further)] == []
    types = {
        (name, path): (theirs[path], ours[path])
        for name, (theirs, ours) in shapes.items()
        for path in theirs.keys() & ours.keys()
    }
    assert {at: both for at, both in types.items() if both[0] != both[1]} == {}
