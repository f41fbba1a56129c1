"""The command: shows progress, prints one URL, and waits; or walks the whole story by itself and reports."""

import asyncio
import logging
import signal
import socket
from collections.abc import Coroutine
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from bot import log
from bot.demo.check import walk
from bot.demo.servers import DIGEST_CHANNEL, Stage, staged
from bot.errors import KahviError
from bot.playground.slack.client import Refused, Unseen
from bot.sync import Progress as Read

USUAL_PORT = 7373  # a page that a reader may bookmark


def main(*, check: bool, keep: bool, port: int | None) -> int:
    """Run the demo; the exit code."""
    log.configure("console", logging.WARNING)
    console = Console(highlight=False, soft_wrap=True)
    return asyncio.run(_until_interrupted(_run(console, check=check, keep=keep, port=port)))


async def _until_interrupted(work: Coroutine[Any, Any, int]) -> int:
    """The exit code of the work, or 0 when SIGINT or SIGTERM ends it.

    Handled here and not by KeyboardInterrupt: a background job of a shell starts with SIGINT ignored.
    """
    running = asyncio.create_task(work)
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        return 0


async def _run(console: Console, *, check: bool, keep: bool, port: int | None) -> int:
    chosen = (0 if check and not keep else _free(USUAL_PORT)) if port is None else port
    if _free(chosen) != chosen:
        raise KahviError(f"Port {chosen} is taken or not yours to use; name another one, or leave --port out.")
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        console=console,
    ) as bar:
        step = bar.add_task("", total=None, count="")

        def told(text: str) -> None:
            bar.update(step, description=text, count="")

        def watch(read: Read) -> None:
            bar.update(step, total=read.stages, completed=read.number, count=f"{read.stage}, {read.objects:,} objects")

        async with staged(chosen, told, watch, readable=keep) as stage:
            bar.update(step, description="Ready", total=1, completed=1, count="")
            bar.stop()
            code = await _checked(console, stage) if check else 0
            if not check or keep:
                _addresses(console, stage, full=keep)
                await asyncio.Event().wait()
    return code


async def _checked(console: Console, stage: Stage) -> int:
    try:
        async for seen in walk(stage):
            console.print(f"[green]ok[/]    {seen}")
    except (Refused, Unseen) as error:
        console.print(f"[red]failed[/] {error}")
        return 1
    return 0


def _addresses(console: Console, stage: Stage, *, full: bool) -> None:
    page = f"{stage.slack.url}/#{stage.channels[DIGEST_CHANNEL]}"
    console.print(f"\n  Open [bold]{page}[/] in your browser. Ctrl-C ends the demo.\n")
    if full:
        console.print(f"  Slack Web API   {stage.slack.api_url}")
        console.print(f"  bot token       {stage.slack.bot_token}")
        console.print(f"  Stripe API      {stage.stripe.url}")
        console.print(f"  Stripe key      {stage.stripe.api_key}")
        for name, own in stage.channels.items():
            console.print(f"  channel         #{name} {own}")


def _free(port: int) -> int:
    """The port if nobody listens there, else 0 for any."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
