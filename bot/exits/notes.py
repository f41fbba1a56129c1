"""Keeping what a leaving customer said."""

from bot.access import Action, Asker, allow
from bot.messages.exits import Typed
from bot.services import Services
from storage import exit_notes
from storage.exit_notes import ExitNote


async def keep(services: Services, who: Asker, form_id: str, said: Typed) -> None:
    """Store a checked form as a note; the same form sent again is the same note. Raises Denied."""
    await allow(services, who, Action.LOG_EXIT, said.account_id)
    note = ExitNote(form_id, said.account_id, said.reason, said.bring_back, said.note, who.user, services.clock())
    await services.database.write(exit_notes.save, note)
