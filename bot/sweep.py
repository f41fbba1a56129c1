"""What is swept out once a day: traces of work that nobody asks for any more."""

from datetime import datetime

from bot.slack import outcomes
from storage import inbox, slots
from storage.engine import Database


async def sweep(database: Database, now: datetime) -> None:
    """Forget deliveries, turns and doubts of long ago, some at a time: others want to write meanwhile."""
    while await database.write(inbox.forget, now):
        pass
    await database.write(slots.forget_turns, now)
    await database.write(outcomes.let_go_old, now)
