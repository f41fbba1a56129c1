"""Whatever is sent to the local Slack, it answers in Slack's shape, keeps working, and does not grow."""

import asyncio
import io
import os
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control, Refused
from tests.bot.playground.slack.helpers import ack, connected, until

MEGABYTE = 1024 * 1024
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")
PATHS = (
    "/api/chat.postMessage",
    "/api/views.open",
    "/api/none.such",
    "/response/T0KAHVI01/none",
    "/response/T404/none",
    "/upload/T0KAHVI01/none",
    "/_page/send",
    "/_page/upload",
    "/_page/shortcut",
    "/_ctl/fault",
    "/_ctl/addresses",
    "/_ctl/user",
    "/oauth/v2/authorize",
)


@given(path=st.sampled_from(PATHS), kind=st.sampled_from(KINDS), body=st.binary(max_size=300))
async def test_no_bytes_are_answered_with_a_server_error(
    server: SlackServer, http: aiohttp.ClientSession, path: str, kind: str, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {server.bot_token}", "Content-Type": kind}
    async with http.post(f"{server.url}{path}", data=body, headers=headers) as answer:
        assert answer.status < 500


@pytest.mark.parametrize(
    "path", ["/api/chat.postMessage", "/response/T0KAHVI01/x", "/upload/T0KAHVI01/x", "/_page/send"]
)
async def test_giant_bodies_are_refused_everywhere(
    server: SlackServer, http: aiohttp.ClientSession, client: AsyncWebClient, path: str
) -> None:
    async with http.post(f"{server.url}{path}", data=io.BytesIO(b"x" * (2 * MEGABYTE))) as answer:
        assert answer.status < 500
        assert (await answer.json())["ok"] is False
    assert (await client.auth_test())["ok"] is True


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '{"envelope_id": []}',
        '{"envelope_id": "x", "payload": 7}',
        "[" * 100_000,
        '{"a":' * 30_000,
    ],
)
async def test_frames_that_are_no_acks_leave_the_connection_in_use(
    server: SlackServer, http: aiohttp.ClientSession, frame: str
) -> None:
    socket = await connected(server, http)
    await socket.send_str(frame)
    await socket.send_bytes(frame.encode())
    delivered = asyncio.create_task(server.state.sockets.deliver("events_api", {}))
    await ack(socket, await socket.receive_json(), text="read on")

    assert await delivered == {"text": "read on"}


async def test_a_giant_frame_closes_its_connection_and_no_other(
    server: SlackServer, http: aiohttp.ClientSession
) -> None:
    kept, giant = await connected(server, http), await connected(server, http)
    await giant.send_str("x" * (2 * MEGABYTE))
    await until(lambda: server.state.sockets.count == 1)

    await kept.ping()
    assert not kept.closed


async def test_memory_does_not_grow_with_what_is_refused(server: SlackServer, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {server.bot_token}"}
    refused = {"channel": "#cs", "text": "x" * 100_000, "blocks": [{"type": "none such"}]}

    async def sent(times: int) -> None:
        for _ in range(times):
            async with http.post(f"{server.api_url}chat.postMessage", json=refused, headers=headers) as answer:
                assert (await answer.json())["error"] == "invalid_blocks"

    await sent(50)
    before = resident()
    await sent(300)

    assert resident() - before < 20 * MEGABYTE


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_what_is_no_file_no_shortcut_and_no_team_is_told(server: SlackServer) -> None:
    async with Control(server.url) as slack:
        aino = slack.person("aino", "#cs")
        with pytest.raises(Refused, match="shortcut_not_found"):
            await aino.uses_shortcut("none")
        with pytest.raises(Refused, match="invalid_file"):
            await slack.do("/_page/upload", name="x", content="no base64!")
        with pytest.raises(Refused, match="team_not_found"):
            await slack.person("aino", "#cs", team="T404").sees()
