"""What commands show in the terminal: progress of a read, and a digest."""

import os
import sys
import threading
from contextlib import nullcontext
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot import foundation, sources
from bot.clock import local_day, utc_now
from bot.coffee import Coffee
from bot.errors import KahviError
from bot.messages.digest import plain_text
from bot.settings import Settings
from bot.sync import Progress as Read
from bot.sync import Watch, unwatched
from storage import channels


async def sync(settings: Settings, *, full: bool, quiet: bool) -> None:
    """Bring the billing data up to date; `quiet` without a progress bar."""
    source = sources.build(settings, utc_now)
    database = foundation.open_database(settings)
    try:
        work = foundation.build_sync(settings, database, source, utc_now)
        with nullcontext() if quiet else _bar() as bar:
            await work.run(unwatched if bar is None else _shown(bar), full=full)
    finally:
        await source.aclose()
        database.close()


def digest(settings: Settings, channel_id: str | None, day: date | None) -> str:
    """The digest as text: of today in the channel's zone, or of another day."""
    database = foundation.open_database(settings)
    now = utc_now()
    try:
        with database.reading() as session:
            channel = channels.find(session, channel_id) if channel_id else None
            if channel_id and channel is None:
                raise KahviError(f"{channel_id} was not set up; type /coffee here in that channel.")
            zone = channel.zone if channel else settings.timezone
            coffee = Coffee(settings, settings.source)
            return plain_text(coffee.digest(session, channel, now, day or local_day(now, zone)))
    finally:
        database.close()


def end_with_parent() -> None:
    """End this process when its standard input ends: the bot that started it is gone."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os._exit(1)  # what was stored is whole; the next read goes on from there

    threading.Thread(target=watch, daemon=True).start()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[objects]:,} objects"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


def _shown(bar: Progress) -> Watch:
    row = bar.add_task("Reading billing data", total=None, objects=0)

    def show(read: Read) -> None:
        words = f"Reading {read.stage.replace('_', ' ')}"
        bar.update(row, description=words, total=read.stages, completed=read.number, objects=read.objects)

    return show
