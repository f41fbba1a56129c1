import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import Clock, local_day, utc_now
from bot.errors import ImportRejected, SourceRefused
from bot.sources.base import Changes, Check, Page
from bot.sources.csv.columns import FILES, SUBSCRIPTIONS
from bot.sources.csv.prices import SOURCE
from bot.sources.csv.reading import STAGES, Reading, examine, fingerprint

PAGE = 1_000
READER = 1  # raise it when the same files give other facts, so that they are read again
RESTARTED = "restarted"


class CsvSource:
    """A folder of CSV files, read whole whenever it differs; reading raises ImportRejected, or SourceRefused."""

    name = SOURCE
    stages: Sequence[str] = STAGES

    def __init__(self, folder: Path, *, zone: ZoneInfo, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._zone = zone
        self._clock = clock
        self.counts: Mapping[str, int] = {}  # rows by file, of the latest read; empty before one

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        """Everything, file by file; cursors on the way are "<fingerprint> <pages stored>"."""
        before = await self._cursor()
        facts = (await self._examine()).sound()
        pages = [
            (stage, facts[stage][start : start + PAGE])
            for stage in STAGES
            for start in range(0, len(facts[stage]), PAGE)
        ]
        seen, _, stored = (cursor or before).partition(" ")
        # Facts of files that have since changed may be stored: a cursor that fits nothing makes `changes` give a
        # snapshot, which clears them away.
        last = before if seen == before else RESTARTED
        done = int(stored) if stored and seen == before else 0
        for number, (stage, part) in enumerate(pages[:-1], 1):
            if number > done:
                yield Page(stage, part, f"{before} {number}")
        stage, part = pages[-1]
        yield Page(stage, part, last)

    async def changes(self, cursor: str) -> Changes:
        now = await self._cursor()
        if cursor == now:
            return Changes((), cursor)
        facts = (await self._examine()).sound()
        return Changes([fact for stage in STAGES for fact in facts[stage]], now, snapshot=True)

    async def confirm(self, _cursor: str | None) -> None:
        """A folder is what it is: other files in it are a change like any other."""

    async def check(self) -> Sequence[Check]:
        """A line for each file that is there or must be, and one for those that are not there."""
        try:
            reading = await self._examine()
        except SourceRefused as error:
            return [Check("CSV folder", ok=False, detail=str(error))]
        except ImportRejected as error:
            return [Check("CSV folder", ok=False, detail=error.problems[0], remedy="Try again in a moment.")]
        problems = reading.problems
        lines = [
            Check(name, ok=False, detail=problems.first(name), remedy="Mend the file; what is stored stays as it is.")
            for name in problems.by_file
        ]
        sound = [name for name in reading.counts if not problems.by_file[name]]
        lines += [Check(name, ok=True, detail=_rows(reading.counts[name])) for name in sound]
        absent = [file.name for file in FILES if file.name not in reading.counts and not problems.by_file[file.name]]
        return lines + ([Check("not provided", ok=True, detail=", ".join(absent))] if absent else [])

    def read_until(self, cursor: str) -> datetime | None:  # noqa: ARG002 - files tell nothing of when they changed
        return None

    def account_url(self, account_id: str) -> str | None:  # noqa: ARG002 - a folder of files has no pages
        return None

    async def aclose(self) -> None:
        """Nothing stays open between reads."""

    async def _examine(self) -> Reading:
        reading = await asyncio.to_thread(examine, self._folder, self._zone, self._clock())
        self.counts = reading.counts
        return reading

    async def _cursor(self) -> str:
        """Differs whenever reading would give other facts: by files, zone, reader, and by day where it counts."""
        digest = await asyncio.to_thread(fingerprint, self._folder)
        parts = [str(READER), self._zone.key, digest]
        if not (self._folder / SUBSCRIPTIONS.name).exists():
            parts.append(local_day(self._clock(), self._zone).isoformat())
        return ":".join(parts)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
