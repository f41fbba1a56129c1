import asyncio
import io
import signal
import sys
from urllib.parse import urlsplit

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackConfig, SlackServer
from bot.playground.slack.doors.server import PAGE
from tests.bot.playground.slack.helpers import Person
from tests.waiting import HANGS


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
def test_other_addresses_than_loopback_are_refused(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        SlackServer(host=host)


async def test_localhost_is_loopback(http: aiohttp.ClientSession) -> None:
    server = SlackServer(host="localhost")
    await server.start()
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        await page.send_str("pages have nothing to say here")
        await server.stop()

        assert (await page.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_taken_port_is_an_os_error(server: SlackServer) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await SlackServer().start(port)


async def test_two_workspaces_run_side_by_side(server: SlackServer, http: aiohttp.ClientSession) -> None:
    other = SlackServer(SlackConfig(team_name="Other"))
    await other.start()
    try:
        state = await Person(other, http).get("/_page/state")
    finally:
        await other.stop()
    assert state["team"]["name"] == "Other"
    assert other.bot_token != server.bot_token


@pytest.mark.parametrize(
    "headers", [{"Host": "kahvi.example"}, {"Host": "[x"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
async def test_other_sites_may_not_act_here(
    server: SlackServer, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with http.post(f"{server.url}/_page/as", json={"user": "U00000002"}, headers=headers) as answer:
        assert answer.status == 403
    assert server.state.me == "U00000001"


async def test_page_files_are_served_with_a_policy_and_no_others(
    server: SlackServer, http: aiohttp.ClientSession
) -> None:
    name = next(path.name for path in PAGE.iterdir() if path.suffix == ".js")
    async with http.get(f"{server.url}/page/{name}") as answer:
        assert (answer.status, await answer.text()) == (200, (PAGE / name).read_text())
        assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
        assert answer.headers["Cache-Control"] == "no-store"
    for missing in ("nothing.js", "..%2Fserver.py", "%2e%2e%2fserver.py", "."):
        async with http.get(f"{server.url}/page/{missing}") as answer:
            assert answer.status in (403, 404)


async def test_bodies_over_a_mebibyte_are_refused(
    server: SlackServer, http: aiohttp.ClientSession, client: AsyncWebClient
) -> None:
    body = io.BytesIO(b"x" * (1024 * 1024 + 1))
    headers = {"Content-Type": "application/json"}
    async with http.post(f"{server.url}/api/chat.postMessage", data=body, headers=headers) as answer:
        assert answer.status == 413
        assert (await answer.json())["error"] == "invalid_arguments"
    assert (await client.auth_test())["ok"] is True


async def test_runs_alone_and_prints_addresses_and_tokens() -> None:
    """And is interrupted even when it was started with SIGINT ignored, as a background job of a shell is."""
    main = (sys.executable, "-m", "bot.playground.slack", "--port", "0")
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", 'trap "" INT; exec "$@"', "sh", *main), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        lines = [(await process.stdout.readline()).decode().rsplit(None, 1) for _ in range(4)]
        told = {name.strip(): value for name, value in lines}
        client = AsyncWebClient(token=told["bot token"], base_url=told["API"])
        assert (await client.auth_test())["user"] == "kahvi"
        assert told["app token"].startswith("xapp-")
        assert told["API"] == f"{told['page']}/api/"
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), HANGS) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_port_that_is_taken_is_said_in_a_sentence(server: SlackServer) -> None:
    port = urlsplit(server.url).port
    main = (sys.executable, "-m", "bot.playground.slack", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*main, stderr=asyncio.subprocess.PIPE)
    _, complaint = await process.communicate()

    said = f"Error: Port {port} is taken or not yours to use; name another one, or leave --port out.\n"
    assert (process.returncode, complaint.decode()) == (1, said)


@pytest.mark.parametrize(("method", "path"), [("POST", "/_ctl/none"), ("GET", "/_ctl/fault"), ("GET", "/_ctl/a/b")])
async def test_a_control_door_that_is_not_there_is_said_to_be_so(
    server: SlackServer, http: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with http.request(method, f"{server.url}{path}") as answer:
        assert answer.status == 404
        assert await answer.json() == {"ok": False, "error": f"There is no {method} {path}."}
