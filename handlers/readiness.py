"""Whether there is anything true to show yet."""

from bot.services import Services
from bot.telling.told import counted
from storage import syncs


async def not_ready(services: Services) -> str | None:
    """What to say instead of figures while the first full read is under way; None once it is whole."""
    state = await services.database.read(syncs.state, services.source.name)
    if state.completed_at is not None:
        return None
    if state.failing:
        return "I could not read your billing source yet. `kahvi doctor` says why; I go on trying."
    so_far = counted(state.objects, "object")
    return f"Reading your billing history: {so_far} so far. Please ask again in a few minutes."
