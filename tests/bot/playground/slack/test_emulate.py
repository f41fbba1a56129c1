"""One list of calls against the local Slack and against `emulate`, a stand-in nobody here made: they agree.

But for DIFFERENCES, each with its reason. Left out where emulate is not installed.
"""

import asyncio
import os
import shutil
import socket
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control
from tests.bot.playground.slack.helpers import Json

MODULES = Path(os.environ.get("KAHVI_NODE_MODULES") or "/nowhere")
EMULATE = MODULES / "emulate" / "dist" / "index.js"
SEED = Path(__file__).parent / "javascript" / "emulate.yaml"
NODE = shutil.which("node", path=f"{MODULES / '.bin'}{os.pathsep}{os.environ.get('PATH', '')}")
needs_emulate = pytest.mark.skipif(
    not (NODE and EMULATE.is_file()),
    reason="needs KAHVI_NODE_MODULES naming a node_modules where `npm i emulate@0.12.2 node@24` was run",
)

DIFFERENCES = {
    "ephemeral": ("user_not_in_channel", "ok"),  # its channels begin with one member, those here with everybody
    "upload of nothing": ("ok", "invalid_arguments"),  # it takes a file of no length
    "leave": ("cant_leave_general", "unknown_method"),  # of what Kahvi never asks the local Slack has no method
    "remove what is not": ("message_not_found", "unknown_method"),
    "blocks of no kind": ("ok", "invalid_blocks"),  # emulate does not check blocks
    "unknown method": (None, "unknown_method"),  # it answers 404 in a shape of its own
    "wrong token": ("ok", "invalid_auth"),  # it takes any token for its first user
}


class Probe:
    """Calls by name, each with the error it met or `ok`."""

    def __init__(self, url: str, token: str) -> None:
        self._client = AsyncWebClient(token=token, base_url=url)
        self.outcomes: dict[str, str | None] = {}

    async def call(self, named: str, method: str, /, **arguments: Any) -> Json:
        try:
            answer = await self._client.api_call(method, json=arguments)
        except SlackApiError as error:
            self.outcomes[named] = error.response.get("error")
            return {}
        self.outcomes[named] = "ok"
        data: Json = answer.data if isinstance(answer.data, dict) else {}
        return data

    async def run(self) -> dict[str, str | None]:
        call = self.call
        await call("who", "auth.test")
        channels = (await call("list", "conversations.list"))["channels"]
        channel = next(one["id"] for one in channels if one["name"] == "general")
        await call("join", "conversations.join", channel=channel)
        metadata = {"event_type": "kahvi", "event_payload": {"key": "1"}}
        ts = (await call("post", "chat.postMessage", channel=channel, text="x", metadata=metadata))["ts"]
        await self._messages(channel, ts)
        found = (await call("history", "conversations.history", channel=channel, include_all_metadata=True))["messages"]
        assert found[-1]["metadata"] == metadata
        await self._places(channel)
        await self._refusals(channel, ts)
        user = (await call("by e-mail", "users.lookupByEmail", email="aino@example.com"))["user"]["id"]
        await call("home", "views.publish", user_id=user, view={"type": "home", "blocks": []})
        self._client.token = "xoxb-another"
        await call("wrong token", "auth.test")
        self._client.token = None
        await call("no token", "auth.test")
        return self.outcomes

    async def _messages(self, channel: str, ts: str) -> None:
        call = self.call
        await call("reply", "chat.postMessage", channel=channel, text="r", thread_ts=ts)
        await call("update", "chat.update", channel=channel, ts=ts, text="y")
        await call("replies", "conversations.replies", channel=channel, ts=ts)
        await call("permalink", "chat.getPermalink", channel=channel, message_ts=ts)
        await call("react", "reactions.add", channel=channel, timestamp=ts, name="coffee")
        await call("react again", "reactions.add", channel=channel, timestamp=ts, name="coffee")

    async def _places(self, channel: str) -> None:
        """Channels, people, and what only one of them sees."""
        call = self.call
        await call("channel", "conversations.info", channel=channel)
        await call("members", "conversations.members", channel=channel)
        people = (await call("people", "users.list"))["members"]
        person = next(one["id"] for one in people if one["name"] == "carla")
        await call("person", "users.info", user=person)
        direct = (await call("direct", "conversations.open", users=person)).get("channel") or {}
        await call("to one", "chat.postMessage", channel=direct.get("id"), text="x")
        await call("ephemeral", "chat.postEphemeral", channel=channel, user=person, text="x")
        await call("upload", "files.getUploadURLExternal", filename="x.txt", length=5)
        await call("upload of nothing", "files.getUploadURLExternal", filename="x.txt", length=0)
        await call("no file", "files.completeUploadExternal", files=[{"id": "F404"}])
        await call("leave", "conversations.leave", channel=channel)
        await call("join again", "conversations.join", channel=channel)
        await call("no such channel", "conversations.info", channel="C404")
        await call("history of none", "conversations.history", channel="C404")
        await call("no such emoji", "reactions.add", channel=channel, timestamp="1.000001", name="coffee")
        await call("remove what is not", "reactions.remove", channel=channel, timestamp="1.000001", name="coffee")

    async def _refusals(self, channel: str, ts: str) -> None:
        call = self.call
        await call("no text", "chat.postMessage", channel=channel)
        await call("no channel", "chat.postMessage", channel="C404", text="x")
        await call("update nothing", "chat.update", channel=channel, ts="1.000001", text="y")
        await call("delete", "chat.delete", channel=channel, ts=ts)
        await call("delete again", "chat.delete", channel=channel, ts=ts)
        await call("no user", "users.info", user="U404")
        await call("no e-mail", "users.lookupByEmail", email="nobody@example.com")
        view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": []}
        await call("no trigger", "views.open", trigger_id="1.2.3", view=view)
        await call("blocks of no kind", "chat.postMessage", channel=channel, text="x", blocks=[{"type": "none"}])
        await call("unknown method", "none.such")


@pytest.fixture
async def emulate() -> AsyncIterator[str]:
    """The address of emulate's Web API, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = (str(NODE), str(EMULATE), "start", "--service", "slack", "--port", str(port), "--seed", str(SEED))
    process = await asyncio.create_subprocess_exec(*started, stdout=DEVNULL, stderr=DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/api/"
        async with asyncio.timeout(30), aiohttp.ClientSession() as http:
            while not await answers(http, url):  # noqa: ASYNC110 - a process of others tells nobody
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.kill()
        await process.wait()


async def answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.post(f"{url}auth.test") as answer:
            return answer.status < 500
    except aiohttp.ClientError:
        return False


@needs_emulate
async def test_another_stand_in_answers_the_same(server: SlackServer, emulate: str) -> None:
    async with Control(server.url) as slack:
        await slack.scopes(*server.state.config.scopes, "files:write")  # emulate knows no scopes unless asked to
    own = await Probe(server.api_url, server.bot_token).run()
    other = await Probe(emulate, "xoxb-probe").run()

    assert {name: (other[name], own[name]) for name in own if own[name] != other[name]} == DIFFERENCES
