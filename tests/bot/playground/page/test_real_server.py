"""The page against the real local Slack, and a real Bolt app behind it: all three speak one language."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import CommandSeed, SlackConfig, SlackServer
from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage

Json = dict[str, Any]

NOTE = samples.field("note", {"type": "plain_text_input", "action_id": "t", "multiline": True})


def exit_form(**more: Any) -> Json:
    form = samples.modal(NOTE, callback_id="exit", close=samples.plain("Cancel"), **more)
    return {key: value for key, value in form.items() if key != "id"}


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(commands=(CommandSeed(command="/exit-interview", description="Ask why"),)))
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def client(server: SlackServer) -> AsyncWebClient:
    return AsyncWebClient(token=server.bot_token, base_url=server.api_url, timeout=60)


@pytest_asyncio.fixture(loop_scope="session")
async def app(server: SlackServer, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """A bot with a form that refuses short notes, and a button that edits its own message."""
    app = AsyncApp(client=client, signing_secret="unused", process_before_response=True)

    @app.command("/exit-interview")
    async def ask(ack: Any, command: Json) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=exit_form())

    @app.view("exit")
    async def taken(ack: Any, view: Json, body: Json) -> None:
        note = view["state"]["values"]["note"]["t"]["value"]
        if len(note) < 10:
            await ack(response_action="errors", errors={"note": "Please tell a little more."})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Noted: {note}")

    @app.action("ack")
    async def mine(ack: Any, body: Json) -> None:
        await ack()
        blocks = [samples.section(f"<@{body['user']['id']}> is on it")]
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="On it", blocks=blocks)

    handler = AsyncSocketModeHandler(app, server.app_token)
    await handler.connect_async()
    yield app
    await handler.close_async()


async def opened(open_url: OpenPage, server: SlackServer, channel: str) -> Page:
    page = await open_url(f"{server.url}/#{channel}")
    await page.wait_for_selector(f".sidebar a[aria-current][href='#{channel}']")
    return page


async def test_a_form_from_command_to_answer(server: SlackServer, app: AsyncApp, open_url: OpenPage) -> None:
    page = await opened(open_url, server, "C00000002")
    await page.get_by_label("Message #customer-success").fill("/exit-interview")
    await page.keyboard.press("Enter")

    note = page.get_by_label("Note")
    await note.fill("too dear")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Please tell a little more.")).to_be_visible()
    await note.fill("too dear for a team of three")
    await page.get_by_role("button", name="Save").click()

    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("link", name="1 unread").click()
    await page.get_by_role("link", name="Messages", exact=True).click()
    await expect(page.get_by_text("Noted: too dear for a team of three")).to_be_visible()
    (told,) = server.state.messages.timeline(server.state.workspace.direct_message(server.state.me).id)
    assert told.text == "Noted: too dear for a team of three"


async def test_a_button_edits_its_message(
    server: SlackServer, app: AsyncApp, client: AsyncWebClient, open_url: OpenPage
) -> None:
    page = await opened(open_url, server, "C00000002")
    card = [samples.section("*Acme* is at risk"), samples.actions(samples.button("I'm on it", "ack"))]
    await client.chat_postMessage(channel="C00000002", text="Acme is at risk", blocks=card)

    await page.get_by_role("button", name="I'm on it").click()

    await expect(page.locator(".section")).to_have_text("@Aino Virtanen is on it")
    assert [one.text for one in server.state.messages.timeline("C00000002")] == ["On it"]


async def test_a_command_nobody_answers_says_so_once(server: SlackServer, open_url: OpenPage) -> None:
    page = await opened(open_url, server, "C00000002")
    box = page.get_by_label("Message #customer-success")

    await box.fill("/exit-interview")
    await box.press("Enter")

    await expect(page.locator(".notice")).to_have_count(1)
    await expect(page.locator(".notice")).to_contain_text("dispatch_failed")
    await expect(box).to_have_value("/exit-interview")


async def test_a_digest_arrives_while_the_page_is_open(
    server: SlackServer, client: AsyncWebClient, open_url: OpenPage
) -> None:
    page = await opened(open_url, server, "C00000002")

    await client.chat_postMessage(channel="C00000002", text="Coffee stats", blocks=samples.digest())

    await expect(page.get_by_role("img", name="A line chart: line chart. MRR: Dec 402,100")).to_be_visible()
    await expect(page.locator(".unknown")).to_have_count(0)
