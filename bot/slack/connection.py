"""The connection to Slack: clients, the Bolt app, the socket; tries of our own, none hidden."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import KahviError, SettingsError
from bot.settings import Settings
from bot.slack.incoming import App, unanswered
from bot.tasks import Tasks
from storage.engine import Database

log = structlog.get_logger()

ANSWER_SECONDS = 5.0
DELIVERY_SECONDS = 10.0
CONNECT_SECONDS = 4.0
FAREWELL_SECONDS = 0.7

APOLOGY = "Something went wrong on my side. It is in the log; please try again in a minute."


class SlackUnreachable(KahviError):
    """Slack does not answer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot token makes us; `scopes` are those that the token was granted."""

    team_id: str
    team: str
    enterprise_id: str | None
    bot_id: str
    bot_user_id: str
    scopes: frozenset[str]


def open_client(settings: Settings, seconds: float) -> AsyncWebClient:
    """A Web API client that tries each call once and gives up after `seconds`; close it with `close_client`."""
    assert settings.slack_bot_token is not None  # noqa: S101 - demanded before anything is built
    # Each call gets a fresh connection: one kept open may be dead, and then nobody knows whether a post got through.
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=seconds, connect=min(seconds, CONNECT_SECONDS)),
    )
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_base_url,
        timeout=int(seconds),
        session=session,
        retry_handlers=[],
    )
    if _is_local(settings.slack_base_url):
        client.proxy = None
    return client


async def close_client(client: AsyncWebClient) -> None:
    if client.session:
        await client.session.close()


async def identify(client: AsyncWebClient) -> Identity:
    """Who we are to Slack; SettingsError when it refuses the token, SlackUnreachable when it does not answer."""
    answer = await _asked("SLACK_BOT_TOKEN", client.auth_test())
    return Identity(
        team_id=answer.get("team_id", ""),
        team=answer.get("team", ""),
        enterprise_id=answer.get("enterprise_id"),
        bot_id=answer.get("bot_id", ""),
        bot_user_id=answer.get("user_id", ""),
        scopes=frozenset(scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",") if scope),
    )


async def socket_address(client: AsyncWebClient, settings: Settings) -> str:
    """Where Slack wants the next socket; errors as in `identify`."""
    assert settings.slack_app_token is not None  # noqa: S101 - demanded before anything is built
    token = settings.slack_app_token.get_secret_value()
    answer = await _asked("SLACK_APP_TOKEN", client.apps_connections_open(app_token=token))
    return str(answer["url"])


async def _asked(variable: str, call: Any) -> Any:
    try:
        return await call
    except SlackApiError as error:
        word = error.response.get("error") if isinstance(error.response.data, dict) else None
        if not word or word in ("ratelimited", "internal_error", "fatal_error", "service_unavailable"):
            raise SlackUnreachable(f"Slack does not answer ({word or error.response.status_code}).") from None
        raise SettingsError(f"Slack refuses {variable} ({word}); see docs/install.md.") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SlackUnreachable(f"Slack does not answer ({type(error).__name__}); is the network up?") from None


# --- the Bolt app ----------------------------------------------------------------------------------------------


class OneWorkspace(AsyncAuthorize):
    """Answers Bolt's question who we are from memory: Bolt alone would ask Slack before the first answer."""

    def __init__(self, identity: Identity, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt's is bare
        self._result = AuthorizeResult(
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            bot_token=token,
            bot_id=identity.bot_id,
            bot_user_id=identity.bot_user_id,
        )

    async def __call__(self, *, context: AsyncBoltContext, **_: Any) -> AuthorizeResult:  # noqa: ARG002 - Bolt's form
        return self._result


def bolt_app(identity: Identity, client: AsyncWebClient, tasks: Tasks, database: Database, clock: Clock) -> App:
    """An app whose answer leaves when its listener returns; the checks that only HTTP needs are left out."""
    nameless = AsyncWebClient(base_url=client.base_url, timeout=client.timeout, session=client.session)
    nameless.proxy, nameless.retry_handlers = client.proxy, []
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.ERROR)  # its warnings quote what people sent
    app = App(
        database,
        clock,
        tasks,
        name="kahvi",
        logger=quiet,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        client=nameless,
        authorize=OneWorkspace(identity, str(client.token)),
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.error
    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            log.info("nothing handles this", kind=body.get("type") or "command")
            return BoltResponse(status=200, body="")
        log.error("listener failed", kind=body.get("type") or "command", exc_info=error)
        if body.get("response_url") and not body.get("command"):
            respond = AsyncRespond(response_url=body["response_url"], proxy=client.proxy, ssl=client.ssl)
            tasks.start("apology", respond(APOLOGY, replace_original=False))
        if body.get("type") == "view_submission":
            return unanswered()  # Slack says so in the form, which stays open with all that was typed
        return BoltResponse(status=200, body=APOLOGY if body.get("command") else "")

    return app


async def connect(app: AsyncApp, settings: Settings, client: AsyncWebClient) -> AsyncSocketModeHandler:
    """A socket that is connected, and reconnects by itself; close it with `close_async`."""
    address = await socket_address(client, settings)
    assert settings.slack_app_token is not None  # noqa: S101 - demanded before anything is built
    handler = AsyncSocketModeHandler(app, settings.slack_app_token.get_secret_value(), web_client=client)
    if _is_local(settings.slack_base_url):
        handler.client.proxy = None
    handler.client.wss_uri = address  # it was asked for above, where a refusal can be told
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's is bare
    except BaseException:
        await let_go(handler)
        raise
    return handler


async def let_go(handler: AsyncSocketModeHandler) -> None:
    """Close a socket for good, also one that is dead: its farewell may never be answered."""
    client = handler.client
    try:
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's is bare
    finally:
        for work in (client.message_processor, client.current_session_monitor, client.message_receiver):
            if work is not None:
                work.cancel()
        await client.aiohttp_client_session.close()


def _is_local(url: str) -> bool:
    """Whether a proxy from the environment is to be left out: it cannot reach this machine's own servers."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
