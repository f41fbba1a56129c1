"""What commands show in the terminal: progress of a read, and a digest."""

import os
import shlex
import sys
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from pathlib import Path

from rich.progress import Progress

from bot import parts, sources
from bot.clock import local_day, utc_now
from bot.commands.progress import progress_bar
from bot.digest.outgoing import Coffee
from bot.errors import KahviError
from bot.inputs.reading import is_billing
from bot.inputs.refresh import Inputs, Refreshed
from bot.messages.digest import plain_text
from bot.settings import Settings
from bot.sources.base import BillingSource
from bot.sources.csv import CsvSource
from bot.sources.csv.columns import INPUTS
from bot.sync import Progress as Read
from bot.sync import Watch, unwatched
from storage import channels, syncs
from storage.syncs import SyncState

NOUNS = {"spend.csv": ("amount spent", "amounts spent")}


async def sync(settings: Settings, *, full: bool, quiet: bool) -> None:
    """Bring the billing data up to date; `quiet` without a progress bar."""
    await _read(settings, sources.build(settings, utc_now), full=full, quiet=quiet)


async def import_folder(settings: Settings, folder: Path) -> tuple[str, Refreshed]:
    """Read a folder of CSV files, whatever the source of the settings: what was read, in a sentence, and what not.

    A folder without any file of billing is read for what is told beside it.
    """
    counts: dict[str, int] = {}
    if is_billing(folder) or not any((folder / file.name).exists() for file in INPUTS):
        source = CsvSource(folder, zone=settings.timezone)
        wanted = settings.model_copy(update={"source": source.name, "csv_folder": folder})
        await _read(wanted, source, full=False, quiet=False)
        counts |= source.counts
    beside = await read_inputs(settings, folder)
    return _imported({**counts, **beside.counts}), beside


async def read_inputs(settings: Settings, folder: Path) -> Refreshed:
    """Read what a folder tells beside billing; what was wrong the last time is told again."""
    database = parts.open_database(settings)
    try:
        return await Inputs(database, folder, settings, utc_now).refresh(again=True)
    finally:
        database.close()


def not_set(settings: Settings, folder: Path) -> str:
    """What to set so that every command reads this folder; empty when it is set."""
    named = settings.csv_folder
    as_source = is_billing(folder)
    if (settings.source == "csv" or not as_source) and named is not None and named.resolve() == folder.resolve():
        return ""
    return (
        "The settings do not name this folder. So that run, digest and doctor use it, set "
        + ("KAHVI_SOURCE=csv and " if as_source else "")
        + f"KAHVI_CSV_FOLDER={shlex.quote(str(folder.resolve()))}"
    )


def _imported(counts: Mapping[str, int]) -> str:
    if not counts:
        return "Nothing to import: the files are as they were at the last import."
    return f"Imported {', '.join(_counted(name, count) for name, count in counts.items())}."


def _counted(file: str, count: int) -> str:
    rows = Path(file).stem.replace("_", " ")
    one, many = NOUNS.get(file, (rows.removesuffix("s"), rows))
    return f"{count:,} {one if count == 1 else many}"


async def _read(settings: Settings, source: BillingSource, *, full: bool, quiet: bool) -> None:
    database = parts.open_database(settings)
    try:
        work = parts.build_sync(settings, database, source, utc_now)
        with nullcontext() if quiet else progress_bar("{task.fields[objects]:,} objects") as bar:
            await work.run(unwatched if bar is None else _shown(bar), full=full)
    finally:
        await source.aclose()
        database.close()


def digest(settings: Settings, channel_id: str | None, day: date | None) -> str:
    """The digest as text: of today in the channel's zone, or of another day; KahviError before a first read."""
    database = parts.open_database(settings)
    now = utc_now()
    try:
        with database.reading() as session:
            channel = channels.find(session, channel_id) if channel_id else None
            if channel_id and channel is None:
                raise KahviError(f"{channel_id} was not set up; type /coffee here in that channel.")
            _demand_data(settings, syncs.state(session, settings.source))
            zone = channel.zone if channel else settings.timezone
            coffee = Coffee(settings, settings.source)
            return plain_text(coffee.digest(session, channel, now, day or local_day(now, zone)))
    finally:
        database.close()


def _demand_data(settings: Settings, state: SyncState) -> None:
    """Raise KahviError while nothing was ever read: there is nothing to wait for until somebody reads."""
    if state.completed_at or state.cursor:
        return
    error = [f"The latest attempt failed: {state.error}"] if state.error else []
    raise KahviError("\n".join(["Nothing has been read yet; run kahvi sync.", *settings.need_source(), *error]))


def end_with_parent() -> None:
    """End this process when its standard input ends: the bot that started it is gone."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os._exit(1)  # what was stored is whole; the next read goes on from there

    threading.Thread(target=watch, daemon=True).start()


def _shown(bar: Progress) -> Watch:
    row = bar.add_task("Reading billing data", total=None, objects=0)

    def show(read: Read) -> None:
        words = f"Reading {read.stage.replace('_', ' ')}"
        bar.update(row, description=words, total=read.stages, completed=read.number, objects=read.objects)

    return show
