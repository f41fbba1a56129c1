"""The names of all accounts, kept in memory for those that were misspelt.

Both engines find what a name contains, but only by their own extensions what it resembles; so names are compared
here, by rapidfuzz, which takes some tens of milliseconds for 100,000 of them. They are read when a search first
needs them, and later only those that a sync has read since.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from rapidfuzz import fuzz, process
from sqlmodel import Session

from bot.accounts.query import squeezed
from storage.accounts.search import Stamp, names_read_since, stamp
from storage.engine import Database

PORTION = 2000  # names compared before other threads get their turn: acks to Slack must not wait
CANDIDATES = 200
ROUGH_CUT = 50.0
LATE_COMMITS = timedelta(minutes=5)  # a transaction may become visible after one that was begun later


class Names:
    """Squeezed names by account id."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._stamp = Stamp(0, None)
        self._refreshing = asyncio.Lock()

    async def like(self, database: Database, text: str, limit: int) -> list[tuple[str, float]]:
        """The accounts with the names most like a text: ids with a likeness of 0 to 100, best first."""
        async with self._refreshing:
            self._names, self._stamp = await database.read(self._refreshed)
        return await asyncio.to_thread(most_like, self._names, squeezed(text), limit)

    def _refreshed(self, session: Session) -> tuple[dict[str, str], Stamp]:
        now = stamp(session)
        if now == self._stamp:
            return self._names, now
        since = self._stamp.read_at - LATE_COMMITS if self._stamp.read_at else None
        fresh = {id_: squeezed(name) for id_, name in names_read_since(session, since)}
        return {**self._names, **fresh}, now


def most_like(names: dict[str, str], text: str, limit: int) -> list[tuple[str, float]]:
    """Ids of squeezed names with their likeness to a squeezed text."""
    if not text:
        return []
    rough = [
        (score, id_)
        for portion in _portions(names)
        for _, score, id_ in process.extract(
            text, portion, scorer=fuzz.WRatio, limit=CANDIDATES, score_cutoff=ROUGH_CUT, processor=None
        )
    ]
    best = sorted(rough, reverse=True)[:CANDIDATES]
    fine = sorted(((likeness(text, names[id_]), id_) for _, id_ in best), key=lambda found: (-found[0], found[1]))
    return [(id_, score) for score, id_ in fine[:limit]]


def likeness(text: str, name: str) -> float:
    """How alike two squeezed names are, 0 to 100: as wholes without spaces, or word by word in any order."""
    whole = fuzz.ratio(text.replace(" ", ""), name.replace(" ", ""))
    words = name.split()
    best = [max((_word(typed, word) for word in words), default=0.0) for typed in text.split()]
    return max(whole, 0.97 * sum(best) / len(best) if best else 0.0)


def _word(typed: str, word: str) -> float:
    """A typed word against one of a name, or against its beginning."""
    return max(fuzz.ratio(typed, word), 0.95 * fuzz.ratio(typed, word[: len(typed)]))


def _portions(names: dict[str, str]) -> Iterator[dict[str, str]]:
    rest = iter(names.items())
    while portion := dict(islice(rest, PORTION)):
        yield portion
