"""A local Slack for the proofs: `python -m tests.chaos.slack_server CHANNELS [--history]`; ends with its parent."""

import asyncio
import json
import sys

from bot.playground.slack import ChannelSeed, SlackConfig, SlackServer

SCOPES = ("chat:write", "commands", "channels:read", "users:read")
HISTORY = ("channels:history", "im:history")


async def serve(channels: int, scopes: tuple[str, ...]) -> None:
    seeds = tuple(ChannelSeed(name=f"cs-{number}", bot_is_member=True) for number in range(channels))
    server = SlackServer(SlackConfig(channels=seeds, scopes=scopes))
    await server.start()
    reached = {"url": server.url, "api_url": server.api_url}
    print(json.dumps(reached | {"bot_token": server.bot_token, "app_token": server.app_token}), flush=True)  # noqa: T201 - the answer
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), SCOPES + (HISTORY if "--history" in sys.argv else ())))
