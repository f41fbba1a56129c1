"""Slack's clients in JavaScript work too: left out where they are not installed."""

import asyncio
import json
from asyncio.subprocess import PIPE
from pathlib import Path

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control
from bot.playground.slack.faults.faults import Fault
from tests.bot.playground.slack.node import MODULES, NODE, needs

SCRIPTS = Path(__file__).parent / "javascript"


@needs("@slack/bolt")
async def test_bolt_in_javascript_connects_answers_and_posts(server: SlackServer) -> None:
    arguments = (str(SCRIPTS / "bolt.cjs"), str(MODULES), server.api_url, server.bot_token, server.app_token)
    process = await asyncio.create_subprocess_exec(NODE, *arguments, stdout=PIPE)
    assert process.stdout is not None
    try:
        assert json.loads(await process.stdout.readline()) == {"ready": True}
        async with Control(server.url) as slack:
            aino = slack.person("aino", "#cs")
            await aino.types("/coffee mrr")
            assert json.loads(await process.stdout.readline()) == {"heard": "mrr"}
            ts = await aino.types("@kahvi hello")
            assert json.loads(await process.stdout.readline()) == {"posted": True}
            assert (await aino.sees())[0]["text"] == "Brewing mrr"
            assert (await aino.last(ts))["text"] == "I am here"
    finally:
        process.kill()
        await process.wait()


@needs("@slack/web-api")
async def test_the_web_api_client_pages_posts_uploads_and_is_refused_by_name(server: SlackServer) -> None:
    async with Control(server.url) as slack:
        await slack.scopes(*server.state.config.scopes, "files:write")
        await slack.fault(Fault("users.info", "429", retry_after=1))
    arguments = (str(SCRIPTS / "web_api.cjs"), str(MODULES), server.api_url, server.bot_token)
    process = await asyncio.create_subprocess_exec(NODE, *arguments, stdout=PIPE)
    assert process.stdout is not None
    try:
        told = json.loads(await process.stdout.readline())
    finally:
        await process.wait()

    assert told["bot"] == server.state.config.bot_user_id
    assert "cs" in told["channels"]
    assert (told["files"], told["refused"], told["limited"]) == (1, "channel_not_found", True)
    assert "b" in told["texts"]
