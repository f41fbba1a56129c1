"""Shortcuts, files, previews of links, groups of people, OAuth and limits, each through clients of Slack."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import ShortcutSeed, SlackConfig, SlackServer, UserGroupSeed
from bot.playground.slack.client import Control, Person, Refused
from bot.playground.slack.world.config import DEFAULT_EVENTS, DEFAULT_SCOPES, UserSeed
from tests.bot.playground.slack.conftest import CHANNELS, COMMANDS
from tests.bot.playground.slack.helpers import Connect, Json, until
from tests.bot.playground.slack.test_modals import modal

# slack_sdk 3.47 still hands aiohttp its BasicAuth
by_basic_auth = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
REDIRECT = "http://127.0.0.1:9/slack/oauth_redirect"
MORE_SCOPES = ("files:read", "files:write", "links:read", "links:write", "usergroups:read")
MORE_EVENTS = ("link_shared", "file_shared", "app_uninstalled", "tokens_revoked")
PEOPLE = (
    UserSeed(name="aino", real_name="Aino Virtanen", locale="fi-FI"),
    UserSeed(name="ben", real_name="Ben Okafor"),
    UserSeed(name="sam", real_name="Sam Stranger", is_stranger=True),
)
CONFIG = SlackConfig(
    users=PEOPLE,
    channels=CHANNELS,
    commands=COMMANDS,
    scopes=(*DEFAULT_SCOPES, *MORE_SCOPES),
    events=(*DEFAULT_EVENTS, *MORE_EVENTS),
    shortcuts=(
        ShortcutSeed(name="Log a note", callback_id="note"),
        ShortcutSeed(name="Open account", callback_id="account", type="message"),
    ),
    usergroups=(UserGroupSeed(handle="csm", name="CSMs", users=("aino", "ben")),),
    unfurl_domains=("kahvi.example",),
    redirect_urls=(REDIRECT,),
)
OTHER = SlackConfig(team_id="T0OTHER", team_name="Other", bot_user_id="U0OTHERBOT", bot_id="B0OTHER")


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    server = SlackServer(CONFIG, others=[OTHER])
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def slack(server: SlackServer) -> AsyncIterator[Control]:
    async with Control(server.url) as control:
        yield control


@pytest.fixture
def aino(slack: Control) -> Person:
    return slack.person("aino", "#cs")


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_shortcuts_reach_the_app_with_a_trigger_and_the_message(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, aino: Person
) -> None:
    heard: list[Json] = []

    @app.shortcut("note")
    async def on_note(ack: AsyncAck, body: Json) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        heard.append(body)
        await ack()

    @app.shortcut("account")
    async def on_account(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    await connect()
    ts = await aino.types("acme is unhappy")
    await aino.uses_shortcut("note")
    await aino.uses_shortcut("account", await aino.last())

    assert [body["type"] for body in heard] == ["shortcut", "message_action"]
    assert "channel" not in heard[0]
    assert (heard[1]["message"]["ts"], heard[1]["channel"]["name"]) == (ts, "cs")
    assert (await aino.view())["callback_id"] == "exit"
    with pytest.raises(Refused, match="shortcut_not_found"):
        await aino.uses_shortcut("account")


async def test_a_file_goes_up_in_three_calls_and_is_read_back(
    client: AsyncWebClient, server: SlackServer, aino: Person
) -> None:
    answer = await client.files_upload_v2(
        filename="digest.csv", content="a,b\n1,2\n", title="Digest", channel="C00000002", initial_comment="Here"
    )

    file = (await aino.last())["files"][0]
    assert ((await aino.last())["text"], file["name"], file["title"]) == ("Here", "digest.csv", "Digest")
    assert answer["file"]["id"] == file["id"]
    assert (await client.files_info(file=file["id"]))["file"]["mimetype"] == "text/csv"
    headers = {"Authorization": f"Bearer {server.bot_token}"}
    async with aiohttp.ClientSession() as http:
        async with http.get(file["url_private"], headers=headers) as got:
            assert await got.read() == b"a,b\n1,2\n"
        async with http.get(file["url_private"]) as got:
            assert got.status == 403


async def test_files_that_never_came_are_not_shared(client: AsyncWebClient) -> None:
    announced = await client.files_getUploadURLExternal(filename="a.txt", length=4)

    assert await error_of(client.files_completeUploadExternal(files=[{"id": announced["file_id"]}])) == "file_not_found"
    assert await error_of(client.files_info(file="F404")) == "file_not_found"
    async with aiohttp.ClientSession() as http, http.post(announced["upload_url"], data=b"too long") as got:
        assert (await got.json())["error"] == "length_mismatch"


async def test_a_person_shares_a_file_and_the_app_is_told(app: AsyncApp, connect: Connect, aino: Person) -> None:
    heard: list[Json] = []

    @app.event("file_shared")
    async def on_file(event: Json) -> None:
        heard.append(event)

    await connect()
    file = await aino.uploads("notes.txt", b"hello")
    await until(lambda: heard)

    assert (heard[0]["file_id"], heard[0]["channel_id"]) == (file["id"], "C00000002")
    assert (await aino.last())["files"][0]["size"] == 5


async def test_links_into_the_apps_domains_are_told_and_previewed(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, aino: Person
) -> None:
    heard: list[Json] = []

    @app.event("link_shared")
    async def on_link(event: Json) -> None:
        heard.append(event)

    await connect()
    await aino.types("see https://app.kahvi.example/acme and https://example.com")
    await until(lambda: heard)
    url = "https://app.kahvi.example/acme"
    preview = {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "Acme"}}]}
    await client.chat_unfurl(channel=heard[0]["channel"], ts=heard[0]["message_ts"], unfurls={url: preview})

    assert heard[0]["links"] == [{"url": url, "domain": "kahvi.example"}]
    assert (await aino.last())["attachments"][0]["from_url"] == url
    where = {"unfurl_id": heard[0]["unfurl_id"], "source": "conversations_history"}
    assert await error_of(client.chat_unfurl(**where, unfurls={"https://example.com": preview})) == "cannot_unfurl_url"
    assert await error_of(client.chat_unfurl(**where, unfurls={url: {"blocks": [{"type": "alert"}]}})) == (
        "invalid_blocks"
    )
    gone = client.chat_unfurl(channel="C00000002", ts="1.000001", unfurls={url: preview})
    assert await error_of(gone) == "cannot_find_message"


async def test_groups_locales_and_strangers_are_told(client: AsyncWebClient) -> None:
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(group["handle"], group["users"]) for group in groups] == [("csm", ["U00000001", "U00000002"])]
    assert (await client.usergroups_users_list(usergroup=groups[0]["id"]))["users"] == groups[0]["users"]
    assert await error_of(client.usergroups_users_list(usergroup="S404")) == "no_such_subteam"

    aino = (await client.users_info(user="U00000001", include_locale=True))["user"]
    sam = (await client.users_info(user="U00000003"))["user"]
    assert (aino["locale"], aino["team_id"]) == ("fi-FI", "T0KAHVI01")
    assert (sam["is_stranger"], sam["team_id"]) == (True, "T0ELSEWHERE")


async def test_events_of_shared_channels_say_so(
    server: SlackServer, app: AsyncApp, connect: Connect, slack: Control, aino: Person
) -> None:
    heard: list[Json] = []

    @app.event("message")
    async def on_message(body: Json) -> None:
        heard.append(body)

    await connect()
    await slack.channel("#cs", is_ext_shared=True)
    await aino.types("hello, neighbours")
    await until(lambda: heard)

    assert heard[0]["is_ext_shared_channel"] is True


async def installed(server: SlackServer, scope: str = "chat:write,channels:read") -> str:
    """The code that a person brings back from installing the app in the other workspace."""
    asked = {"client_id": CONFIG.client_id, "scope": scope, "state": "s&1", "redirect_uri": REDIRECT}
    address = f"{server.url}/oauth/v2/authorize"
    async with aiohttp.ClientSession() as http:
        async with http.get(address, params=asked) as page:
            assert "Allow in Other" in await page.text()
        async with http.post(address, data=asked | {"team": "T0OTHER"}, allow_redirects=False) as agreed:
            back = urlsplit(agreed.headers["Location"])
    answer = parse_qs(back.query)
    assert (f"{back.scheme}://{back.netloc}{back.path}", answer["state"]) == (REDIRECT, ["s&1"])
    return answer["code"][0]


@by_basic_auth
async def test_another_workspace_is_installed_by_oauth_and_kept_apart(server: SlackServer, aino: Person) -> None:
    opening = AsyncWebClient(base_url=server.api_url)
    secrets = {"client_id": CONFIG.client_id, "client_secret": CONFIG.client_secret}
    early = AsyncWebClient(token=OTHER.bot_token, base_url=server.api_url)
    assert await error_of(early.auth_test()) == "invalid_auth"
    code = await installed(server)

    wrong = opening.oauth_v2_access(client_id=CONFIG.client_id, client_secret="guess", code=code)
    assert await error_of(wrong) == "bad_client_secret"
    answer = await opening.oauth_v2_access(**secrets, code=code, redirect_uri=REDIRECT)
    assert (answer["team"]["name"], answer["scope"]) == ("Other", "chat:write,channels:read")
    assert await error_of(opening.oauth_v2_access(**secrets, code=code)) == "code_already_used"
    assert await error_of(opening.oauth_v2_access(**secrets, code="1.2")) == "invalid_code"

    client = AsyncWebClient(token=answer["access_token"], base_url=server.api_url)
    assert (await client.auth_test())["team_id"] == "T0OTHER"
    await client.chat_postMessage(channel="#customer-success", text="over there")
    assert await aino.sees() == []
    assert await error_of(client.users_list()) == "missing_scope"


@by_basic_auth
async def test_people_of_another_workspace_reach_the_app_with_their_team(
    server: SlackServer, app: AsyncApp, connect: Connect, slack: Control
) -> None:
    heard: list[Json] = []

    @app.event("tokens_revoked")
    @app.event("message")
    async def on_event(body: Json) -> None:
        heard.append(body)

    await connect()
    carla = slack.person("carla", "#customer-success", team="T0OTHER")
    await carla.types("before it was installed")
    with pytest.raises(Refused, match="app_not_installed"):
        await carla.types("/coffee")
    secrets = {"client_id": CONFIG.client_id, "client_secret": CONFIG.client_secret}
    await AsyncWebClient(base_url=server.api_url).oauth_v2_access(**secrets, code=await installed(server))
    await carla.types("after")
    await AsyncWebClient(token=OTHER.bot_token, base_url=server.api_url).auth_revoke()
    await carla.types("when it was gone")
    await until(lambda: len(heard) == 2)

    assert {body["team_id"] for body in heard} == {"T0OTHER"}
    assert sorted(body["event"]["type"] for body in heard) == ["message", "tokens_revoked"]
    assert {body["event"].get("text") for body in heard} == {"after", None}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"redirect_uri": "http://evil.example/"}, "bad_redirect_uri"),
        ({"team": "T404"}, "team_not_found"),
        ({"scope": ""}, "invalid_scope_requested"),
    ],
)
async def test_installations_that_make_no_sense_are_refused(server: SlackServer, change: Json, said: str) -> None:
    asked = {"client_id": CONFIG.client_id, "scope": "chat:write", "redirect_uri": REDIRECT, "team": "T0OTHER"}
    async with aiohttp.ClientSession() as http:
        address = f"{server.url}/oauth/v2/authorize"
        async with http.post(address, data=asked | change, allow_redirects=False) as answer:
            assert (answer.status, await answer.text()) == (400, f"Slack would say: {said}")


async def test_each_method_is_limited_by_its_tier(client: AsyncWebClient, slack: Control) -> None:
    await slack.set_clock(await slack.now(), still=True)
    await slack.tiers(on=True)
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError) as refused:
        await client.users_list()

    assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "3")
    await client.users_info(user="U00000001")
    await slack.advance(3)
    await client.users_list()
    await slack.tiers(on=False)
    for _ in range(30):
        await client.users_list()
