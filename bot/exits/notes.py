"""Keeping what a leaving customer said."""

from bot.access import Action, Asker, allow
from bot.services import Services
from storage import exit_notes
from storage.exit_notes import ExitNote


async def keep(services: Services, who: Asker, note: ExitNote) -> None:
    """Store a note; one with the same id is replaced, so the same form sent again is one note. Raises Denied."""
    await allow(services, who, Action.LOG_EXIT, note.account_id)
    await services.database.write(exit_notes.save, note)
