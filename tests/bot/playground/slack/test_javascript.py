"""Slack's clients in JavaScript work too: left out where they are not installed."""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control

APP = Path(__file__).parent / "javascript" / "bolt.cjs"
MODULES = os.environ.get("KAHVI_NODE_MODULES", "")
needs_bolt = pytest.mark.skipif(
    not (shutil.which("node") and (Path(MODULES or "/nowhere") / "@slack" / "bolt").is_dir()),
    reason="needs node, and KAHVI_NODE_MODULES naming a node_modules where `npm i @slack/bolt` was run",
)


@needs_bolt
async def test_bolt_in_javascript_connects_answers_and_posts(server: SlackServer) -> None:
    arguments = (str(APP), MODULES, server.api_url, server.bot_token, server.app_token)
    process = await asyncio.create_subprocess_exec("node", *arguments, stdout=PIPE)
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
