"""The Slack side of the bot: who it is, and what people see when a listener fails."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.clock import utc_now
from bot.errors import SettingsError
from bot.messages import blocks
from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.settings import Settings
from bot.slack import connection
from bot.slack.connection import APOLOGY, SlackUnreachable
from bot.tasks import Tasks
from storage.engine import Database
from tests.bot.playground.slack.helpers import Person, until
from tests.waiting import HANGS

CS = "C00000001"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    config = SlackConfig(
        channels=(ChannelSeed(name="cs", bot_is_member=True),),
        commands=(CommandSeed(command="/fail"), CommandSeed(command="/unheard")),
        scopes=("chat:write", "commands"),
    )
    server = SlackServer(config)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def settings(slack: SlackServer) -> Settings:
    return Settings(
        slack_bot_token=slack.bot_token, slack_app_token=slack.app_token, slack_base_url=slack.api_url, _env_file=None
    )


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    client = connection.open_client(settings, 5)
    yield client
    await connection.close_client(client)


@pytest.fixture
async def app(settings: Settings, client: AsyncWebClient, database: Database) -> AsyncIterator[AsyncApp]:
    """A connected app whose command fails."""
    tasks = Tasks()
    app = connection.bolt_app(await connection.identify(client), client, tasks, database, utc_now)

    @app.command("/fail")
    async def fail() -> None:
        raise ZeroDivisionError

    socket = await connection.connect(app, settings, client)
    yield app
    await tasks.drain(5)
    await socket.close_async()


@pytest.fixture
async def person(slack: SlackServer) -> AsyncIterator[Person]:
    async with aiohttp.ClientSession() as session:
        yield Person(slack, session)


async def test_the_token_says_who_we_are_and_what_we_may(slack: SlackServer, client: AsyncWebClient) -> None:
    identity = await connection.identify(client)

    assert (identity.team_id, identity.bot_user_id) == (slack.config.team_id, slack.config.bot_user_id)
    assert identity.scopes == {"chat:write", "commands"}


async def test_a_refused_token_names_its_variable(
    slack: SlackServer, settings: Settings, client: AsyncWebClient
) -> None:
    for method in ("auth.test", "apps.connections.open"):
        slack.state.faults.order(Fault(method, "error", error="invalid_auth"))

    with pytest.raises(SettingsError, match=r"Slack refuses SLACK_BOT_TOKEN \(invalid_auth\)"):
        await connection.identify(client)
    with pytest.raises(SettingsError, match=r"Slack refuses SLACK_APP_TOKEN \(invalid_auth\)"):
        await connection.socket_address(client, settings)


@pytest.mark.parametrize("kind", ["500", "429", "drop_after_accept"])
async def test_a_slack_that_is_down_is_not_a_wrong_token(slack: SlackServer, client: AsyncWebClient, kind: str) -> None:
    slack.state.faults.order(Fault.parse({"method": "auth.test", "kind": kind}))

    with pytest.raises(SlackUnreachable):
        await connection.identify(client)


async def test_a_client_tries_once(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.state.faults.order(Fault("auth.test", "drop_after_accept", times=None))

    with pytest.raises(SlackUnreachable):
        await connection.identify(client)
    assert len(slack.state.calls.listed("auth.test")) == 1


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    client = connection.open_client(settings, 5)
    identity = await connection.identify(client)
    await connection.close_client(client)

    assert identity.team_id


async def test_a_command_that_fails_is_answered_with_an_apology(
    slack: SlackServer, app: AsyncApp, person: Person
) -> None:
    with capture_logs() as logged:
        await person.say("/fail secret words", CS)
        await until(lambda: slack.state.messages.seen_by(CS, slack.state.me, None))

    (seen,) = await person.sees(CS)
    assert seen["text"] == APOLOGY
    assert [entry["event"] for entry in logged] == ["listener failed"]
    assert "secret words" not in str(logged)


async def test_a_button_that_fails_is_answered_privately(slack: SlackServer, app: AsyncApp, person: Person) -> None:
    @app.action("press")
    async def fail(ack: AsyncAck) -> None:
        await ack()
        raise ZeroDivisionError

    poster = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    button = blocks.actions(blocks.button("Press", "press"), block_id="row")
    posted = await poster.chat_postMessage(channel=CS, text="A card", blocks=[button])
    await person.post(
        "/_page/action",
        container={"type": "message", "channel": CS, "message_ts": posted["ts"]},
        block_id="row",
        action={"type": "button", "action_id": "press"},
    )
    await until(lambda: len(slack.state.messages.seen_by(CS, slack.state.me, None)) > 1)

    assert [message["text"] for message in await person.sees(CS)] == ["A card", APOLOGY]


async def test_a_form_that_fails_stays_open_with_all_that_was_typed(app: AsyncApp) -> None:
    """Slack says so in the form when it gets no answer."""

    @app.view("note")
    async def fail() -> None:
        raise ZeroDivisionError

    view = {"type": "modal", "callback_id": "note", "id": "V1"}
    body = {"type": "view_submission", "view": view, "team": {"id": "T1"}, "user": {"id": "U1"}}
    response = await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))

    assert (response.status, response.body) == (503, "")


async def test_what_nobody_listens_to_is_acked_in_silence(slack: SlackServer, app: AsyncApp, person: Person) -> None:
    with capture_logs() as logged:
        async with asyncio.timeout(HANGS):
            await person.say("/unheard anything", CS)

    assert [(entry["event"], entry["kind"]) for entry in logged] == [("nothing handles this", "command")]
    assert await person.sees(CS) == []
