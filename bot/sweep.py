"""What is swept out once a day: traces of work that nobody asks for any more."""

from datetime import datetime, timedelta

from bot.slack import outcomes
from storage import exit_forms, inbox, ledger, slots
from storage.engine import Database

DRAFTS = timedelta(days=90)  # for which what was typed and not saved is kept


async def fill_up(database: Database) -> None:
    """Fill in what replicas of the release before did not know to write, while both ran."""
    if await database.read(ledger.lacks_cohorts):
        await database.write(ledger.fill_cohorts)


async def sweep(database: Database, now: datetime) -> None:
    """Forget deliveries, turns and doubts of long ago, some at a time: others want to write meanwhile."""
    while await database.write(inbox.forget, now):
        pass
    await database.write(slots.forget_turns, now)
    await database.write(outcomes.let_go_old, now)
    await database.write(exit_forms.forget, now - DRAFTS)
    await fill_up(database)
