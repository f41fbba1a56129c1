"""The least a Bolt app can do: acknowledge, in Bolt's fastest mode, over Socket Mode."""

import asyncio
import os

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def acknowledge(ack: AsyncAck) -> None:
    await ack()


async def main() -> None:
    token, base_url = os.environ["SLACK_BOT_TOKEN"], os.environ["KAHVI_SLACK_BASE_URL"]
    client = AsyncWebClient(token=token, base_url=base_url)
    client.proxy = None
    app = AsyncApp(client=client, process_before_response=True)
    for command in ("/coffee", "/account", "/exit-interview"):
        app.command(command)(acknowledge)
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    handler.client.proxy = None
    await handler.connect_async()  # Bolt's is bare
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
