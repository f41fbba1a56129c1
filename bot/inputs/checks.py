"""The lines of `kahvi doctor` about what is told beside billing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlmodel import Session

from bot.clock import Clock
from bot.errors import ImportRejected, SourceRefused
from bot.inputs import names
from bot.inputs.reading import Told
from bot.inputs.refresh import Inputs
from bot.settings import Settings
from bot.sources.base import Check
from bot.sources.csv.columns import SIGNALS
from bot.telling.told import counted
from storage import inbox, signals, spend, syncs, targets
from storage.accounts import search
from storage.engine import Database
from storage.signals import Kept

MOST_NAMED = 20
# Under which the door notes what came of requests.
PUSHED, UNSIGNED, AGAIN = "signals", "signals unsigned", "signals again"
WHY: Mapping[str, str] = {
    UNSIGNED: "not signed with the secret, or signed too long ago",
    AGAIN: "under the Idempotency-Key or the signature of another request",
}


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """When a request was last turned away, and how many were on that day, at the least."""

    at: datetime
    count: int

    def written(self) -> str:
        return f"{self.at.isoformat()} {self.count}"

    @classmethod
    def read(cls, text: str) -> Self:
        """As `written` made it; earlier versions kept no count."""
        at, _, count = text.partition(" ")
        return cls(datetime.fromisoformat(at), int(count or 1))


NEVER = TurnedAway(datetime.min.replace(tzinfo=UTC), 0)


async def checks(settings: Settings, database: Database, clock: Clock) -> list[Check]:
    """What is wrong with each file of the folder, then what is kept; nothing where nothing was ever told."""
    lines: list[Check] = []
    known = await database.read(search.count)
    if settings.csv_folder is not None and known:
        lines += await _files(settings.csv_folder, settings, database, clock)
    return lines + await database.read(_pushed, clock()) + await database.read(_kept)


async def _files(folder: Path, settings: Settings, database: Database, clock: Clock) -> list[Check]:
    try:
        told = await Inputs(database, folder, settings, clock).examine(clock())
    except SourceRefused as error:
        return [Check("files beside billing", ok=False, detail=str(error))]
    except ImportRejected as error:
        return [Check("files beside billing", ok=False, detail=error.problems[0], remedy="Try again in a moment.")]
    return list(_lines(told))


def _lines(told: Told) -> Iterator[Check]:
    problems = told.problems
    for name in problems.by_file:
        left_out = next(words for words in told.left_out if words.endswith(name))
        remedy = "Mend the rows; the others count." if name == SIGNALS.name else "Mend the file."
        yield Check(name, ok=False, detail=f"left out {left_out}; {problems.first(name)}", remedy=remedy)
    for name, count in told.counts.items():
        if not problems.by_file[name]:
            yield Check(name, ok=True, detail="1 row" if count == 1 else f"{count:,} rows")


def _pushed(session: Session, now: datetime) -> list[Check]:
    """What other programs sent to /signals in the last days, where any did."""
    state = syncs.state(session, PUSHED)
    lines = []
    if state.cursor is not None:
        lines.append(_sent([told["answer"] for told in inbox.answers(session, PUSHED)], state.error))
    for name, why in WHY.items():
        noted = syncs.state(session, name).cursor
        found = TurnedAway.read(noted) if noted else NEVER
        if found.at > now - inbox.KEPT:
            requests = counted(found.count, "request was", "requests were")
            detail = f"on {found.at.date()} at least {requests} refused: {why}"
            lines.append(Check("/signals", ok=True, detail=detail))  # anybody may have sent it
    return lines


def _sent(answers: Sequence[Mapping[str, Any]], error: str | None) -> Check:
    kept, refused = sum(one["kept"] for one in answers), [row for one in answers for row in one["refused"]]
    came, days = f"{counted(kept, 'row was', 'rows were')} kept", f"in the last {inbox.KEPT.days} days"
    if not refused:
        return Check("/signals", ok=True, detail=f"{came} {days}, none was refused")
    last = error or f"such as {refused[-1]['field'] or 'a row that'} {refused[-1]['reason']}"
    detail = f"{came} and {len(refused):,} refused {days}: {last}"
    return Check(
        "/signals", ok=False, detail=detail, remedy="Mend what sends them; the answer to each request names its rows."
    )


def _kept(session: Session) -> list[Check]:
    found = signals.kept(session)
    plans = [(len(spend.every(session)), "spend"), (len(targets.every(session)), "targets")]
    told = [f"{count:,} of {what}" for count, what in plans if count]
    if not found and not told:
        return []
    return [Check("beside billing", ok=True, detail=f"kept {', '.join([*_named(found), *told])}")]


def _named(found: Sequence[Kept]) -> Iterator[str]:
    for one in found[:MOST_NAMED]:
        yield f"{one.count:,} of {one.name}{_hint(one.name)}"
    if len(found) > MOST_NAMED:
        yield f"{len(found) - MOST_NAMED:,} other names"


def _hint(name: str) -> str:
    if names.has_meaning(name):
        return ""
    near = names.like(name)
    return " (not a known name: " + (f"is it {near}?)" if near else "shown, never counted)")
