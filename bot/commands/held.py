"""`kahvi export`: all that is stored about one account."""

from bot import parts
from bot.accounts.export import as_json
from bot.accounts.search import look_up
from bot.errors import KahviError
from bot.settings import Settings

NEAR = 3

NEAR = 3


def export(settings: Settings, account: str) -> str:
    """The account that is named by its id, its name or an address, as JSON; KahviError where it is not clear."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            found = look_up(session, account)
            if found.one:
                return as_json(session, found.one.id)
    finally:
        database.close()
    near = ", ".join(f"{one.id} ({one.name})" for one in found.matches[:NEAR])
    hint = f"did you mean {near}?" if near else "write its id."
    raise KahviError(f'"{account[:80]}" is not clearly one account; {hint}')
