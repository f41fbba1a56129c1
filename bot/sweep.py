"""What is swept out once a day: traces of work that nobody asks for any more, and what was kept long enough."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.erasing import erase_account
from bot.errors import CannotErase, SourceBusy
from bot.retention import Kind
from bot.slack import outcomes
from storage import alert_cards, exit_forms, inbox, ledger, old, slots
from storage.engine import Database

log = structlog.get_logger()

DRAFTS = timedelta(days=90)  # for which what was typed and not saved is kept
AT_ONCE = 50  # customers that are erased on one day: each looks through all that was written
BY = "KAHVI_KEEP"  # who erased what was kept long enough
FORGETS: Mapping[Kind, Callable[[Session, datetime], int]] = {
    Kind.MESSAGES: old.forget_messages,
    Kind.AUDIT: old.forget_looks,
    Kind.SIGNALS: old.forget_signals,
}


async def fill_up(database: Database) -> None:
    """Fill in what replicas of the release before did not know to write, while both ran."""
    if await database.read(ledger.lacks_cohorts):
        await database.write(ledger.fill_cohorts)
    if await database.read(alert_cards.lacks_cards):
        await database.write(alert_cards.fill_cards)


async def sweep(database: Database, now: datetime) -> None:
    """Forget deliveries, turns and doubts of long ago, some at a time: others want to write meanwhile."""
    while await database.write(inbox.forget, now):
        pass
    await database.write(slots.forget_turns, now)
    await database.write(outcomes.let_go_old, now)
    await database.write(exit_forms.forget, now - DRAFTS)
    await fill_up(database)


async def let_go(database: Database, source: str, ends: Mapping[Kind, datetime], now: datetime) -> None:
    """Let go of what is older than the instant that its kind has here; a kind without one is kept for ever."""
    for kind, forget in FORGETS.items():
        while kind in ends and await database.write(forget, ends[kind]) > 0:
            pass
    if before := ends.get(Kind.NOTES):
        await database.write(old.empty_notes, before)
    if before := ends.get(Kind.LEFT):
        await _erase_left(database, source, before, now)


async def _erase_left(database: Database, source: str, before: datetime, now: datetime) -> None:
    for account_id in await database.read(old.left_before, before, AT_ONCE):
        try:
            await database.write(erase_account, source, account_id, BY, now)
        except SourceBusy:
            return  # it is read just now; the next day is soon enough
        except CannotErase as error:
            log.warning("a customer that left long ago cannot be erased", reason=str(error))
