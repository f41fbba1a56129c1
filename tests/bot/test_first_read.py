"""The first read of a source leaves room for the bot that runs beside it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot.ledger import LedgerMaker, Made
from bot.sources.base import Page
from bot.sync import Sync
from storage import ledger, syncs
from storage.engine import Database
from tests.bot.test_ledger import NOW, RULES, company
from tests.quiet_source import QuietSource


class OneShelf(QuietSource):
    """A source that gives everything at once."""

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        yield Page("everything", company(30), "end")


async def test_others_can_write_while_the_first_ledger_is_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = LedgerMaker.make

    def make_and_write(self: LedgerMaker, session: Any, account_ids: Sequence[str]) -> Made:
        with database.writing() as other:
            syncs.note(other, "another", objects=1)
        return make(self, session, account_ids)

    monkeypatch.setattr(LedgerMaker, "make", make_and_write)
    await Sync(database, OneShelf(), RULES, lambda: NOW).run()

    with database.reading() as session:
        assert syncs.state(session, "another").objects == 1
        assert syncs.state(session, "test").completed_at == NOW
        assert ledger.first_day(session)
