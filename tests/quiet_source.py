"""A billing source that has nothing to tell: what a source of a test's own begins with."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from bot.sources.base import Changes, Check, Page


class QuietSource:
    name = "test"
    stages: Sequence[str] = ("everything",)

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        yield Page("everything", (), cursor or "changes")

    async def changes(self, cursor: str) -> Changes | None:
        return Changes((), cursor)

    async def confirm(self, cursor: str | None) -> None: ...

    async def check(self) -> Sequence[Check]:
        return ()

    def read_until(self, cursor: str) -> datetime | None:
        return None

    def account_url(self, account_id: str) -> str | None:
        return None

    async def aclose(self) -> None: ...
