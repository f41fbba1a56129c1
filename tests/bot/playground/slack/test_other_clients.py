"""Clients that nobody here wrote work with the local Slack unmodified: sync and async, each Socket Mode client."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler as WebsocketClientHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ContextBlock, HeaderBlock, MarkdownTextObject, PlainTextObject, SectionBlock
from slack_sdk.webhook import WebhookClient

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control, Person
from bot.playground.slack.faults.faults import Fault
from tests.bot.playground.slack.helpers import Json, until
from tests.bot.playground.slack.test_modals import modal

HANDLERS = {"builtin": SocketModeHandler, "websocket-client": WebsocketClientHandler}


@pytest.fixture
async def slack(server: SlackServer) -> AsyncIterator[Control]:
    async with Control(server.url) as control:
        yield control


@pytest.fixture
def aino(slack: Control) -> Person:
    return slack.person("aino", "#cs")


@pytest.fixture
def sync_client(server: SlackServer) -> WebClient:
    return WebClient(token=server.bot_token, base_url=server.api_url, timeout=60)


async def test_the_sync_client_posts_changes_and_reads(sync_client: WebClient) -> None:
    def work() -> tuple[Any, ...]:
        blocks = [
            HeaderBlock(text=PlainTextObject(text="Coffee stats")),
            SectionBlock(text=MarkdownTextObject(text="*MRR*")),
            ContextBlock(elements=[MarkdownTextObject(text="as of today")]),
        ]
        posted = sync_client.chat_postMessage(channel="#cs", text="a", blocks=blocks)
        sync_client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")
        history = sync_client.conversations_history(channel=posted["channel"])
        pages = [page["members"][0]["name"] for page in sync_client.users_list(limit=2)]
        return history["messages"][0]["text"], pages

    assert await asyncio.to_thread(work) == ("b", ["aino", "carla", "kahvi"])


async def test_the_sync_client_waits_as_retry_after_says(
    sync_client: WebClient, slack: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

    waited: list[float] = []
    monkeypatch.setattr("slack_sdk.http_retry.handler.time.sleep", waited.append)
    sync_client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    await slack.fault(Fault("chat.postMessage", "429", retry_after=7))

    answer = await asyncio.to_thread(sync_client.chat_postMessage, channel="#cs", text="x")

    assert (answer["ok"], [int(seconds) for seconds in waited]) == (True, [7])  # its jitter comes on top


async def test_errors_reach_the_sync_client_by_name(sync_client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        await asyncio.to_thread(sync_client.chat_postMessage, channel="C404", text="x")

    assert refused.value.response["error"] == "channel_not_found"


@pytest.mark.parametrize("name", HANDLERS)
async def test_a_sync_bolt_app_is_served_by_each_socket_client(
    name: str, sync_client: WebClient, server: SlackServer, aino: Person
) -> None:
    heard: list[str] = []
    app = await asyncio.to_thread(App, client=sync_client, process_before_response=True)

    @app.command("/coffee")
    def coffee(ack: Ack, command: Json, client: WebClient) -> None:
        client.views_open(trigger_id=command["trigger_id"], view=modal())
        ack(f"Brewing {command['text']}")

    @app.view("exit")
    def on_submit(ack: Ack) -> None:
        ack(response_action="errors", errors={"note": "Say more"})

    @app.event("app_mention")
    def on_mention(event: Json) -> None:
        heard.append(event["text"])

    handler = HANDLERS[name](app, server.app_token)
    connecting: Callable[[], None] = handler.connect
    await asyncio.to_thread(connecting)
    try:
        await until(lambda: server.state.sockets.count == 1)
        await aino.types("/coffee mrr")
        answer = await aino.submits(await aino.view(), {"Why?": "Price"})
        await aino.types("@kahvi hello")
        await until(lambda: heard)
        assert (await aino.sees())[0]["text"] == "Brewing mrr"
        assert answer == {"ok": False, "errors": {"note": "Say more"}}
    finally:
        await asyncio.to_thread(handler.close)
    await until(lambda: threading.active_count() < 50)


async def test_the_sync_webhook_client_answers_by_response_url(server: SlackServer, aino: Person) -> None:
    url = server.state.response_urls.issue("U00000001", "C00000002")

    sent = await asyncio.to_thread(WebhookClient(url).send, text="later", response_type="in_channel")

    assert (sent.status_code, sent.body) == (200, "ok")
    assert (await aino.last())["text"] == "later"
