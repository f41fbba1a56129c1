"""Run the local Slack alone: `python -m bot.playground.slack --port 3900`."""

import argparse
import asyncio

from bot.playground.slack import CommandSeed, SlackConfig, SlackServer
from bot.playground.stopping import stop_asked

COMMANDS = (
    CommandSeed(command="/coffee", description="Coffee stats", usage_hint="[metric] [period] [by ...]"),
    CommandSeed(command="/account", description="One account's story", usage_hint="[name]"),
)


async def serve(port: int) -> None:
    stopping = stop_asked()
    server = SlackServer(SlackConfig(commands=COMMANDS))
    await server.start(port)
    lines = {
        "page": server.url,
        "API": server.api_url,
        "bot token": server.bot_token,
        "app token": server.app_token,
    }
    for name, value in lines.items():
        print(f"{name:>9}  {value}", flush=True)  # noqa: T201 - this is the command's answer
    await stopping.wait()
    await server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.playground.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
