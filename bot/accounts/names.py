"""The index of all accounts that look-ups ask, kept as new as the database.

It is made when a search first needs it, or after a read of the source; later only what changed is taken in.
"""

import asyncio

from sqlmodel import Session

from bot.accounts.index import Index
from storage.accounts import names
from storage.accounts.search import all_ids
from storage.engine import Database


class Names:
    """One index for all who search, in whatever thread."""

    def __init__(self) -> None:
        self._index: Index | None = None
        self._settled = 0  # the change up to which the index knows all
        self._refreshing = asyncio.Lock()

    async def refreshed(self, database: Database) -> Index:
        """The index, with all that was committed before; of 100,000 accounts its making takes some seconds."""
        async with self._refreshing:
            now = await database.read(names.mark)
            if self._index is None or now.no != self._settled:
                await database.read(self._bring_up)
            if now.settled:
                self._settled = now.no
            return self._index or Index()

    def _bring_up(self, session: Session) -> None:
        """Set here, in the thread, so that the work is not lost when who asked has no more patience."""
        index = self._index
        if index is None or index.worn:
            self._index = Index(names.every(session))
            return
        for entry in names.changed_since(session, self._settled):
            index.put(entry)
        if names.has_lost_since(session, self._settled):
            index.keep_only(all_ids(session))
