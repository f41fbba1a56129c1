"""A whole ledger that is not in force yet: it takes the place of the old one at once, or not at all.

It is kept in a file without a name, so that making it needs neither the database's lock nor memory, and a kill leaves
nothing behind.
"""

import pickle
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from sqlmodel import Session

from bot.ledger import Made
from storage import ledger


class NewLedger:
    """The ledger in portions, gone when it is closed."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._portions = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, made: Made) -> None:
        pickle.dump(made, self._file, pickle.HIGHEST_PROTOCOL)
        self._portions += 1

    def replace(self, session: Session, now: datetime) -> None:
        """Put it in the place of the ledger in force."""
        ledger.clear(session)
        for made in self._read():
            made.store(session, now)

    def _read(self) -> Iterator[Made]:
        self._file.seek(0)
        for _ in range(self._portions):
            yield pickle.load(self._file)  # noqa: S301 - written above, and nobody else can open it
