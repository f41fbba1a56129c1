"""python -m bot.playground.slack --port 3900"""

import asyncio

import click

from bot.playground.alone import listening, stop_asked
from bot.playground.slack import CommandSeed, SlackConfig, SlackServer

COMMANDS = (
    CommandSeed(command="/coffee", description="Coffee stats", usage_hint="[metric] [period] [by ...]"),
    CommandSeed(command="/account", description="One account's story", usage_hint="[name]"),
)


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, show_default="chosen by the system")
def main(port: int) -> None:
    """Serve an empty Slack workspace on 127.0.0.1 until interrupted."""
    asyncio.run(_serve(port))


async def _serve(port: int) -> None:
    stopping = stop_asked()
    server = SlackServer(SlackConfig(commands=COMMANDS))
    with listening(port):
        await server.start(port)
    lines = {
        "page": server.url,
        "API": server.api_url,
        "bot token": server.bot_token,
        "app token": server.app_token,
    }
    for name, value in lines.items():
        click.echo(f"{name:>9}  {value}")
    await stopping.wait()
    await server.stop()


if __name__ == "__main__":
    main()
