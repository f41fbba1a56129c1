"""Keeps what is told in files beside billing as fresh as the files are."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog
from sqlmodel import Session

from bot.clock import Clock, local_day
from bot.errors import InputsRefused, KahviError
from bot.figures import segments
from bot.inputs import rules
from bot.inputs.keeping import keep
from bot.inputs.reading import Told, read
from bot.inputs.rules import Terms
from bot.settings import Settings
from bot.sources.csv.columns import INPUTS
from bot.sources.csv.reading import fingerprint
from storage import spend, syncs, targets
from storage.accounts import search
from storage.engine import Database
from storage.inputs import Target

log = structlog.get_logger()

NAME = "inputs"  # under which the state of the reading is noted
ORIGIN = "csv"
READER = 2  # raise it when the same files say something else, so that they are read again
PORTION = 5_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Rows by file, none where nothing had changed; what is wrong, a line each, and what was left out for it."""

    counts: Mapping[str, int]
    problems: Sequence[str] = ()
    left_out: Sequence[str] = ()

    def demand_sound(self) -> None:
        """Raise InputsRefused when anything was left out."""
        if self.left_out:
            raise InputsRefused(self.problems, self.left_out)


class Inputs:
    """The files beside billing of one folder, kept in one database."""

    def __init__(self, database: Database, folder: Path, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._folder = folder
        self._settings = settings
        self._clock = clock

    async def keep_fresh(self) -> None:
        """Refresh, and only log what goes wrong: billing goes on without."""
        try:
            done = await self.refresh()
        except KahviError as error:
            log.warning("what is told beside billing could not be read", reason=str(error))
        except Exception:
            log.exception("what is told beside billing could not be read; it is tried again")
        else:
            if done.left_out:
                log.warning("rows were left out", of=done.left_out, first=done.problems[0])

    async def refresh(self, *, again: bool = False) -> Refreshed:
        """Read the files when they differ from the last time, and keep what is sound of them.

        `again`: read them too when rows were left out then and nothing has changed since, so that it is told.
        """
        now = self._clock()
        version = await asyncio.to_thread(self._version)
        state = await self._database.read(syncs.state, NAME)
        known = await self._database.read(search.count)
        # Rows that were left out may be right tomorrow, or once their account is known.
        lacking = f"{version} {local_day(now, self._settings.timezone)} {known}"
        if state.cursor == version or (state.cursor == lacking and not again):
            return Refreshed({})
        told = await self.examine(now)
        for start in range(0, len(told.signals), PORTION):
            await self._database.write(keep, told.signals[start : start + PORTION], now)
        await self._database.write(_replace, told, Terms(self._settings.timezone, self._settings.currency, now))
        problems = told.problems.lines()
        await self._database.write(
            syncs.note,
            NAME,
            cursor=lacking if problems else version,
            error=problems[0] if problems else None,
        )
        return Refreshed(told.counts, problems, told.left_out)

    async def examine(self, now: datetime) -> Told:
        """What the files say now; nothing is kept."""
        accounts = await self._database.read(search.all_ids)
        dimensions = await self._database.read(segments.names)
        terms = Terms(self._settings.timezone, self._settings.currency, now)
        return await asyncio.to_thread(read, self._folder, terms, accounts, dimensions)

    def _version(self) -> str:
        settings = self._settings
        digest = fingerprint(self._folder, INPUTS)
        return f"{READER}:{settings.timezone.key}:{settings.currency}:{digest}"


def _replace(session: Session, told: Told, terms: Terms) -> None:
    if told.spend is not None:
        spend.replace(session, ORIGIN, told.spend, terms.now)
    if told.targets is not None:
        targets.replace(session, ORIGIN, [_in_labels(session, one, terms) for one in told.targets], terms.now)


def _in_labels(session: Session, one: Target, terms: Terms) -> Target:
    """The target with its segment as it is kept; as it was written where nobody is in it yet."""
    try:
        return replace(one, segment=rules.segment_of(session, one.segment, terms)) if one.segment else one
    except ValueError:
        return one
